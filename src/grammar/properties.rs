//! Properties of every text: reading never panics, and reads nothing that it cannot write out again.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::testing::{all_banks, incoming, operator};
use super::{GrammarSet, Reading, number};
use crate::domain::Amount;

static BANKS: LazyLock<GrammarSet> = LazyLock::new(all_banks);
static OPERATOR: LazyLock<GrammarSet> = LazyLock::new(operator);
const SHORT_CODES: [&str; 6] = ["50005", "50333", "50606", "50707", "50808", "50909"];

/// Texts that are nearly right: pieces of requests in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("049123456"),
        Just("044 123 456"),
        Just("+383 49 123456"),
        Just("038712345"),
        Just("5"),
        Just("10"),
        Just("5,50"),
        Just("€"),
        Just("eur"),
        Just("usd"),
        Just("fix"),
        Just("fiks"),
        Just("tv"),
        Just("duo"),
        Just("int"),
        Just("arben"),
        Just("shfrytëzuesi1"),
        Just("prap"),
        Just("!"),
        Just("."),
        Just("\n\n"),
        Just("-"),
        Just("("),
        Just(")"),
        Just("0"),
        Just("49"),
        Just("👍"),
        Just("internet"),
        Just("duotv"),
    ];
    prop::collection::vec((piece, prop_oneof![Just(" "), Just(""), Just("\n")]), 0..7)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, gap)| [piece, gap]).collect())
}

fn check(set: &GrammarSet, to: &str, text: &str) {
    let message = incoming(to, text);
    match set.read(&message) {
        Ok(Reading::Recharge(request)) => {
            let canonical = set.canonical(&message, &request);
            assert!(canonical.is_some(), "{text:?} is {request:?}, which cannot be written out");
        }
        Ok(_) => {}
        Err(failure) => {
            assert!(failure.position <= text.chars().count(), "{text:?}: {}", failure.position);
            let _ = failure.picture();
            if let Some(form) = &failure.rejection.details.form {
                let shown = form.replace("USERNAME", "someone");
                let shown = set.read(&incoming(to, &shown));
                let only_example = matches!(&shown, Err(again) if again.rejection.reason.is_unreadable());
                assert!(!only_example, "{text:?}: the form {form:?} that the reply shows is unreadable");
            }
        }
    }
}

/// A hint names no number but one that the sender wrote or sends from, and examples, and repeats no PIN.
fn check_hint(set: &GrammarSet, to: &str, text: &str) {
    let message = incoming(to, text);
    let Err(failure) = set.read(&message) else { return };
    let Some(form) = &failure.rejection.details.form else { return };
    let examples = set.banks().flat_map(|bank| bank.forms).map(|form| form.example.to_owned());
    let known: Vec<String> = examples.chain([text.to_owned(), message.from.to_owned()]).collect();
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    for word in form.split(' ').filter(|word| number(word, set.plan()).is_ok()) {
        let national = digits(word).trim_start_matches('0').to_owned();
        assert!(known.iter().any(|text| digits(text).contains(&national)), "{text:?} at {to} shows {form:?}");
    }
    let has_pins = ["121", "123", "124", "50808"].contains(&to);
    if has_pins && text.contains("2580") {
        let is_reference = form.contains("ref 2580");
        assert!(!form.contains("2580") || is_reference, "{text:?} at {to} shows the PIN in {form:?}");
    }
}

