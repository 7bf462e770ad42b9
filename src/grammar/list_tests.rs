//! Lists in texts.

use super::super::testing::{bank_of, incoming, load};
use super::super::{GrammarSet, Reading};

const LIST: &str = "text = \"<{msisdn} {amount}>\"\nexample = \"049123456 5, 044222333 10\"";
const ONE: (&str, &str) = ("one", "text = \"{msisdn} {amount}\"");

/// A list as `number amount reference` of each item, or the reason.
fn read(set: &GrammarSet, text: &str) -> String {
    match set.read(&incoming("50001", text)) {
        Ok(Reading::List(list)) => {
            let item = |request: &crate::domain::Request| {
                let target = match &request.target {
                    crate::domain::Target::Line(line) => line.msisdn.digits(),
                    other => format!("{other:?}"),
                };
                let amount = request.amount.map(|amount| amount.to_string()).unwrap_or_default();
                let reference = request.reference.as_ref().map(|reference| format!(" {reference}"));
                format!("{target} {amount}{}", reference.unwrap_or_default())
            };
            list.items.iter().map(item).collect::<Vec<_>>().join("; ")
        }
        Ok(Reading::Recharge(request)) => format!("one {}", request.amount.map(|a| a.to_string()).unwrap_or_default()),
        Ok(other) => format!("{other:?}"),
        Err(failure) => failure.rejection.reason.as_str().to_owned(),
    }
}

#[test]
fn several_numbers_and_amounts_are_a_list() {
    let set = load(&bank_of(&[ONE, ("several", LIST)])).unwrap();
    for (text, read_as) in [
        ("049123456 5", "one 5.00"),
        ("049123456 5, 044222333 10", "38349123456 5.00; 38344222333 10.00"),
        ("049123456 5,044222333 10", "38349123456 5.00; 38344222333 10.00"),
        ("049123456 5\n044222333 10", "38349123456 5.00; 38344222333 10.00"),
        ("049 123 456 5 044 222 333 10", "38349123456 5.00; 38344222333 10.00"),
        ("049123456 5€; 044222333 10 eur; 045123456 2.50", "38349123456 5.00; 38344222333 10.00; 38345123456 2.50"),
        ("prap 049123456 5, 044222333 10", "38349123456 5.00; 38344222333 10.00"),
        ("049123456 5, 044222333 10 prap!", "38349123456 5.00; 38344222333 10.00"),
        ("049123456 5;\n044222333 10;", "38349123456 5.00; 38344222333 10.00"),
    ] {
        assert_eq!(read(&set, text), read_as, "{text:?}");
    }
    // In a list, a comma separates: it is no decimal comma.
    for text in [
        "049123456 5,50, 044222333 10",
        "049123456 5, 044222333",
        "049123456 5, 10",
        "049123456 5, 044222333 10, xyz 3 4",
    ] {
        let reason = read(&set, text);
        assert!(!reason.contains(';') && !reason.starts_with("one"), "{text:?} is {reason}");
    }
}

#[test]
fn a_list_has_at_most_so_many_items() {
    let numbers: Vec<String> = (0..11).map(|place| format!("0491234{place:02} 5")).collect();
    let set = load(&bank_of(&[ONE, ("several", LIST)])).unwrap();
    assert_eq!(read(&set, &numbers[..10].join(", ")).split("; ").count(), 10);
    assert_eq!(read(&set, &numbers.join(", ")), "leftover");
    let set = load(&bank_of(&[ONE, ("several", &format!("{LIST}\nlist = {{ most = 3 }}"))])).unwrap();
    assert_eq!(read(&set, &numbers[..3].join(", ")).split("; ").count(), 3);
    let failure = set.read(&incoming("50001", &numbers[..4].join(", "))).unwrap_err();
    assert_eq!(failure.rejection.reason.as_str(), "leftover");
    assert_eq!(failure.rejection.details.value.as_deref(), Some("049123403"));
}

