//! Tests of the templates.

use super::*;

fn rendered(template: &str, n: u32, minor: u32) -> String {
    let mut text = String::new();
    Template::parse(template).unwrap().render(Values { n, minor, decimals: 2 }, &mut text);
    text
}

fn is_expected(template: &str, text: &str) -> bool {
    Expected::parse(template).unwrap().is(text, Values { n: 42, minor: 500, decimals: 2 })
}

#[test]
fn a_text_has_the_values_of_its_message() {
    assert_eq!(rendered("049{n:6} {amount}", 42, 500), "049000042 5");
    assert_eq!(rendered("{amount}", 42, 250), "2.50");
    assert_eq!(rendered("tv {n} *", 42, 500), "tv 42 *");
    assert_eq!(rendered("", 0, 100), "");
}

#[test]
fn a_template_that_cannot_be_read_says_why() {
    assert_eq!(Template::parse("5 {n:6"), Err(BadTemplate::Open("{n:6".to_owned())));
    for field in ["m", "n:0", "n:10", "n:x", "amount:2", ""] {
        assert_eq!(Template::parse(&format!("5 {{{field}}}")), Err(BadTemplate::Field(field.to_owned())));
    }
}

#[test]
fn a_reply_is_expected_with_its_own_amount_and_number() {
    let own = "Mbushja juaj u krye: {amount} EUR per 049{n:6}*";
    assert!(is_expected(own, "Mbushja juaj u krye: 5.00 EUR per 049000042. Bilanci: 15.00 EUR."));
    assert!(!is_expected(own, "Mbushja juaj u krye: 15.00 EUR per 049000042. Bilanci: 5.00 EUR."));
    assert!(!is_expected(own, "Mbushja juaj u krye: 5.00 EUR per 049000043. Bilanci: 15.00 EUR."));
    assert!(!is_expected(own, "Kjo mbushje eshte bere: 5.00 EUR per 049000042"));
}

#[test]
fn a_star_stands_for_any_characters() {
    for (template, text, expected) in [
        ("*", "", true),
        ("*{amount} EUR*", "a 5.00 b 5.00 EUR", true),
        ("*{amount} EUR", "a 5.00 b 5.00 EUR.", false),
        ("*ë*", "përsëri", true),
        ("a*b*c", "a b b", false),
        ("", "", true),
        ("", "a", false),
    ] {
        assert_eq!(is_expected(template, text), expected, "{template} {text}");
    }
}

#[test]
fn amounts_are_in_euros() {
    assert_eq!([minor("5", 2), minor("2.50", 2), minor("0.05", 2)], [Ok(500), Ok(250), Ok(5)]);
    for wrong in ["", "0", "0.00", "2.5", "2,50", "-1", "+1", "1.", ".50", "99999999", "1.000"] {
        assert_eq!(minor(wrong, 2), Err(BadTemplate::Amount(wrong.to_owned())), "{wrong}");
    }
    let five = Values { n: 0, minor: 500, decimals: 2 };
    assert!(has_amount("4 x 5.00 EUR", five) && !has_amount("5 EUR, 15.00 EUR, 5.001", five));
}

#[test]
fn an_amount_has_the_decimals_of_its_currency() {
    assert_eq!([minor("20000", 0), minor("1.250", 3)], [Ok(20_000), Ok(1_250)]);
    assert!(minor("2.50", 0).is_err() && minor("2.50", 3).is_err());
    let dong = Values { n: 0, minor: 20_000, decimals: 0 };
    assert!(Expected::parse("nap {amount} VND").unwrap().is("nap 20000 VND", dong));
    assert!(has_amount("nap 20.000 VND", dong) && !has_amount("nap 20.0000 VND", dong));
    assert!(has_amount("за 1.250,00 дин.", Values { n: 0, minor: 125_000, decimals: 2 }));
}
