//! Questions of staff about the demo's day, each with one command.

use super::Office;

/// A question, its exit code, and what the answer has.
const QUESTIONS: &[(&[&str], i32, &[&str])] = &[
    // Applied: by payer and by target, in any spelling.
    (
        &["049", "111", "222"],
        0,
        &["applied 5.00 EUR for 049 123 456", "duplicate 5.00 EUR", "refused (amount not offered)"],
    ),
    (&["+383 49 123-456"], 0, &["applied 2.00 EUR for 049 123 456", "38349333444 > 50005", "7 results"]),
    // A refusal, whose number only the text has.
    (&["044123456", "--show", "1"], 0, &["049 111 222", "was refused, and no money moved", "offered 1, 2, 3"]),
    // The bank charged me and nothing came: what this phone asked for, and that it could not be read.
    (&["049333444", "--show", "1"], 0, &["could not be read, and waits for staff; the reply was delivered"]),
    (&["049 110 009"], 0, &["was topped up with 1.00 EUR", "and the network did not deliver it", "undelivered"]),
    (&["TRX20451"], 0, &["049 110 002 was topped up with 5.00 EUR", "ref TRX20451", "delivered"]),
    (&["a je aty"], 0, &["The message of 049 333 444", "unreadable: The text matches no form."]),
    (&["dergo 1 ne"], 0, &["049 110 002 was topped up with 1.00 EUR"]),
    (&["00001-0000001-7", "--as", "words"], 1, &["nothing with `00001-0000001-7`"]),
    (&["049 999 888"], 1, &["nothing from or for 049 999 888"]),
    (&["049 111 222", "--limit", "2"], 0, &["6 results", "the next page: --after "]),
];

#[test]
fn each_question_about_the_demos_day_is_one_command() {
    let office = Office::after(None);
    for (question, code, told) in QUESTIONS {
        let output = office.run(&[&["find"], *question].concat());
        let text = super::all(&output);
        assert_eq!(output.status.code(), Some(*code), "{question:?}: {text}");
        for words in *told {
            assert!(text.contains(words), "{question:?} has no `{words}`: {text}");
        }
    }
    // A receipt from the list leads to the story of that top-up, and so does the key of an order of a cash machine.
    let listed = office.told(&["find", "049123456", "--json"]);
    let hits: Vec<serde_json::Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let receipt = hits.iter().rev().find_map(|hit| hit["receipt"].as_str()).unwrap();
    let story = office.told(&["find", receipt]);
    assert!(story.starts_with("049 123 456 was topped up with 5.00 EUR at "), "{story}");
    assert!(story.contains("the same came again from 049 111 222"), "{story}");
    let machine = office.told(&["find", "049111001", "--json"]);
    let key = machine.lines().last().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()).unwrap();
    let key = key["key"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    assert!(office.told(&["find", &key, "--as", "key"]).contains("049 111 001 was topped up with 20.00 EUR"));
    // The serial of a card that was used.
    let serials = (1..=50).filter_map(|place| mbush::domain::voucher::Serial::new(1, place));
    let used = serials.map(|serial| office.run(&["find", &serial.to_string(), "--as", "voucher"]));
    let used = used.map(|output| super::all(&output)).find(|told| told.contains("was topped up"));
    assert!(used.is_some_and(|told| told.contains("with 5.00 EUR") && told.contains("by a scratch card")));
    let trace = key.split('-').nth(1).unwrap();
    assert!(office.told(&["find", trace, "--as", "stan"]).contains("049 111 001 was topped up with 20.00 EUR"));
}

#[test]
fn a_question_that_nobody_can_answer_says_why() {
    let office = Office::after(Some("5"));
    for (question, told) in [
        (&["abc", "--as", "number"][..], "a number is written as 049123456"),
        (&["5", "--as", "stan"], "6 digits"),
        (&["5", "--as", "shoe"], "there are receipt, number"),
        (&["049123456", "--from", "soon"], "is not a time"),
        (&["049123456", "--show", "99"], "the page has"),
        (&["049123456", "--limit", "0"], "--limit is from 1 to 1000"),
        (&["049123456", "--after", "x"], "is not a place in a list"),
    ] {
        let refused = office.refused(&[&["find"], question].concat());
        assert!(refused.contains(told), "{question:?}: {refused}");
    }
}
