//! `docs/tables.md` has every table that the migrations leave.

use std::collections::BTreeSet;

use regex::Regex;

use crate::pages::{has_rows, page, set, texts};

/// The tables that are there once all migrations of a folder were carried out.
fn tables(folder: &str) -> BTreeSet<String> {
    let step =
        Regex::new(r"(?im)^\s*(?:CREATE TABLE (\w+)|DROP TABLE (\w+)|ALTER TABLE (\w+) RENAME TO (\w+))").unwrap();
    let mut tables = BTreeSet::new();
    for (_, text) in texts(folder, "sql") {
        for step in step.captures_iter(&text) {
            let name = |group| step.get(group).map(|name| name.as_str().to_owned());
            for gone in [name(2), name(3)].into_iter().flatten() {
                assert!(tables.remove(&gone), "{gone} is dropped or renamed, and was never made");
            }
            tables.extend([name(1), name(4)].into_iter().flatten());
        }
    }
    tables
}

#[test]
fn the_page_of_tables_has_every_table_of_both_databases() {
    let sqlite = tables("migrations/sqlite");
    assert!(sqlite.contains("transfers") && !sqlite.contains("transfers_next"), "{sqlite:?}");
    assert_eq!(tables("migrations/postgres"), sqlite, "both databases have the same tables");
    has_rows("docs/tables.md", &page("docs/tables.md"), &set(sqlite));
}
