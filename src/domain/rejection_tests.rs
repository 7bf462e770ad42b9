//! Reasons and their names, numbers and order.

use super::*;

#[test]
fn the_list_of_all_reasons_is_complete_and_in_order() {
    assert!(Reason::ALL.is_sorted_by(|a, b| a < b));
    assert_eq!(Reason::ALL.last(), Some(&Reason::UndoTooLate));
    let numbers: Vec<u8> = Reason::ALL.iter().map(|&reason| reason as u8).collect();
    assert_eq!(numbers, (0..=Reason::UndoTooLate as u8).collect::<Vec<_>>());
}

#[test]
fn each_code_is_that_of_one_reason() {
    let codes: std::collections::BTreeSet<u8> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), Reason::ALL.len());
    assert!(codes.iter().all(|code| *code > 9));
    let published = include_str!("../../docs/smpp.md");
    for &reason in Reason::ALL {
        let row = format!("\n| {} | `{}` |", reason.code(), reason.as_str());
        assert!(published.contains(&row), "docs/smpp.md: banks read there what a number means: {row}");
    }
}

#[test]
fn a_name_in_the_code_is_the_name_in_json() {
    for &reason in Reason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}