#[test]
fn a_list_with_a_slip_is_answered_with_the_form_of_a_list() {
    let form =
        "text = \"rb <{msisdn} {amount}> {pin}\"\npin = \"bank\"\nexample = \"rb 049123456 5, 044222333 10 1234\"";
    let set =
        load(&bank_of(&[("one", "text = \"rb {msisdn} {amount} {pin}\"\npin = \"bank\""), ("rb", form)])).unwrap();
    for (text, reason, value) in [
        ("rb 049123456 5, 044222333 10", "pin_missing", None),
        ("rb 049123456 5, 044222333 10, 045123456 7", "pin_missing", None),
        ("rb 049123456 5, 04422233 10 4711", "number_wrong_length", Some("04422233")),
        ("rb 049123456 5, 012222333 10 4711", "number_unknown", Some("012222333")),
        ("rb 049123456 5, 044222333 10 4711 xyz", "leftover", Some("xyz")),
        ("rb 049123456 5, 044222333", "amount_missing", None),
    ] {
        let failure = set.read(&incoming("50001", text)).unwrap_err();
        let details = &failure.rejection.details;
        assert_eq!(failure.rejection.reason.as_str(), reason, "{text:?}");
        assert!(value.is_none() || details.value.as_deref() == value, "{text:?}: {:?}", details.value);
        assert_eq!(details.form.as_deref(), Some("rb 049123456 5, 044222333 10 1234"), "{text:?}");
    }
}

#[test]
fn values_beside_a_list_are_of_each_item() {
    let form = "text = \"pay {amount} <{msisdn}> ref {reference}\"\nexample = \"pay 5 049123456, 044222333 ref A1\"";
    let set = load(&bank_of(&[("several", form)])).unwrap();
    assert_eq!(
        read(&set, "pay 5 049123456, 044222333, 045123456 ref A1"),
        "38349123456 5.00 A1; 38344222333 5.00 A1/2; 38345123456 5.00 A1/3"
    );
    let each = "text = \"pay <{reference} {msisdn} {amount}>\"\nexample = \"pay A1 049123456 5, A2 044222333 10\"";
    let set = load(&bank_of(&[("several", each)])).unwrap();
    assert_eq!(read(&set, "pay A1 049123456 5, A2 044222333 10"), "38349123456 5.00 A1; 38344222333 10.00 A2");
}

#[test]
fn a_list_of_one_is_one_request_where_the_form_allows_it() {
    let form = "text = \"rb <{msisdn} {amount}> {pin}\"\npin = \"bank\"\nlist = { least = 1, most = 3 }";
    let set = load(&bank_of(&[("rb", form)])).unwrap();
    assert_eq!(read(&set, "rb 049123456 5 4711"), "one 5.00");
    assert_eq!(read(&set, "rb 049123456 5, 044222333 10 4711"), "38349123456 5.00; 38344222333 10.00");
    assert!(set.read(&incoming("50001", "rb 049123456 5, 044222333 10")).is_err());
}

#[test]
fn a_text_that_is_meant_as_a_list_is_told_what_is_wrong_with_it() {
    let set = load(&bank_of(&[
        ("same", "text = \"pay {amount} <{msisdn}>\"\nexample = \"pay 5 049123456, 044222333\""),
        ("tv", "text = \"tv {amount} <{username}>\"\nservice = \"tv\"\nlist.separators = [\"comma\"]\nexample = \"tv 5 arben, besa\""),
        ("meter", "text = \"gas <{msisdn} {amount} {reference}>\"\nexample = \"gas 049123456 5 A1, 044222333 5 A2\""),
    ]))
    .unwrap();
    let numbers: Vec<String> = (0..11).map(|place| format!("0491234{place:02}")).collect();
    let too_many = format!("pay 5 {}", numbers.join(","));
    for (text, reason) in [
        ("pay 5$ 049123456, 044222333", "currency_other"),
        ("pay 1.000 049123456, 044222333", "amount_ambiguous"),
        ("pay 5 038712345, 044222333", "number_wrong_kind"),
        ("pay 5 049123456, 038712345", "number_wrong_kind"),
        ("pay 5, 049123456, 044222333", "leftover"),
        ("pay 049123456, 044222333 5", "leftover"),
        ("pay 5 049123456,,044222333", "leftover"),
        ("pay 5 049123456", "number_missing"),
        (&too_many, "leftover"),
        ("tv 5 arben besa", "leftover"),
        ("gas 049123456 5 A1, 044222333 6 A1", "list_names_twice"),
    ] {
        assert_eq!(read(&set, text), reason, "{text:?}");
    }
}

