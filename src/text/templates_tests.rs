//! The texts of Kosovo, and the values that they show.

use super::*;
use crate::text::gsm7;

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
        ("items", "049123456\t5.00,\n044222333\t10.00"),
        ("name", "044222333"),
        ("total", "15.00"),
    ]));
    usual
}

fn keys() -> Vec<String> {
    replies::read(replies::CATALOGUE).unwrap().into_iter().map(|reply| reply.key).collect()
}

#[test]
fn every_reply_in_every_language() {
    let templates = Templates::builtin().unwrap();
    let replies = keys().into_iter().map(|key| {
        let texts = templates.languages().map(|language| {
            let text = templates.render(language, &key, &usual()).unwrap();
            format!("\n{language} ({}): {text}", gsm7::septet_count(&text).unwrap())
        });
        format!("{key}{}", texts.collect::<String>())
    });
    let replies = replies.collect::<Vec<_>>().join("\n\n");
    insta::with_settings!({ snapshot_path => ".", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("replies", replies);
    });
}

#[test]
fn a_customer_is_answered_in_a_language_that_there_are_texts_in() {
    let templates = Templates::builtin().unwrap();
    let chosen = |wanted: &[&str]| templates.choose(wanted.iter().map(|code| code.parse().ok())).to_string();
    assert_eq!(chosen(&["sr", "en"]), "sr");
    assert_eq!(chosen(&["bn", "en"]), "en");
    assert_eq!(chosen(&["", "sr-Cyrl"]), "sq");
    assert_eq!(chosen(&[]), "sq");
}

#[test]
fn a_user_name_that_needs_ucs2_is_not_altered_and_fits_one_segment() {
    let templates = Templates::builtin().unwrap();
    let mut values = usual();
    values.insert("username", "shfrytëzuesi1".to_owned());
    for language in templates.languages() {
        let text = templates.render(language, "applied_product_wide", &values).unwrap();
        assert!(text.contains("shfrytëzuesi1") && text.encode_utf16().count() <= 70, "{text}");
    }
}

#[test]
fn senders_words_are_clipped_and_readable() {
    let templates = Templates::builtin().unwrap();
    let leftover = |value: &str| {
        let values = values(&[("value", value), ("form", "10")]);
        templates.render(Language::EN, "leftover", &values).unwrap()
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
    let error = templates.render(Language::EN, "amount_missing", &Values::new()).unwrap_err();
    assert!(matches!(error, RenderError::Value { .. }), "{error}");
    let error = templates.render(Language::EN, "no_such_reply", &Values::new()).unwrap_err();
    assert_eq!(error.to_string(), "there is no reply `no_such_reply` in `en`");
    assert!(templates.render("de".parse().unwrap(), "help", &usual()).is_err());
}
