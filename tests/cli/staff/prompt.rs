//! The demo's prompt, as a newcomer uses it.

use regex::Regex;
use testkit::mbush;

use super::{all, typed};

/// What the prompt of a demo of one way prints behind its help.
fn shown(input: &str) -> String {
    let output = typed(mbush().args(["demo", "--way", "11"]), input);
    assert!(output.status.success(), "{}", all(&output));
    let shown = all(&output);
    shown.split_once("help, quit\n").unwrap_or_else(|| panic!("{shown}")).1.to_owned()
}

#[track_caller]
fn in_order(shown: &str, parts: &[&str]) {
    let mut rest = shown;
    for part in parts {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("`{part}` is not behind the others in:\n{shown}")).1;
    }
}

#[test]
fn texts_go_to_the_last_short_code_and_are_answered_with_a_gloss() {
    let shown = shown("10\n049123456 5\n50707 3 049107002\n4 049107002\n50005\n5\naccount\naccount 049123456\nexit\n");
    in_order(
        &shown,
        &[
            "049111222 to 50005>",
            "in English: Your top-up is done: 10.00 EUR for 049111222.",
            "Numri 049123456 u mbush me 5.00 EUR",
            "in English: ",
            "3.00 EUR",
            "049111222 to 50707>",
            "4.00 EUR",
            "049111222 to 50707>",
            "049111222 to 50005>",
            "Bilanci: 15.00 EUR",
            "049111222 has 15.00 EUR",
            "049123456 has 5.00 EUR",
        ],
    );
    assert!(!shown.contains("You are a phone"), "every line was understood:\n{shown}");
}

#[test]
fn a_menu_is_answered_to_its_end() {
    let shown = shown("10\n*123#\n9\n1\n*123#\n2\n1\nCARD\naccount\n*123#\n4\n3\n5\n*123*CARD#\nquit\n");
    in_order(
        &shown,
        &[
            "Zgjidhni:\n",
            "1 Gjendja\n",
            "in English: Please choose:\n",
            "1 Balance\n",
            "049111222, menu of 123>",
            "We did not understand that.",
            "Bilanci i 049111222: 10.00 EUR",
            "in English: ",
            "049111222 to 50005>",
            "in English: Top up with a card:",
            "Enter the 16 digits of the card",
            "Mbushja juaj u krye: 5.00 EUR",
            "049111222 has 15.00 EUR",
            "English",
            "049111222 to 50005>",
            "Your top-up is done: 5.00 EUR",
        ],
    );
    let english = shown.rsplit("Your top-up is done: 5.00 EUR").nth(1).unwrap();
    assert!(!english.ends_with("in English: "), "what is English already has no gloss:\n{shown}");
}

#[test]
fn who_they_are_what_there_is_and_slips_are_told() {
    let shown = shown("from 049333444\naccount\nfrom 12\n50005 049123456 x\ncodes\nhelp\n\nfrom\n*999#\n5\n");
    in_order(
        &shown,
        &[
            "049333444 to 50005>",
            "049333444 has no account",
            "`12` is not a number of the plan",
            "in English: ",
            "  50005     Banka Ekonomike",
            "You are a phone",
            "whose phone? As in: from 049333444",
            "in English: The short code 999 is not in use",
            "Bilanci: 5.00 EUR",
        ],
    );
}

/// The same with dates, times and receipts that are nobody's.
fn timeless(text: &str) -> String {
    let changing = [(r"\d\d\.\d\d\.(\d{4}| \d\d:\d\d)", "DATE"), ("DC[0-9A-Z]{8}", "RECEIPT")];
    changing
        .iter()
        .fold(text.to_owned(), |text, (of, word)| Regex::new(of).unwrap().replace_all(&text, *word).into_owned())
}

#[test]
fn readme_shows_what_the_demo_prints() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let block =
        readme.split("```\n").find(|block| block.starts_with("  another number\n")).expect("README shows the demo");
    let shown = timeless(&all(&typed(mbush().args(["demo", "--once", "--way", "5"]), "")));
    for step in timeless(block).split("\n\n") {
        assert!(shown.contains(step.trim_end()), "README shows\n{step}\nand the demo\n{shown}");
    }
}

#[test]
fn a_duplicate_is_called_one() {
    let output = typed(mbush().args(["demo", "--once", "--way", "5"]), "");
    let shown = all(&output);
    let again = shown.split_once("the same text again").unwrap().1;
    let label = again.lines().find(|line| line.contains("no money moved")).unwrap();
    assert!(label.contains("duplicate") && !label.contains("refused"), "{label}");
    assert!(shown.contains("refused, as expected; no money moved"));
    let (glosses, replies) = (shown.matches("in English: ").count(), shown.matches("  50005 > ").count());
    assert_eq!(glosses, replies, "each reply is told in English:\n{shown}");
}