/// Pieces of requests with a PIN, in any order.
fn pieces_with_pins() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "049123456",
        "44 123 456",
        "038 712 345",
        "038712345 6",
        "04912345",
        "5",
        "10",
        "20",
        "100",
        "2,50",
        "€5",
        "usd",
        "2580",
        "rb",
        "stok",
        "kthe",
        "pin",
        "transfer",
        "dergo",
        "ne",
        "ref",
        "gjendja",
        "duotv",
        "fix",
        "arben",
        "x",
        "prap",
        ",",
        "👍",
        "po",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 1..7).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in ".*") {
        let set = &*BANKS;
        for to in SHORT_CODES {
            check(set, to, &text);
        }
    }

    #[test]
    fn pieces_of_requests(text in pieces()) {
        let set = &*BANKS;
        for to in SHORT_CODES {
            check(set, to, &text);
        }
    }

    #[test]
    fn a_hint_names_nobody_else_and_repeats_no_pin(text in pieces_with_pins()) {
        let (banks, operator) = (&*BANKS, &*OPERATOR);
        for to in SHORT_CODES {
            check_hint(banks, to, &text);
        }
        for to in ["121", "123", "124"] {
            check_hint(operator, to, &text);
        }
    }

    #[test]
    fn a_number_and_an_amount_are_what_was_written(
        digits in "04[49][0-9]{6}", euros in 1_u32..=50, to in prop_oneof![Just("50005"), Just("50333")],
        gap in prop_oneof![Just(" "), Just("\n"), Just("\t "), Just("\u{a0}")],
    ) {
        let set = &*BANKS;
        let text = format!("{digits}{gap}{euros}");
        let of_vala = digits.starts_with("044");
        let is_sold = !of_vala || [1, 2, 3, 5, 10, 20, 40].contains(&euros);
        if let Ok(Reading::Recharge(request)) = set.read(&incoming(to, &text)) {
            prop_assert!(is_sold, "{} at {}", text, to);
            prop_assert_eq!(request.amount.map(Amount::minor), Some(i64::from(euros) * 100));
            let crate::domain::Target::Line(line) = request.target else { return Err(TestCaseError::fail("no line")) };
            prop_assert_eq!(line.msisdn.digits(), format!("383{}", &digits[1..]));
        } else {
            prop_assert!(!is_sold, "{} at {}", text, to);
        }
    }
}

#[test]
fn a_huge_text_is_refused_in_linear_time() {
    let set = &*BANKS;
    for piece in ["049 ", "5 ", "(", "tv ", "049-", "a", "fix 038712345 20 ", "+383 "] {
        check(set, "50005", &piece.repeat(10_000 / piece.len()));
    }
}

const NUMBERS: &[&str] = &[
    "049123456",
    "49123456",
    "+38349123456",
    "0038349123456",
    "38349123456",
    "+383049123456",
    "+383 (0)49 123456",
    "00383 049 123 456",
    "049 123 456",
    "049-123-456",
    "049/123-456",
    "049/123/456",
    "(049) 123456",
    "(049)123-456",
    "049 - 123 - 456",
    "049 12 34 56",
    "+383 49 123 456",
    "+383-49-123-456",
    "+383(49)123456",
    "(+383) 49123456",
    "383 49 123 456",
    "00 383 49 123 456",
    "04 9123456",
    "+386 49 123456",
    "00386 49 123 456",
    "٠٤٩١٢٣٤٥٦",
    "０４９ １２３ ４５６",
    "049\u{a0}123\u{2009}456",
    "049\u{200b}123456",
    "\u{200e}049123456",
    "049\u{2013}123\u{2013}456",
];
const AMOUNTS: &[&str] = &[
    "5",
    "05",
    "5€",
    "€5",
    "€ 5",
    "5 €",
    "5 eur",
    "5EUR",
    "5 Euro",
    "5 euro",
    "5 evra",
    "5 евра",
    "5e",
    "5 E",
    "5,00",
    "5.0",
    "5.00",
    "5,00€",
    "5.00 EUR",
    "€5,00",
    "٥",
    "５",
    "۵",
    "٥٫٠٠",
    "EUR 5",
];
const GAPS: &[&str] = &[" ", "  ", "\n", "\t", "\u{3000}", ". ", " \r\n ", "\n\n"];
const ENDS: &[&str] =
    &["", " ", ".", "!", " 👍", " :)", "...", "\n\nArben", "\n\nMe respekt,\nArben K.", " \u{200f}", ")"];

/// Every way of writing a number, an amount, what stands between them and what follows is one request.
#[test]
fn every_spelling_is_the_same_request() {
    for to in ["50005", "50333"] {
        for number in NUMBERS {
            for (amount, (gap, end)) in
                AMOUNTS.iter().flat_map(|a| GAPS.iter().zip(ENDS.iter().cycle()).map(move |e| (a, e)))
            {
                same_request(to, &format!("{number}{gap}{amount}{end}"));
            }
            for end in ENDS {
                same_request(to, &format!("{number} 5{end}"));
            }
        }
    }
}

fn same_request(to: &str, text: &str) {
    let read = BANKS.read(&incoming(to, text));
    let Ok(Reading::Recharge(request)) = read else { panic!("{text:?} at {to}: {read:?}") };
    let crate::domain::Target::Line(line) = &request.target else { panic!("{text:?}: {:?}", request.target) };
    let read = (line.msisdn.digits(), request.amount.map(Amount::minor), request.repeat);
    assert_eq!(read, ("38349123456".to_owned(), Some(500), false), "{text:?} at {to}");
}
