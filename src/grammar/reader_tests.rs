//! Walking the steps of a form.

use super::super::testing::{bank_of, incoming, load};
use super::super::{GrammarSet, Incoming, Reading};

/// A set of one form.
fn form(rest: &str) -> GrammarSet {
    load(&bank_of(&[("form", rest)])).unwrap_or_else(|error| panic!("{error}"))
}

/// Number and minor units of a text, or the name of the reason.
fn read(set: &GrammarSet, text: &str) -> Result<(String, i64), &'static str> {
    read_from(set, &incoming("50001", text))
}

fn read_from(set: &GrammarSet, message: &Incoming<'_>) -> Result<(String, i64), &'static str> {
    match set.read(message) {
        Ok(Reading::Recharge(request)) => {
            let crate::domain::Target::Line(line) = request.target else { panic!("{:?}", request.target) };
            Ok((line.msisdn.digits(), request.amount.map_or(0, crate::domain::Amount::minor)))
        }
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure.rejection.reason.as_str()),
    }
}

fn five() -> (String, i64) {
    ("38349123456".to_owned(), 500)
}

#[test]
fn values_may_stand_in_any_order_behind_any_sign() {
    for (rest, text) in [
        ("text = \"{amount} {msisdn}\"", "5 049 123 456"),
        ("text = \"{amount},{msisdn}\"", "5,049123456"),
        ("text = \"{amount}.{msisdn}.\"", "5.049123456."),
        ("text = \"{msisdn}-{amount}\"", "049123456-5"),
        ("text = \"{msisdn}/{amount}/\"", "049-123-456/5/"),
        ("text = \"*121*{msisdn}*{amount}*{pin:4}#\"\npin = \"bank\"", "*121*049123456*5*1234#"),
        ("text = \"{msisdn} {amount}\"\nseparators = [\"comma\", \"hash\"]", "049 123 456 , 5"),
        ("text = \"{msisdn} {amount}\"\nseparators = [\"#\"]", "049123456#5,00 eur"),
        ("text = \"{msisdn:9}{amount:3}{reference:4}\"", "0491234560051234"),
        ("text = \"{msisdn:11}{amount:6 minor}\"", "38349123456000500"),
        ("text = \"{amount} {currency} {msisdn}\"", "5 eur 049123456"),
        ("text = \"[(pay|paguaj) ]{msisdn} {amount}[ {date}]\"", "Paguaj 049123456 5 24.12.2026"),
        ("text = \"{operator} {msisdn} {amount}\"", "IPKO 049123456 5"),
        ("text = \"{msisdn} {amount} {text}\"", "049123456 5 për ditëlindje, 21 vjet!"),
        ("text = \"tarifa {number:1-12} {msisdn}\"\nprice = 5", "tarifa 07 049123456"),
        ("text = \"тел {msisdn} {amount}\"", "TEL 049123456 5"),
        ("text = \"đ {msisdn} {amount}\"", "dj 049123456 5"),
        ("text = \"{msisdn} {amount} đak\"", "049123456 5 djak"),
        ("text = \"{msisdn} {amount} đak\"", "049123456 5 Dak"),
        ("text = \"{msisdn} {amount} đak\"", "049123456 5 Ђак"),
    ] {
        assert_eq!(read(&form(rest), text), Ok(five()), "{rest}: {text}");
    }
}

#[test]
fn what_a_form_does_not_say_is_not_read() {
    for (rest, text) in [
        ("text = \"{msisdn} {amount}\"\nseparators = [\"comma\"]", "049123456 5"),
        ("text = \"{msisdn} {amount}\"\nseparators = [\"comma\"]", "049123456,,5"),
        ("text = \"{msisdn} {amount}\"\nseparators = [\"space\"]", "049123456\n5"),
        ("text = \"{msisdn:9}{amount}\"", "49123456 5"),
        ("text = \"{operator} {msisdn} {amount}\"", "vala 049123456 5"),
        ("text = \"tarifa {number:1-12} {msisdn}\"\nprice = 5", "tarifa 13 049123456"),
        ("text = \"{msisdn} {amount} {text}\"", "049123456 5"),
        ("text = \"{amount} {currency} {msisdn}\"", "5 usd 049123456"),
    ] {
        assert!(read(&form(rest), text).is_err(), "{rest}: {text}");
    }
}

