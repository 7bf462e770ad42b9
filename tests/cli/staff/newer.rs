//! Rows of a newer version of the program, which knows more words: they are shown as they are, and orders about them say why
//! they are refused.

use sqlx::{Connection, SqliteConnection};

use super::Office;

/// Each writes a word that this version does not know.
const CHANGES: &[&str] = &[
    "UPDATE holds SET reason = 'embargo' WHERE state = 'pending' AND amount_minor = 123",
    "UPDATE operator_actions SET reason = 'loyalty' WHERE state = 'proposed'",
    "UPDATE enrolments SET service = 'music' WHERE username = 'drita.h'",
    "UPDATE accounts SET name = 'product:music:drita.h' WHERE name = 'product:tv:drita.h'",
    "UPDATE accounts SET language = 'rom' WHERE name = 'subscriber:38349101001'",
];

/// The identifier that a line begins with.
fn identifier(listed: &str, word: &str) -> String {
    let line = listed.lines().find(|line| line.contains(word)).unwrap_or_else(|| panic!("no {word}: {listed}"));
    line.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn lists_and_accounts_show_the_words_of_a_newer_version() {
    let office = Office::after(Some("1"));
    let why = ["--reason", "wrong_number", "--by", "Arta"];
    office.told(&[&["adjust", "propose", "049101001", "1"], &why[..]].concat());
    office.told(&[&["hold", "place", "049101001", "1.23"], &why[..]].concat());
    office.told(&["enrol", "049101001", "tv", "drita.h"]);
    let mut database = SqliteConnection::connect(&office.database()).await.unwrap();
    for change in CHANGES {
        assert_eq!(sqlx::query(*change).execute(&mut database).await.unwrap().rows_affected(), 1, "{change}");
    }
    database.close().await.unwrap();

    let (holds, actions) = (office.told(&["hold", "list"]), office.told(&["adjust", "list"]));
    assert!(holds.contains("1.23 EUR  embargo"), "{holds}");
    assert!(actions.contains("1.00 EUR  loyalty"), "{actions}");
    for (list, reason) in [("hold", "embargo"), ("adjust", "loyalty")] {
        let json = office.told(&[list, "list", "--json"]);
        assert!(json.contains(&format!("\"reason\":\"{reason}\"")), "{json}");
    }
    let enrolled = office.told(&["enrol", "049101001"]);
    assert!(enrolled.contains("music     drita.h"), "{enrolled}");
    let account = office.told(&["account", "049101001"]);
    assert!(account.contains("language  rom") && account.contains("music     drita.h"), "{account}");
    let json = office.told(&["account", "049101001", "--json"]);
    assert!(json.contains("\"language\":\"rom\"") && json.contains("\"service\":\"music\""), "{json}");

    let (hold, action) = (identifier(&holds, "embargo"), identifier(&actions, "loyalty"));
    for (order, word) in [
        ([&["hold", "post", &hold, "--yes"], &why[..]].concat(), "embargo"),
        ([&["hold", "void", &hold, "--yes"], &why[..]].concat(), "embargo"),
        (vec!["adjust", "approve", &action, "--by", "Blerim", "--yes"], "loyalty"),
        (vec!["adjust", "reject", &action, "--by", "Blerim"], "loyalty"),
    ] {
        let refused = office.refused(&order);
        assert!(refused.contains(word) && refused.contains("a newer version of mbush"), "{order:?}: {refused}");
    }
}
