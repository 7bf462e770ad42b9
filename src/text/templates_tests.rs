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
        ("kind", "meter"),
        ("account", "04123456784"),
    ]));
    usual
}

#[test]
fn every_reply_in_every_language() {
    let templates = Templates::builtin().unwrap();
    let replies = templates.replies.iter().map(|Reply { key, .. }| {
        let texts = LANGUAGES.map(|language| {
            let text = templates.render(language, key, &usual()).unwrap();
            format!("\n{language} ({}): {text}", gsm7::septet_count(&text).unwrap())
        });
        format!("{key}{}", texts.concat())
    });
    let replies = replies.collect::<Vec<_>>().join("\n\n");
    insta::with_settings!({ snapshot_path => ".", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("replies", replies);
    });
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
    let named: Vec<_> = too_long.iter().map(|reply| (reply.language, reply.key.as_str())).collect();
    assert!(named.contains(&("sq", "help")) && named.contains(&("en", "operator_not_offered")), "{named:?}");
    assert!(too_long.iter().all(|reply| reply.septets > 160 && reply.text.contains("WWW")));
}

#[test]
fn a_user_name_that_needs_ucs2_is_not_altered_and_fits_one_segment() {
    let templates = Templates::builtin().unwrap();
    let mut values = usual();
    values.insert("username", "shfrytëzuesi1".to_owned());
    for language in LANGUAGES {
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

fn refused(file: &str) -> Vec<String> {
    Templates::from_toml(file).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn all_mistakes_of_the_texts_are_reported_with_their_lines() {
    let reply =
        |key: &str, values: &str, en: &str| format!("[{key}]\nvalues = {values}\nsq = 'a'\nsr = 'b'\nen = {en}\n");
    let file = reply("help", "['bank', 'form']", "'Write {{ from }} to {{ bank }}'")
        + &reply("duplicate", "['amount']", "'''\n{{ amount'''")
        + &reply("unreadable", "['form']", "'Щ {{ form }}'")
        + &reply("amount_missing", "['form']", "'{{ form | no_filter }}'");
    let mut messages = refused(&file);
    messages.sort_unstable();
    assert_eq!(messages.len(), 4, "{messages:#?}");
    assert!(messages[0].starts_with("reply `amount_missing` in en, line 21: "), "{}", messages[0]);
    assert!(messages[1].starts_with("reply `duplicate` in en, line 10: "), "{}", messages[1]);
    assert_eq!(messages[2], "reply `help` in en, line 5: no value `from`; there are: bank, form");
    assert_eq!(messages[3], "reply `unreadable` in en, line 16: 'Щ' cannot be sent in GSM 7-bit");
}

#[test]
fn a_reply_that_lacks_a_language_or_names_no_value_is_named() {
    let messages = refused("[help]\nvalues = ['form', 'frm']\nsq = 'a {{ form }}'\nen = 'b {{ form }}'\n");
    assert_eq!(messages, ["reply `help`, line 2: there is no value `frm`", "reply `help`: its text in sr is missing"]);
}

#[test]
fn what_is_no_file_of_replies_is_refused() {
    for (file, line) in [
        ("[help]\nvalues = []\nsq = 5", 3),
        ("[help]\nvalues = []\nde = 'a'", 3),
        ("[help]\nvalues = []\n[help]\n", 3),
        ("help = 'a'", 1),
    ] {
        let messages = refused(file);
        assert!(messages[0].starts_with(&format!("replies, line {line}: ")), "{file}: {messages:?}");
    }
}
