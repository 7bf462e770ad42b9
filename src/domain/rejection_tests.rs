//! Reasons and their names, numbers and order.

use super::*;

#[test]
fn the_list_of_all_reasons_is_complete_and_in_order() {
    assert!(Reason::ALL.is_sorted_by(|a, b| a < b));
    let places: Vec<usize> = Reason::ALL.iter().map(|&reason| reason as usize).collect();
    assert_eq!(places, (0..Reason::ALL.len()).collect::<Vec<_>>());
}

#[test]
fn each_code_is_that_of_one_reason() {
    let codes: std::collections::BTreeSet<u8> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), Reason::ALL.len());
    assert!(codes.iter().all(|code| *code > 9));
}

#[test]
fn a_name_in_the_code_is_the_name_in_json() {
    for &reason in Reason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
}
