//! Secrets of whole texts: told to whoever conceals them, and never repeated.

use crate::domain::Rejection;
use crate::grammar::testing::{bank_of, incoming, load};
use crate::grammar::{GrammarSet, Reading};

/// A bank of these forms, with a secret `code`.
fn bank(forms: &[(&str, &str)]) -> Result<GrammarSet, String> {
    let fields = "languages = [\"en\"]\n[amount]\nmax = 5000\n[fields.code]\ndigits = 4\nsecret = true\n\n[[form]]";
    load(&bank_of(forms).replacen("\n[[form]]", fields, 1))
}

fn refused(set: &GrammarSet, text: &str) -> Rejection {
    set.read(&incoming("50001", text)).expect_err(text).rejection
}

#[test]
fn the_secrets_of_a_text_are_told_whatever_the_form_does_with_them() {
    let set = bank(&[
        ("balance", "text = \"balance {code}\"\naction = \"balance\"\ndiscard = [\"code\"]"),
        ("stop", "text = \"off {code}\"\naction = \"stop\"\ndiscard = [\"code\"]"),
        ("top-up", "text = \"up {code} {amount}\"\ndiscard = [\"code\"]"),
        ("kept", "text = \"keep {code} {amount}\""),
        ("loan", "text = \"loan {code}\"\naction = \"forward\"\nforward = \"loan\"\ndiscard = [\"code\"]"),
        ("card", "text = \"card {voucher:16} {code}\"\ndiscard = [\"code\"]"),
        ("pin", "text = \"pin {pin} {new_pin} {new_pin}\"\naction = \"pin\""),
        ("give", "text = \"give {msisdn} {amount} {pin}\"\naction = \"transfer\""),
    ])
    .unwrap();
    for (text, secrets) in [
        ("balance 4711", &["4711"][..]),
        ("off 4711", &["4711"]),
        ("up 4711 5", &["4711"]),
        ("keep 4711 5", &["4711"]),
        ("loan 4711", &["4711"]),
        ("card 7401582000319520 4711", &["7401582000319520", "7401", "5820", "0031", "9520", "4711"]),
        ("pin 0815 4711 4711", &["0815", "4711", "4711"]),
        ("give 049123456 5 4711", &["4711"]),
    ] {
        let read = set.read_guarded(&incoming("50001", text)).unwrap_or_else(|failure| panic!("{}", failure.picture()));
        let told: Vec<&str> = read.secrets.iter().map(|secret| secret.as_str()).collect();
        assert_eq!(told, secrets, "{text}");
        assert!(!format!("{read:?}").contains("4711"), "{text}");
    }
}

#[test]
fn a_right_form_repeats_no_secret() {
    let set = bank(&[
        ("claim", "text = \"claim {code} {msisdn} {amount}\""),
        ("note", "text = \"note {code} {amount} {text}\""),
        ("pin", "text = \"pin {pin} {new_pin} {new_pin}\"\naction = \"pin\""),
    ])
    .unwrap();
    for (text, form) in [
        ("claim 4711 049123456 5 hello", "claim 1234 049123456 5"),
        ("pin 0815 4711 4711 ok", "pin 1234 4321 4321"),
        ("nota 4711 5 for 4711 Asha", "note 1234 5 for **** Asha"),
    ] {
        assert_eq!(refused(&set, text).details.form.as_deref(), Some(form), "{text}");
    }
}

#[test]
fn a_secret_is_no_amount() {
    let set = bank(&[("claim", "text = \"claim {code} {msisdn} {amount}\"")]).unwrap();
    for text in ["claim 4711 049123456", "claim 049123456 4711", "claim 049123456 5 4711", "claim 049123456 4711 5 x"] {
        let details = refused(&set, text).details;
        let told = [details.form, details.value];
        assert!(!format!("{told:?}").contains("4711"), "{text}: {told:?}");
    }
}

#[test]
fn a_secret_that_is_repeated_in_a_remark_is_handed_on_as_stars() {
    let set = bank(&[(
        "register",
        "text = \"register {pin:4-6} {text}\"\npin = \"subscriber\"\naction = \"forward\"\nforward = \"register\"\n\
         reply = { en = \"Hello {{ text }}.\" }",
    )])
    .unwrap();
    let read = set.read_guarded(&incoming("50001", "register 1234 Asha ١٢٣٤ 12345")).unwrap();
    let Reading::Forward(request) = read.reading else { panic!("it is handed on") };
    let text = request.fields.iter().find(|field| field.name == "text").map(|field| field.value.to_string());
    assert_eq!(text.as_deref(), Some("Asha **** 12345"));
    assert_eq!(read.replies.value("text"), Some("Asha **** 12345"));
}

#[test]
fn a_secret_touches_no_other_digits() {
    for (text, told) in [
        ("a {amount:4}{pin:4}", "`{pin}` touches another value"),
        ("a {pin:4}{amount:4}", "`{pin}` touches another value"),
        ("{msisdn:9}{pin:4} {amount}", "`{pin}` touches another value"),
        ("a {x:digits 4}{code} {amount} {pin}", "`{code}` touches another value"),
        ("a1{pin} {amount}", "`{pin}` touches a digit"),
        ("a1_{pin} {amount}", "`{pin}` touches a digit"),
        ("a {pin:4}1 {amount}", "`{pin}` touches a digit"),
    ] {
        let error = bank(&[("a", &format!("text = \"{text}\"\npin = \"bank\""))]).map(|_| ()).expect_err(text);
        assert!(error.contains(told), "{text}\n{error}");
    }
    for text in ["a{pin} {amount}", "*1*{pin}*{amount}#", "a {amount}_{pin}"] {
        let loaded = bank(&[("a", &format!("text = \"{text}\"\npin = \"bank\""))]);
        assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
    }
}
