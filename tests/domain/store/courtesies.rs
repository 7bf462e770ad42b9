//! Phones that write what is not understood, and replies that go where their message came from.

use mbush::domain::{
    AddressType, ContentHash, Courtesies, Courtesy, CourtesyRules, LoadedRows, Needs, OutboundSms, Repeated, Source,
    Withheld,
};
use mbush::store::{Lease, Store, StoreError, WithheldReply, Writes};
use rstest::rstest;
use uuid::Uuid;

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, msisdn, now};

fn needs() -> Needs {
    Needs { courtesies: vec![msisdn(1), msisdn(2)], ..Needs::default() }
}

async fn write(store: &Store, known: Courtesies) -> Result<LoadedRows, StoreError> {
    let mut batch = store.begin().await?;
    let loaded = batch.load(&needs()).await?;
    batch.write(&Writes { courtesies: vec![(msisdn(1), known)], ..Writes::default() }).await?;
    batch.commit().await?;
    Ok(loaded)
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_is_remembered_of_a_phone_is_found_again(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    assert!(write(&store, Courtesies::default()).await.unwrap().courtesies.is_empty());
    let last = Repeated { text: ContentHash([7; 16]), times: 4, at: now() };
    let known = Courtesies { answered: vec![now(), now()], last: Some(last), withheld: 3, withheld_at: Some(now()) };
    write(&store, known.clone()).await.unwrap();
    let loaded = write(&store, known.clone()).await.unwrap();
    assert_eq!(loaded.courtesies.get(&msisdn(1)), Some(&known));
    assert_eq!(store.courtesies(msisdn(1)).await.unwrap(), Some(known));
    assert_eq!(store.courtesies(msisdn(2)).await.unwrap(), None);
    let reply = WithheldReply { message_key: "ipko:1".into(), why: Withheld::TooMany, at: now() };
    let mut batch = store.begin().await.unwrap();
    batch.write(&Writes { withheld: vec![reply], ..Writes::default() }).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(store.withheld("ipko:1").await.unwrap(), Some(Withheld::TooMany));
    assert_eq!(store.withheld("ipko:2").await.unwrap(), None);
}

/// A batch that did not see what another wrote writes nothing: or each node would give a phone all that it may get.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn who_did_not_look_does_not_write(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let mut known = Courtesies::default();
    known.take(Courtesy::Question, &CourtesyRules::default(), now());
    write(&store, known.clone()).await.unwrap();
    let mut blind = store.begin().await.unwrap();
    let written = blind.write(&Writes { courtesies: vec![(msisdn(1), known)], ..Writes::default() }).await;
    assert!(matches!(written, Err(StoreError::Conflict { table: "courtesies" })), "{written:?}");
}

/// As a database was before replies were withheld.
const BACK: [&str; 6] = [
    "DROP TABLE courtesies",
    "DROP TABLE withheld_replies",
    "ALTER TABLE outbox DROP COLUMN recipient_source",
    "ALTER TABLE parts DROP COLUMN sender_ton",
    "ALTER TABLE parts DROP COLUMN sender_npi",
    "DELETE FROM _sqlx_migrations WHERE version = 18",
];

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_database_from_before_has_its_replies_and_takes_new_ones(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    store.close().await;
    for sql in BACK {
        execute(&database, kind, sql).await;
    }
    let store = database.open().await;
    let lease = || Lease { id: Uuid::now_v7(), now: now(), until: now() + chrono::TimeDelta::minutes(1) };
    let before = store.lease_outbox("ipko", lease(), 10).await.unwrap().remove(0).sms;
    assert_eq!(before.to_source, None);
    let source = Source { value: "049111222".into(), labelled: Some(AddressType { ton: 2, npi: 1 }) };
    let written = OutboundSms { id: Uuid::now_v7(), to_source: Some(source), ..before };
    let mut batch = store.begin().await.unwrap();
    batch.write(&Writes { outbox: vec![written.clone()], ..Writes::default() }).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(store.lease_outbox("ipko", lease(), 10).await.unwrap().remove(0).sms, written);
    write(&store, Courtesies::default()).await.unwrap();
    assert_sound(&store).await;
}