#[test]
fn nobody_is_named_twice() {
    let set = load(&bank_of(&[ONE, ("several", LIST)])).unwrap();
    for text in ["049123456 5, 049123456 10", "049123456 5, 044222333 1, 0038349123456 5"] {
        let failure = set.read(&incoming("50001", text)).unwrap_err();
        assert_eq!(failure.rejection.reason.as_str(), "list_names_twice");
        assert_eq!(failure.rejection.details.value.as_deref(), Some("049123456"));
        assert!(failure.position > 10, "{}", failure.position);
        assert_eq!(failure.rejection.details.form.as_deref(), Some("049123456 5, 044222333 10"));
    }
}

#[test]
fn each_item_has_to_be_allowed() {
    let form = format!("{LIST}\noperators = [\"ipko\"]\namount.whole = true");
    let form = form.replace("044222333", "049222333");
    let set = load(&bank_of(&[("several", &form)])).unwrap();
    for (text, reason) in [
        ("049123456 5, 049222333 10", "38349123456 5.00; 38349222333 10.00"),
        ("049123456 5, 044222333 10", "operator_not_offered"),
        ("049123456 5, 049222333 2.50", "amount_not_whole"),
        ("049123456 5, 049222333 500", "amount_out_of_limits"),
    ] {
        assert_eq!(read(&set, text), reason, "{text:?}");
    }
    let failure = set.read(&incoming("50001", "049123456 5, 049222333 2.50")).unwrap_err();
    let details = &failure.rejection.details;
    assert_eq!(details.item.as_ref().map(ToString::to_string).as_deref(), Some("+38349222333"));
    assert_eq!(details.value.as_deref(), Some("2.50"));
    assert_eq!(details.form.as_deref(), Some("049123456 5, 049222333 10"));
}

#[test]
fn fields_of_items_are_kept_under_names_with_their_place() {
    let form = "text = \"pay <{msisdn} {amount} {card:digits 4}> {shop:word}\"\nexample = \"pay 049123456 5 1234, 044222333 9 5678 x1\"";
    let set = load(&bank_of(&[("several", form)])).unwrap();
    let reading = set.read(&incoming("50001", "pay 049123456 5 1234, 044222333 9 5678 kiosk")).unwrap();
    let named: Vec<String> =
        reading.fields().unwrap().iter().map(|field| format!("{}={}", field.name, field.value)).collect();
    assert_eq!(named, ["shop=kiosk", "card=1234", "card.2=5678"]);
    let Reading::List(list) = reading else { panic!() };
    let second: Vec<String> =
        list.items[1].fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect();
    assert_eq!(second, ["card=5678", "shop=kiosk"]);
}

#[test]
fn a_secret_that_is_repeated_in_an_item_is_concealed_as_in_a_single_request() {
    let rest = "{amount} {note:word}> {pin:4}\"\npin = \"bank\"\nlist = { least = 1 }";
    let set = load(&bank_of(&[("several", &format!("text = \"pay <{{msisdn}} {rest}"))])).unwrap();
    for (text, notes) in [
        ("pay 049123456 5 4711 4711", ["note=****"].as_slice()),
        ("pay 049123456 5 4711, 044222333 5 abc 4711", &["note=****", "note.2=abc"]),
        ("pay 049123456 5 abc, 044222333 5 4711 4711", &["note=abc", "note.2=****"]),
    ] {
        let reading = set.read(&incoming("50001", text)).unwrap();
        let shown = |fields: &crate::domain::Fields| -> Vec<String> {
            fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect()
        };
        assert_eq!(shown(reading.fields().unwrap()), notes, "{text:?}");
        let Reading::List(list) = reading else { continue };
        assert!(list.items.iter().all(|item| !shown(&item.fields).concat().contains("4711")), "{text:?}");
    }
}

