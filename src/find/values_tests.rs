//! Numbers, references and trace numbers in texts and keys.

use super::*;

fn numbers(text: &str) -> Vec<String> {
    let plan = NumberingPlan::kosovo().unwrap();
    numbers_in(&plan, text).into_iter().map(Msisdn::digits).collect()
}

#[test]
fn a_number_is_found_in_every_spelling() {
    for text in [
        "049123456 5",
        "5 049 123 456",
        "+383 49 123-456  2,00",
        "mbush 00383.49.123.456 10",
        "0491234565",
        "per 049/123-456!",
    ] {
        assert!(numbers(text).contains(&"38349123456".to_owned()), "{text}: {:?}", numbers(text));
    }
    for text in ["5", "hello", "1234 5678", "049 12"] {
        assert_eq!(numbers(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn references_are_told_from_amounts_and_words() {
    for word in ["TRX20451", "a1b2c", "2026-1122-77", "9981237"] {
        assert!(is_reference(word), "{word}");
    }
    for word in ["hello", "5.00", "10", "abc", "12345", "a1b2", "5€123456"] {
        assert!(!is_reference(word), "{word}");
    }
}

#[test]
fn the_trace_number_of_a_switch_is_in_the_key_of_its_order() {
    assert_eq!(trace_of("bkt-atm:topup:20261122180900-000137-ATM00042-12345"), Some(("20261122180900", "000137")));
    for key in ["bkt-atm:topup:K1", "ipko:5d1c", "x:topup:20261122180900-000137", "x:topup:2026-000137-A-1"] {
        assert_eq!(trace_of(key), None, "{key}");
    }
}
