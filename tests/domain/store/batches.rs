//! The rows of a batch.

use std::path::Path;

use mbush::domain::{
    AccountKey, AccountKind, Amount, Body, LoadedRows, Movement, Needs, Receipt, Stored, Transfer, TransferKind,
};
use mbush::store::{Store, StoreError, Writes};
use rstest::rstest;

use crate::store::harness::{
    Database, Kind, TopUp, apply, assert_sound, decide, fingerprint, now, number, transfer_of,
};

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_is_committed_is_found_again_after_a_restart(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let top_up = TopUp::new("ipko:1", 1, 7);
    let outcomes = apply(&store, std::slice::from_ref(&top_up)).await;
    store.close().await;

    let store = database.open().await;
    let account = store.account(&number(1)).await.unwrap().unwrap();
    assert_eq!((account.balance_minor, account.opened_at), (500, now()));
    assert_eq!(account.language, Some(Stored::Known("sr".parse().unwrap())));
    let history = store.statement(&number(1), 10).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].receipt, Receipt::of(transfer_of(&outcomes[0])));
    assert_eq!((history[0].amount.minor(), history[0].balance_minor, history[0].at), (500, 500, now()));
    assert_eq!(store.clearing_minor("ekonomike").await.unwrap(), 500);

    let mut batch = store.begin().await.unwrap();
    let answered = batch.load_with_answers(&Needs::default(), &["ipko:1", "ipko:unknown"]).await.unwrap().1;
    assert_eq!(answered.len(), 1);
    assert_eq!(answered["ipko:1"].outcome, outcomes[0]);
    assert_eq!(answered["ipko:1"].content, top_up.message.content_hash());
    assert_eq!(answered["ipko:1"].reply.as_deref(), Some("done"));
    let wanted = Needs {
        accounts: vec![number(1), number(2)],
        fingerprints: vec![fingerprint(7), fingerprint(8)],
        ..Needs::default()
    };
    let loaded = batch.load(&wanted).await.unwrap();
    assert_eq!((loaded.accounts.len(), loaded.earlier.len()), (1, 1));
    assert_eq!(loaded.accounts[&number(1)], account);
    assert_eq!(loaded.earlier[&fingerprint(7)].transfer, transfer_of(&outcomes[0]));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_batch_that_is_dropped_or_fails_leaves_nothing(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let mut writes = Writes::default();
    let loaded = LoadedRows::default();
    decide(&mut writes, &loaded, &TopUp::new("ipko:1", 1, 1));
    let mut batch = store.begin().await.unwrap();
    batch.write(&writes).await.unwrap();
    drop(batch);
    assert_empty(&store).await;

    // The transfer is the same row twice: refused by the database after the inbox was written.
    let mut twice = Writes::default();
    decide(&mut twice, &loaded, &TopUp::new("ipko:2", 2, 2));
    decide(&mut twice, &loaded, &TopUp::new("ipko:3", 3, 3));
    twice.transfers[1].id = twice.transfers[0].id;
    let mut batch = store.begin().await.unwrap();
    let refused = batch.write(&twice).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(_)), "{refused}");
    assert!(!refused.is_transient());
    drop(batch);
    assert_empty(&store).await;
}

