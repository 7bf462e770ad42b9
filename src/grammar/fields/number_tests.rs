//! Numbers as people write them.

use super::*;

fn number(text: &str) -> Result<(String, &str), Problem> {
    let plan = NumberingPlan::kosovo().unwrap();
    let found = any(text, 0, Grouping::default(), &plan).map_err(|miss| miss.problem)?;
    Ok((found.line.msisdn.digits(), &text[found.end..]))
}

#[test]
fn every_grouping_of_a_mobile() {
    for text in [
        "049123456",
        "049 123 456",
        "049-123-456",
        "049/123-456",
        "049 - 123 - 456",
        "(049) 123456",
        "(049)123 456",
        "(049123456)",
        "049 12 34 56",
        "49 123 456",
        "+38349123456",
        "+383 49 123 456",
        "+383 (0)49 123456",
        "+383(0)49123456",
        "(+383) 49 123-456",
        "00383 49 123456",
        "0038349 123 456",
        "383 49 123 456",
        "+ 383 49 123456",
        "+386 49 123456",
        "+383 (0) 49 123456",
        "+383 0 49 123456",
        "00383 0 49 123 456",
    ] {
        assert_eq!(number(text), Ok(("38349123456".into(), "")), "{text}");
        let with_amount = format!("{text} 5");
        assert_eq!(number(&with_amount), Ok(("38349123456".into(), " 5")), "{text}");
    }
}

#[test]
fn a_wrong_length_is_never_repaired_by_what_follows() {
    use NumberProblem::{NotInPlan, WrongLength};
    for (text, problem) in [
        ("04912345 65", WrongLength),
        ("04912345 6 5", WrongLength),
        ("04912345 6", WrongLength),
        ("0491234 56 5", WrongLength),
        ("049 123 45 6 5", WrongLength),
        ("049-123-456-5", WrongLength),
        ("049123456-5", WrongLength),
        ("049123456 - 5", WrongLength),
        ("049123456(5)", WrongLength),
        ("0491234565", WrongLength),
        ("050123456 5", NotInPlan),
        ("5 049123456", NotInPlan),
        ("4 9123456 5", NotInPlan),
        ("(049 123456", NotInPlan),
        ("99999999999999999999999999", WrongLength),
    ] {
        assert_eq!(number(text), Err(Problem::Number(problem)), "{text}");
    }
    assert_eq!(number("x049123456"), Err(Problem::Absent));
}

#[test]
fn what_is_meant_as_a_number() {
    let plan = NumberingPlan::kosovo().unwrap();
    for number in ["049123456", "49123456", "38349123456", "049-123-456", "038712345", "04912345", "0491234567"] {
        assert!(is_meant(number, &plan), "{number}");
    }
    for other in ["493827", "2026-11", "000000000001", "12345678", "049123456a", "a049123456", "050123456", "4912345"] {
        assert!(!is_meant(other, &plan), "{other}");
    }
}

/// The end of the longer number that may be meant.
fn doubt(text: &str) -> Option<&str> {
    let plan = NumberingPlan::kosovo().unwrap();
    let found = any(text, 0, Grouping::default(), &plan).unwrap();
    found.in_doubt(text, &Money::new(None, 2)).map(|end| &text[..end])
}

#[test]
fn a_number_in_groups_that_may_end_at_two_places_is_in_doubt() {
    for (text, longer) in [
        ("038 712 345 6", "038 712 345 6"),
        ("038 712 345 6 20", "038 712 345 6"),
        ("038 712345 6", "038 712345 6"),
        ("+383 38 712 345 6", "+383 38 712 345 6"),
        ("038/712 345 6.", "038/712 345 6"),
        ("038 712 345 6!", "038 712 345 6"),
    ] {
        assert_eq!(doubt(text), Some(longer), "{text}");
    }
    for text in [
        "038712345 6",
        "+383 38712345 6",
        "(038) 712345 6",
        "(038 712 345) 6",
        "038-712-345 6",
        "038 712 345 16",
        "038 712 345 6,50",
        "038 712 345 6€",
        "038 712 345 6 eur",
        "038 712 345 6 usd",
        "038 712 345 x",
        "038 712 345\n6",
        "038 712 34 56 5",
        "0387123456 5",
        "049 123 456 5",
    ] {
        assert_eq!(doubt(text), None, "{text}");
    }
    assert_eq!(number("038 712 34 56 5"), Ok(("383387123456".into(), " 5")));
}

#[test]
fn where_a_space_separates_nothing_every_group_belongs_to_the_number() {
    let plan = NumberingPlan::kosovo().unwrap();
    let tight = Grouping { tight: true, ..Grouping::default() };
    let found = any("038 712 345 6;5", 0, tight, &plan).unwrap();
    assert_eq!((found.line.msisdn.digits(), found.end, found.is_beginning()), ("383387123456".into(), 13, false));
}