#[test]
fn two_services_of_one_user_are_two_accounts() {
    let services = "[services]\ntv = [\"tv\"]\ninternet = [\"internet\"]\n\n[[form]]";
    let form =
        "text = \"u <{service} {username}>\"\nexample = \"u tv arben, internet arben\"\nlist.separators = [\"comma\"]";
    let set = load(&bank_of(&[("several", form)]).replacen("[[form]]", services, 1)).unwrap();
    let reading = set.read(&incoming("50001", "u tv arben, internet arben")).unwrap();
    assert!(matches!(reading, Reading::List(list) if list.items.len() == 2));
    assert_eq!(read(&set, "u tv arben, tv arben"), "list_names_twice");
}

#[test]
fn a_list_that_means_nothing_is_refused() {
    for (form, told) in [
        ("text = \"{msisdn} {amount}\"\nlist = { most = 3 }", "`list` in a form without a list"),
        ("text = \"<{msisdn} {amount}>\"", "no example of `f` can be made up"),
        ("text = \"<{amount}>\"", "a list whose items name nobody"),
        (
            "text = \"<{msisdn} {amount}>\"\nexample = \"049123456 5, 049123456 6\"",
            "the example of `f` would be refused: list names twice",
        ),
        (
            "text = \"<{msisdn} {amount}>\"\nexample = \"049123456 5, 044222333 600\"",
            "the example of `f` would be refused: amount out of limits",
        ),
        ("text = \"tv <{username}>\"\nservice = \"tv\"", "a space or a line break between items that are any words"),
        (
            "text = \"tv <{username}>\"\nservice = \"tv\"\nlist.separators = [\"comma\", \"newline\"]",
            "a space or a line break between items that are any words",
        ),
        ("text = \"<{msisdn} {amount}> {amount}\"", "`{amount}` stands in the list and beside it"),
        ("text = \"<{msisdn} {amount} {pin}>\"\npin = \"bank\"", "`{pin}` in each item of a list"),
        ("text = \"<{msisdn} {amount}> {text}\"", "`{text}` in a form with a list"),
        ("text = \"<{msisdn} {amount}>x\"", "something touches the end of a list"),
        ("text = \"[<{msisdn} {amount}>]\"", "a list within brackets"),
        ("text = \"<{msisdn} {amount}> <{msisdn}>\"", "or a second one"),
        ("text = \"<{msisdn} {amount}\"", "this `<` is not closed"),
        ("text = \"{msisdn} {amount}>\"", "`>` closes nothing that is open"),
        ("text = \"<{msisdn} {amount}> {pin}\"\naction = \"transfer\"", "a list in a form of action `transfer`"),
        ("text = \"<{msisdn} {amount}>\"\nlist = { most = 11 }", "`most` of a list cannot be 11"),
        ("text = \"<{msisdn} {amount}>\"\nlist = { least = 3 }", "`least` of a list cannot be 3"),
        ("text = \"<{msisdn} {amount}>\"\nreply.sq = \"OK {{{{ amount }}}}\"", "a `reply` in a form with a list"),
        (
            "text = \"<{msisdn} {landline} {amount} {reference} x y z>\"\nlist = { most = 10 }",
            "a list whose items have 13 things each",
        ),
    ] {
        let error = load(&bank_of(&[("f", form)])).unwrap_err();
        assert!(error.contains(told), "{form}: {told} is not in\n{error}");
    }
}

#[test]
fn a_list_that_shares_a_text_with_another_form_is_refused() {
    let other = "text = \"{msisdn} {amount} {n:digits 9} {card:digits 1..2}\"\nexample = \"049123456 5 123456789 10\"";
    let error = load(&bank_of(&[("several", LIST), ("other", other)])).unwrap_err();
    assert!(error.contains("a text can be of two forms, `several` and `other`"), "{error}");
    // With a list of one, also the form for one.
    let error = load(&bank_of(&[ONE, ("several", &format!("{LIST}\nlist = {{ least = 1 }}"))])).unwrap_err();
    assert!(error.contains("a text can be of two forms, `one` and `several`"), "{error}");
}
