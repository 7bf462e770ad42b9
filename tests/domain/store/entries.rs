//! An account's entries are found from its last transfer back.

use mbush::store::{Span, Store};
use rstest::rstest;

use crate::store::audit::{execute, fill};
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, number};

/// Balances after each movement of this time, the oldest first.
async fn balances(store: &Store, span: Span) -> Vec<i64> {
    let (mut statement, mut found) = (store.statement_of(&number(1), span).await.unwrap(), Vec::new());
    loop {
        let page = statement.next_page().await.unwrap();
        if page.is_empty() {
            return found;
        }
        found.extend(page.iter().map(|line| line.balance_minor));
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_statement_of_many_pages_is_whole_and_in_order(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    for round in 0..5 {
        let batch: Vec<TopUp> = (0..500).map(|i| TopUp::new(&format!("{round}:{i}"), 1, round * 1_000 + i)).collect();
        apply(&store, &batch).await;
    }
    let all: Vec<i64> = (1..=2_500).map(|entry| entry * 500).collect();
    assert_eq!(balances(&store, Span::default()).await, all);
    assert_eq!(balances(&store, Span { from: Some(now()), to: None }).await, all);
    assert_eq!(balances(&store, Span { from: None, to: Some(now()) }).await, Vec::<i64>::new());
    let newest: Vec<i64> =
        store.statement(&number(1), 3).await.unwrap().iter().map(|line| line.balance_minor).collect();
    assert_eq!(newest, [1_250_000, 1_249_500, 1_249_000]);
    assert_eq!(store.statement(&number(1), 0).await.unwrap().len(), 0);
    assert_eq!(store.statement(&number(2), 3).await.unwrap().len(), 0, "there is no such account");
    assert_sound(&store).await;
}

/// As a database was while entries were found by an index.
const BACK: [&str; 6] = [
    "ALTER TABLE accounts DROP COLUMN last_transfer",
    "ALTER TABLE transfers DROP COLUMN debit_prior",
    "ALTER TABLE transfers DROP COLUMN credit_prior",
    "CREATE UNIQUE INDEX transfers_credit ON transfers (credit, credit_entry) WHERE credit_entry IS NOT NULL",
    "CREATE UNIQUE INDEX transfers_debit ON transfers (debit, debit_entry) WHERE debit_entry IS NOT NULL",
    "DELETE FROM _sqlx_migrations WHERE version = 17",
];

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_ledger_from_before_is_chained_when_it_is_opened(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    fill(&store).await;
    let before = store.statement(&number(6), 100).await.unwrap();
    store.close().await;
    for sql in BACK {
        execute(&database, kind, sql).await;
    }
    let store = database.open().await;
    let ids = |lines: &[mbush::store::StatementLine]| lines.iter().map(|line| line.id).collect::<Vec<_>>();
    assert_eq!(ids(&store.statement(&number(6), 100).await.unwrap()), ids(&before));
    assert!(before.iter().any(|line| line.minor < 0), "both sides are chained");
    assert_sound(&store).await;
    apply(&store, &[TopUp::new("ipko:after", 6, 700)]).await;
    assert_sound(&store).await;
}
