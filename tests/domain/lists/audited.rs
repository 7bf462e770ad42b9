//! What the audit finds in a list that was touched.

use sqlx::{Connection, SqliteConnection};

use super::{BANK, BONUS, SECOND, each, sound, text};
use crate::node::Node;

/// The first thing that is wrong after this was done behind the program's back.
async fn offence(sql: &str) -> String {
    let rules = format!("[subscribers]\nunknown = \"create\"\n{BONUS}");
    let rules = mbush::config::Config::from_toml(&rules).unwrap().rules;
    let node = Node::start_reading(BANK, |config| config.rules = rules).await;
    assert_eq!(each(&text(&node, "049123456 10, 044222333 10, 045123456 10").await).len(), 3);
    sound(&node).await;
    let url = format!("sqlite://{}", node.folder().join("mbush.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("PRAGMA foreign_keys = off").execute(&mut connection).await.unwrap();
    let done = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{sql}");
    let audit = node.store.audit(&mut |_| {}).await.unwrap();
    audit.offence.map(|offence| format!("{}: {}", offence.table, offence.problem)).unwrap_or_default()
}

#[tokio::test]
async fn a_transfer_that_a_list_names_and_that_is_not_there_is_missed() {
    let removed = format!("DELETE FROM transfers WHERE kind = 'top_up' AND credit = 'subscriber:{SECOND}'");
    let found = offence(&removed).await;
    assert!(found.starts_with("inbox: the transfer ") && found.contains("that it names is not there"), "{found}");
}

#[tokio::test]
async fn a_list_whose_ending_was_changed_is_found() {
    let dropped = "UPDATE inbox SET outcome = json_remove(outcome, '$.others[1]')";
    let found = offence(dropped).await;
    assert!(found.starts_with("transfers: "), "{found}");
}
