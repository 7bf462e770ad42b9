//! The verifier of a PIN: what a file may say, and what is told of one that does not.

use super::super::testing::{bank_of, incoming, load};
use super::super::{Guarded, Reading};
use super::*;

/// The verifier of the one form of a file, or its errors.
fn verifier(file: &str) -> Result<Option<Verifier>, String> {
    load(file).map(|set| set.banks().next().unwrap().forms[0].pin)
}

fn of(rest: &str) -> Result<Option<Verifier>, String> {
    verifier(&bank_of(&[("a", rest)]))
}

#[test]
fn a_form_says_who_verifies_its_pin_or_its_action_or_its_file_does() {
    let default = |word: &str, rest: &str| {
        verifier(&bank_of(&[("a", rest)]).replacen("\n[[form]]", &format!("pin = \"{word}\"\n[[form]]"), 1))
    };
    for (found, expected) in [
        (of("text = \"rb {amount} {pin}\"\npin = \"subscriber\""), Some(Verifier::Subscriber)),
        (of("text = \"rb {amount} {pin}\"\npin = \"bank\""), Some(Verifier::Bank)),
        (of("text = \"rest {pin}\"\naction = \"balance\"\npin = \"bank\""), Some(Verifier::Bank)),
        (of("text = \"{msisdn} {amount} {pin}\"\naction = \"transfer\""), Some(Verifier::Subscriber)),
        (
            of("text = \"{msisdn} {amount} {pin}\"\naction = \"transfer\"\npin = \"subscriber\""),
            Some(Verifier::Subscriber),
        ),
        (of("text = \"{msisdn} {amount} {pin}\"\naction = \"sale\"\npin = \"dealer\""), Some(Verifier::Dealer)),
        (of("text = \"pin {pin} {new_pin}\"\naction = \"dealer_pin\""), Some(Verifier::Dealer)),
        (of("text = \"{amount}\""), None),
        (default("bank", "text = \"rb {amount} {pin}\""), Some(Verifier::Bank)),
        (default("bank", "text = \"rb {amount} {pin}[ now]\""), Some(Verifier::Bank)),
    ] {
        assert_eq!(found, Ok(expected));
    }
    let both = "pin = \"bank\"\n[[form]]\nname = \"b\"\ntext = \"rb {amount} {pin}\"\n[[form]]";
    let mixed = bank_of(&[("a", "text = \"x {msisdn} {amount} {pin}\"\naction = \"transfer\"")]);
    let set = load(&mixed.replacen("[[form]]", both, 1)).unwrap();
    let pins: Vec<_> = set.banks().next().unwrap().forms.iter().map(|form| form.pin).collect();
    assert_eq!(pins, [Some(Verifier::Bank), Some(Verifier::Subscriber), None], "a file's key is not for transfers");
}

#[test]
fn a_pin_that_nobody_verifies_is_an_error_with_its_remedy() {
    assert_eq!(
        of("text = \"rb {amount} {pin:4}\"").unwrap_err(),
        "error: nobody verifies the `{pin}` of this form\n \
         --> test.toml:8:8\n  \
         |\n\
         8 | text = \"rb {amount} {pin:4}\"\n  \
         |        ^^^^^^^^^^^^^^^^^^^^^\n  \
         |\n  \
         = help: say who: pin = \"subscriber\" (the PIN that the sender has with us) or pin = \"bank\" (the bank is asked), in \
         the form, or for all forms at the top of the file"
    );
}

#[test]
fn a_verifier_that_cannot_verify_is_refused() {
    for (rest, told) in [
        ("text = \"rb {amount}\"\npin = \"bank\"", "`pin` in a form without a `{pin}`"),
        ("text = \"rb {amount} {pin}\"\npin = \"dealer\"", "a form of action `recharge` is not verified by `dealer`"),
        ("text = \"rb {amount} {pin}\"\npin = \"banc\"", "did you mean `bank`?"),
        (
            "text = \"{msisdn} {amount} {pin}\"\naction = \"transfer\"\npin = \"bank\"",
            "take `pin` out: it is `subscriber`",
        ),
        (
            "text = \"{msisdn} {amount} {pin}\"\naction = \"stock\"\npin = \"subscriber\"",
            "take `pin` out: it is `dealer`",
        ),
        ("text = \"rb {amount}[ {pin}]\"\npin = \"bank\"", "a form whose `{pin}` may be left out"),
        ("text = \"rb {amount} {pin}\"\npin = \"subscriber\"\nsenders = [\"BANK\"]", "no phone whose PIN it could be"),
        ("text = \"rb {amount} {pin}\"\npin = \"bank\"\nlinks = [\"bank\"]", "no phone whose PIN it could be"),
        ("text = \"{msisdn} {amount}\"\naction = \"transfer\"", "a form of action `transfer` without a `{pin}`"),
        ("text = \"{msisdn} {amount}[ {pin}]\"\naction = \"transfer\"", "a form whose `{pin}` may be left out"),
        ("text = \"{msisdn} {amount}\"\naction = \"sale\"", "a form of action `sale` without a `{pin}`"),
        ("text = \"{msisdn} {amount}\"\naction = \"stock\"", "a form of action `stock` without a `{pin}`"),
        ("text = \"{msisdn} {amount}\"\naction = \"undo\"", "a form of action `undo` without a `{pin}`"),
    ] {
        let error = of(rest).expect_err(rest);
        assert!(error.contains(told), "{rest}\n{error}");
    }
    for (word, told) in [("bank", "no form that follows it"), ("dealer", "`dealer` is no verifier for all forms")] {
        let file =
            bank_of(&[("a", "text = \"{amount}\"")]).replacen("\n[[form]]", &format!("pin = \"{word}\"\n[[form]]"), 1);
        let error = verifier(&file).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_pin_is_handed_on_with_its_reading_and_never_printed() {
    let set = load(&bank_of(&[
        ("a", "text = \"rb {amount} {pin}\"\npin = \"bank\""),
        ("b", "text = \"{msisdn} {amount} {pin}\"\naction = \"transfer\""),
    ]))
    .unwrap();
    let read = set.read_guarded(&incoming("50001", "rb 5 4711")).unwrap();
    let pin = read.pin.as_ref().unwrap();
    assert_eq!((pin.verifier, pin.digits.as_str()), (Verifier::Bank, "4711"));
    assert!(!format!("{read:?}").contains("4711"), "{read:?}");
    let other = set.read_guarded(&incoming("50001", "rb 5 4712")).unwrap();
    assert_eq!(read.reading, other.reading, "the request is the same");
    let Guarded { reading: Reading::Transfer(transfer), pin: None, .. } =
        set.read_guarded(&incoming("50001", "049123456 5 4711")).unwrap()
    else {
        panic!("a transfer has its own");
    };
    assert_eq!(transfer.pin.unwrap().as_str(), "4711");
}