#[test]
fn an_empty_message_is_only_an_empty_message() {
    let forms = [("form", "text = \"\"\nprice = 5"), ("balance", "text = \"stanje\"\naction = \"balance\"")];
    let set = load(&bank_of(&forms)).unwrap();
    assert_eq!(read(&set, " \n"), Ok(("38349111222".to_owned(), 500)));
    for text in ["!", "👍", "prap", "x"] {
        assert!(read(&set, text).is_err(), "{text}");
    }
}

#[test]
fn the_number_may_stand_in_the_destination_address() {
    let set = form("text = \"{amount}\"\ntarget = \"destination\"");
    let to = |to: &'static str| read_from(&set, &Incoming { from: "38344111222", to, text: "5", link: None });
    assert_eq!(to("50001049123456"), Ok(five()));
    assert_eq!(to("5000138349123456"), Ok(five()));
    assert_eq!(to("50001"), Err("unreadable"));
    assert_eq!(to("5000104912345"), Err("number_wrong_length"));
    assert_eq!(to("50002049123456"), Err("unknown_short_code"));
}

#[test]
fn machines_are_known_by_sender_and_link() {
    let set = form("text = \"{msisdn};{amount}\"\nsenders = [\"BANK\"]\nlinks = [\"bank\"]");
    let from = |from, link| read_from(&set, &Incoming { from, to: "50001", text: "049123456;5", link });
    assert_eq!(from("BANK", Some("bank")), Ok(five()));
    assert_eq!(from("BANK", Some("smsc")), Err("unreadable"));
    assert_eq!(from("BANK", None), Err("unreadable"));
    assert_eq!(from("38349111222", Some("bank")), Err("unreadable"));
}

#[test]
fn limits_of_a_form_go_before_those_of_the_bank() {
    let file = bank_of(&[
        ("low", "text = \"low {amount}\"\namount = { min = 2, max = \"3.50\" }"),
        ("wide", "text = \"wide {amount}\"\noperators = [\"vala\"]"),
        ("listed", "text = \"listed {amount}\"\namount = { only = [5, \"7.50\"] }"),
    ]);
    let set = load(&file).unwrap();
    assert_eq!(read(&set, "low 3,50").map(|(_, minor)| minor), Ok(350));
    assert_eq!(read(&set, "low 1"), Err("amount_out_of_limits"));
    assert_eq!(read(&set, "wide 5"), Err("operator_not_offered"));
    assert_eq!(read(&set, "listed 7.50").map(|(_, minor)| minor), Ok(750));
    assert_eq!(read(&set, "listed 6"), Err("amount_not_offered"));
}

/// Two banks share a short code: behind an empty line, words of either are a request and no signature.
#[test]
fn a_request_to_the_other_bank_of_a_short_code_is_no_signature() {
    let bank = |bank: &str, text: &str| {
        let head = format!("bank = \"{bank}\"\nname = \"{bank}\"\nshort_codes = [\"50001\"]\nevidence = \"assumed\"\n");
        format!("{head}[services]\ntv = [\"tv\"]\n[[form]]\nname = \"form\"\ntext = \"{text}\"\nprice = 5\n")
    };
    let files = [("a.toml", bank("first", "a {msisdn}")), ("b.toml", bank("second", "b {service} {username}"))];
    let set = GrammarSet::load(files, super::super::testing::plan());
    let set = set.unwrap_or_else(|errors| panic!("{}", super::super::testing::drawn(&errors)));
    let read =
        |text| set.read(&incoming("50001", text)).map_err(|failure| failure.rejection.reason.as_str()).map(|_| ());
    assert_eq!(read("a 049123456\n\nBesa Krasniqi"), Ok(()));
    assert_eq!(read("a 049123456\n\nb tv arben"), Err("two_requests"));
    assert_eq!(read("b tv arben\n\na arben"), Err("two_requests"));
}
