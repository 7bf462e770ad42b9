//! Forms in words, texts tried, and ways without a fixture.

use super::super::testing::{all_banks, incoming};
use super::super::{Reading, Tried};

#[test]
fn a_form_is_explained_in_words() {
    let text = all_banks().explain("ekonomike").unwrap();
    for told in [
        "Banka Ekonomike (50005), published",
        "another number: {msisdn} {amount}\n  as in     049123456 5\n  asks for  credit on a mobile, for whom the text names\n  \
         reads     a mobile number, an amount\n  \
         takes     1.00 to 50.00, without decimals; for vala only 1, 2, 3, 5, 10, 20, 40; numbers of ipko, vala",
        "reads     `fix`, a fixed-line number, an amount\n        or  `fiks`, a fixed-line number, an amount",
        "help: (ndihme|pomoc|help|info)",
    ] {
        assert!(text.contains(told), "{told}\nis not in\n{text}");
    }
    assert_eq!(all_banks().explain("nobody"), None);
}

#[test]
fn a_text_is_tried_against_all_banks() {
    let set = all_banks();
    let tried = set.try_text(None, "38349111222", "049123456 5");
    let readers: Vec<&str> = tried.iter().filter(|tried| tried.outcome.is_ok()).map(|tried| tried.bank).collect();
    assert_eq!(readers, ["ekonomike", "procredit", "teb"]);
    let one = set.try_text(Some("nlb"), "38349111222", "049123456 5");
    let [Tried { bank: "nlb", outcome: Err(failure) }] = one.as_slice() else { panic!("{one:?}") };
    let own = failure.trace.iter().find(|trace| trace.form == "own number").unwrap();
    assert_eq!((own.position, own.expected.as_slice()), (0, ["an amount".to_owned()].as_slice()));
}

#[test]
fn ways_that_no_message_goes_are_named() {
    let set = all_banks();
    let messages = ["10", "049123456 5", "fix 038712345 5", "help"];
    let untried = set.untried(messages.map(|text| incoming("50005", text)));
    let of_bank: Vec<(&str, &str)> =
        untried.iter().filter(|way| way.bank == "ekonomike").map(|way| (way.form, way.way.as_str())).collect();
    assert!(of_bank.contains(&("fixed line", "`fiks`, a fixed-line number, an amount")), "{of_bank:?}");
    assert!(!of_bank.iter().any(|(form, _)| *form == "own number"), "{of_bank:?}");
    assert!(matches!(set.read(&incoming("50005", "help")), Ok(Reading::Help { .. })));
}
