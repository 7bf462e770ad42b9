//! The texts of replies, errors in files of templates, and the proof that each reply fits one segment.

use super::*;

fn values(pairs: &[(&'static str, &str)]) -> Values {
    pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn confirmation() -> Values {
    values(&[
        ("amount", "5.00"),
        ("left", "2"),
        ("number", "049123456"),
        ("balance", "12.50"),
        ("valid_until", "21.01.2027"),
        ("receipt", "ABCDEFGHJK"),
        ("time", "22.11. 17:04"),
    ])
}

/// A usual value of each kind.
fn usual() -> Values {
    let mut usual = confirmation();
    usual.extend(values(&[
        ("bank", "Banka Ekonomike"),
        ("form", "049123456 5"),
        ("keyword", "duotv"),
        ("max", "50.00"),
        ("min", "1.00"),
        ("offered", "1, 2, 3, 5, 10, 20, 40"),
        ("operator", "Vala"),
        ("service", "DuoTV"),
        ("value", "5.000"),
        ("available", "12.50"),
        ("bonus", "0.50"),
        ("bonus_name", "new-year"),
        ("limit", "50.00"),
        ("commission", "0.30"),
        ("count", "12"),
        ("fee", "0.08"),
        ("minutes", "10"),
        ("opens", "23.11. 00:00"),
        ("username", "arben.b"),
    ]));
    usual
}

#[test]
fn every_reply_in_every_language() {
    let templates = Templates::builtin().unwrap();
    for (language, _) in BUILTIN {
        let replies = REPLIES.map(|(key, _)| {
            let text = templates.render(language, key, &usual()).unwrap();
            format!("{key} ({}): {text}", gsm7::septet_count(&text).unwrap())
        });
        insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("replies_{language}"), replies.join("\n"));
        });
    }
}

#[test]
fn every_reply_fits_one_segment_at_its_longest() {
    Templates::builtin().unwrap().prove_one_segment(&longest_values()).unwrap();
}

#[test]
fn a_reply_that_can_be_too_long_is_named() {
    let templates = Templates::builtin().unwrap();
    let mut longest = longest_values();
    longest.insert("bank", "W".repeat(120));
    let too_long = templates.prove_one_segment(&longest).unwrap_err();
    let named: Vec<_> = too_long.iter().map(|reply| (reply.language, reply.key)).collect();
    assert!(named.contains(&("sq", "help")) && named.contains(&("en", "operator_not_offered")), "{named:?}");
    assert!(too_long.iter().all(|reply| reply.septets > 160 && reply.text.contains("WWW")));
}

#[test]
fn a_user_name_that_needs_ucs2_is_not_altered_and_fits_one_segment() {
    let templates = Templates::builtin().unwrap();
    let mut values = usual();
    values.insert("username", "shfrytëzuesi1".to_owned());
    for (language, _) in BUILTIN {
        let text = templates.render(language, "applied_product_wide", &values).unwrap();
        assert!(text.contains("shfrytëzuesi1") && text.encode_utf16().count() <= 70, "{text}");
    }
}

#[test]
fn senders_words_are_clipped_and_readable() {
    let templates = Templates::builtin().unwrap();
    let leftover = |value: &str| {
        let values = values(&[("value", value), ("form", "10")]);
        templates.render("en", "leftover", &values).unwrap()
    };
    let quoted = |text: &str| format!("We did not understand \"{text}\". Please write just this, for example: 10");
    assert_eq!(leftover("faleminderit shumë"), quoted("faleminderit shume"));
    assert_eq!(leftover("хвала 🙏\nти"), quoted("hvala ? ti"));
    assert_eq!(leftover("{{ form }} {{ form }}"), quoted("{{ form }} {.."));
    assert_eq!(leftover("abcdefghijklmnopqrst"), quoted("abcdefghijklmnopqrst"));
    assert_eq!(leftover("abcdefghijklmnopqrstu"), quoted("abcdefghijklmnopqr.."));
    assert_eq!(leftover("€€€€€€€€"), quoted("EUREUREUREUREUREUR.."));
}

#[test]
fn a_value_that_is_not_given_is_an_error() {
    let templates = Templates::builtin().unwrap();
    let error = templates.render("en", "amount_missing", &Values::new()).unwrap_err();
    assert!(matches!(error, RenderError::Value { .. }), "{error}");
    let error = templates.render("en", "no_such_reply", &Values::new()).unwrap_err();
    assert_eq!(error.to_string(), "there is no reply `no_such_reply` in `en`");
    assert!(templates.render("de", "help", &usual()).is_err());
}

#[test]
fn a_file_overrides_some_replies() {
    let mut templates = Templates::builtin().unwrap();
    templates.override_with("sq", "help = 'Dërgoni: {{ form }}'").unwrap();
    assert_eq!(templates.render("sq", "help", &usual()).unwrap(), "Dergoni: 049123456 5");
    assert!(templates.render("sq", "duplicate", &usual()).unwrap().starts_with("Kjo mbushje"));
}

#[test]
fn all_mistakes_of_a_file_are_reported_with_their_lines() {
    let file = "# replies\nhlep = 'x'\nhelp = 'Write {{ from }} to {{ bank }}'\nduplicate = '''\n{{ amount'''\n\
                unreadable = 'Щ {{ form }}'\namount_missing = '{{ form | no_filter }}'\n";
    let errors = Templates::builtin().unwrap().override_with("en", file).unwrap_err();
    let mut messages: Vec<_> = errors.iter().map(ToString::to_string).collect();
    messages.sort_unstable();
    assert_eq!(messages.len(), 5, "{messages:#?}");
    assert_eq!(messages[0], "replies in en, line 2: there is no reply `hlep`");
    assert_eq!(messages[1], "replies in en, line 3, `help`: no value `from`; there are: bank, form");
    assert!(messages[2].starts_with("replies in en, line 4, `duplicate`: "), "{}", messages[2]);
    assert_eq!(messages[3], "replies in en, line 6, `unreadable`: 'Щ' cannot be sent in GSM 7-bit");
    assert!(messages[4].starts_with("replies in en, line 7, `amount_missing`: "), "{}", messages[4]);
}

#[test]
fn a_refused_file_changes_nothing() {
    let mut templates = Templates::builtin().unwrap();
    let before = templates.render("en", "help", &usual()).unwrap();
    assert!(templates.override_with("en", "help = 'Write {{ form }}'\nhlep = 'x'").is_err());
    assert_eq!(templates.render("en", "help", &usual()).unwrap(), before);
}

#[test]
fn what_is_no_file_of_texts_is_refused() {
    let refused = |language: &str, file: &str| {
        let errors = Templates::builtin().unwrap().override_with(language, file).unwrap_err();
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    assert!(refused("en", "\nhelp = 5").starts_with("replies in en, line 2: "), "{}", refused("en", "\nhelp = 5"));
    assert!(refused("en", "help = 'a'\n\nhelp = 'b'").starts_with("replies in en, line 3: "));
    assert_eq!(refused("de", ""), "`de` is not a language of replies; there are sq, sr and en");
}

#[test]
fn a_language_that_lacks_a_reply_is_named() {
    let mut environment = Environment::new();
    environment.add_template("en/help", "x").unwrap();
    let missing: Vec<_> = Templates { environment }.missing("en").collect();
    assert_eq!(missing.len(), REPLIES.len() - 1);
    assert_eq!(missing[0].to_string(), "replies in en: the reply `applied_own` is missing");
}