async fn assert_empty(store: &Store) {
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.transfers, totals.messages, totals.balances_minor, totals.outbox_open), (0, 0, 0, 0));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_balance_that_its_transfers_do_not_give_is_not_written(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let change: [fn(&mut Writes); 4] = [
        |writes| writes.accounts[0].balance_minor += 1,
        |writes| writes.transfers[0].credit_balance_minor = Some(501),
        |writes| writes.transfers.clear(),
        |writes| writes.accounts.clear(),
    ];
    for change in change {
        let mut writes = Writes::default();
        decide(&mut writes, &LoadedRows::default(), &TopUp::new("ipko:1", 1, 1));
        change(&mut writes);
        let mut batch = store.begin().await.unwrap();
        let refused = batch.write(&writes).await.unwrap_err();
        assert!(matches!(refused, StoreError::Unbalanced { .. }), "{refused}");
        assert!(!refused.is_transient() && !refused.to_string().contains("38349000001"), "{refused}");
        drop(batch);
    }
    assert_empty(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_was_not_looked_at_is_not_overwritten(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    for (table, top_up) in [
        ("inbox", TopUp::new("ipko:1", 2, 2)),
        ("accounts", TopUp::new("ipko:3", 1, 3)),
        ("requests", TopUp::new("ipko:4", 4, 1)),
    ] {
        let mut writes = Writes::default();
        decide(&mut writes, &LoadedRows::default(), &top_up);
        let mut batch = store.begin().await.unwrap();
        let refused = batch.write(&writes).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict { table: of } if of == table), "{table}: {refused}");
        assert!(refused.is_transient());
    }
    assert_eq!(store.totals().await.unwrap().transferred_minor, 500);
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_large_batch_is_kept_whole_and_in_order(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    for round in 0..3 {
        let top_ups: Vec<TopUp> =
            (0..300).map(|i| TopUp::new(&format!("ipko:{round}:{i}"), i % 40, round * 1_000 + i)).collect();
        apply(&store, &top_ups).await;
    }
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.transfers, totals.applied, totals.outbox_open), (900, 900, 900));
    assert_eq!((totals.transferred_minor, totals.balances_minor), (450_000, 450_000));
    let history = store.statement(&number(3), 100).await.unwrap();
    let balances: Vec<i64> = history.iter().map(|line| line.balance_minor).collect();
    assert_eq!(balances, (1..=24).rev().map(|entry| entry * 500).collect::<Vec<_>>());
    assert_sound(&store).await;
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn every_text_can_be_kept(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    for (place, text) in
        ["", "\"\\ \n\u{7f}", "zero \0 inside", "shfrytëzuesi 🙂", &"long ".repeat(20_000)].iter().enumerate()
    {
        let place = place as u64;
        let mut top_up = TopUp::new(&format!("ipko:{place}"), place, place);
        top_up.message.body = Body::Text((*text).to_owned());
        top_up.message.from = format!("from {text}");
        let mut writes = Writes::default();
        let outcome = decide(&mut writes, &LoadedRows::default(), &top_up);
        writes.inbox[0].trace = Some(format!("1: {text}"));
        writes.inbox[0].reply = Some(format!("not read: {text}"));
        writes.outbox[0].text = format!("not read: {text}");
        let mut batch = store.begin().await.unwrap();
        batch.write(&writes).await.unwrap();
        batch.commit().await.unwrap();
        let mut batch = store.begin().await.unwrap();
        let answered = batch.load_with_answers(&Needs::default(), &[&top_up.message.key]).await.unwrap().1;
        assert_eq!(answered[&top_up.message.key].outcome, outcome);
        assert_eq!(answered[&top_up.message.key].content, top_up.message.content_hash());
    }
    assert_sound(&store).await;
}

/// A top-up with a bonus: two transfers of one message, of which it names the first.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn one_message_may_make_several_transfers(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let mut writes = Writes::default();
    let outcome = decide(&mut writes, &LoadedRows::default(), &TopUp::new("ipko:1", 1, 1));
    let given = AccountKey::new(AccountKind::Bonus, "summer");
    let movement = Movement::new(TransferKind::Bonus, given, number(1), Amount::from_minor(50).unwrap());
    let main = writes.transfers[0].clone();
    writes.accounts[0].balance_minor = 550;
    let id = Transfer::id_at(main.id, 1);
    writes.transfers.push(Transfer { id, movement, credit_balance_minor: Some(550), ..main });
    let mut batch = store.begin().await.unwrap();
    batch.write(&writes).await.unwrap();
    batch.commit().await.unwrap();
    let audit = store.audit(&mut |_| {}).await.unwrap();
    assert_eq!((audit.offence, audit.transfers, audit.messages, audit.balances_minor), (None, 2, 1, 550));
    let history = store.statement(&number(1), 10).await.unwrap();
    let lines: Vec<_> = history.iter().map(|line| (line.kind.known(), line.balance_minor)).collect();
    assert_eq!(lines, [(Some(TransferKind::Bonus), 550), (Some(TransferKind::TopUp), 500)]);
    assert_eq!(history[1].id, transfer_of(&outcome));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/nowhere/mbush.db", folder.path().display());
    let error = Store::open(&url).await.unwrap_err().to_string();
    assert!(error.contains("nowhere") && error.contains("folder exists"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = |path: &Path| format!("postgres://mbush:s3cret@localhost/mbush?host={}", path.display());
    let error = Store::open(&nobody(folder.path())).await.unwrap_err().to_string();
    assert!(error.contains("postgres://mbush@localhost/mbush") && error.contains("server runs"), "{error}");
    assert!(!error.contains("s3cret"), "{error}");
}

#[tokio::test]
async fn another_kind_of_address_is_refused() {
    let error = Store::open("mysql://localhost/mbush").await.unwrap_err().to_string();
    assert!(error.contains("mysql://localhost/mbush") && error.contains("sqlite://PATH"), "{error}");
}
