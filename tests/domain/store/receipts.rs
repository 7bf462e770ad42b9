//! What an SMSC says became of a reply, however it writes the identifier.

use chrono::{DateTime, TimeDelta, Utc};
use mbush::store::{Delivery, DeliveryReceipt, EarlyReceipt, Lease, Leased, OutboxRow, Store};
use rstest::rstest;
use uuid::Uuid;

use crate::store::harness::{Database, Kind, TopUp, apply, now};

fn receipt(ids: &[&str], phone: &str, undeliverable: Option<&str>) -> DeliveryReceipt {
    DeliveryReceipt {
        link: "ipko".into(),
        remote_ids: ids.iter().map(ToString::to_string).collect(),
        phone: phone.into(),
        undeliverable: undeliverable.map(Into::into),
    }
}

fn delivered(id: &str) -> DeliveryReceipt {
    receipt(&[id], "", None)
}

fn sent(ids: &[&str]) -> Delivery {
    Delivery::Sent { remote_ids: ids.iter().map(|id| Some(id.to_string()).filter(|id| !id.is_empty())).collect() }
}

async fn leased(store: &Store) -> Vec<Leased> {
    let lease = Lease { id: Uuid::now_v7(), now: now(), until: now() + TimeDelta::seconds(60) };
    store.lease_outbox("ipko", lease, 10).await.unwrap()
}

/// Replies to messages of these keys, each after this attempt.
async fn after(store: &Store, endings: Vec<(&str, Delivery)>) {
    let leased = leased(store).await;
    let of = |key: &str| leased.iter().find(|reply| reply.sms.message_key == key).unwrap();
    let finished: Vec<_> =
        endings.into_iter().map(|(key, delivery)| (of(key).sms.id, of(key).lease, delivery)).collect();
    store.finish_outbox(&finished, now()).await.unwrap();
}

fn again() -> DateTime<Utc> {
    now() + TimeDelta::seconds(1)
}

async fn receive(store: &Store, receipts: &[DeliveryReceipt]) -> Vec<bool> {
    store.receive_receipts(receipts, now(), again()).await.unwrap()
}

async fn early(store: &Store, at: DateTime<Utc>) -> Vec<EarlyReceipt> {
    store.early_receipts(at, at + TimeDelta::minutes(11), 20_000).await.unwrap()
}

async fn row(store: &Store, key: &str) -> OutboxRow {
    store.outbox_of(key).await.unwrap().remove(0)
}

async fn state(store: &Store, key: &str) -> (String, Option<String>) {
    let row = row(store, key).await;
    (row.state, row.last_error)
}

fn says(state: &str, error: Option<&str>) -> (String, Option<String>) {
    (state.to_owned(), error.map(str::to_owned))
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_receipt_finds_its_reply_and_no_other(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1), TopUp::new("ipko:2", 2, 2)]).await;
    // The same number in two spellings: 0x2A and 42.
    after(&store, vec![("ipko:1", sent(&["00002A"])), ("ipko:2", sent(&["42"]))]).await;
    let (first, second) = (row(&store, "ipko:1").await.sms.to, row(&store, "ipko:2").await.sms.to);
    let national = first.trim_start_matches("383").to_owned();
    let receipts = [
        receipt(&["42", "2a", "66"], &national, None),
        receipt(&["42", "2a", "66"], &second, Some("error 034")),
        receipt(&["4711"], &first, None),
        DeliveryReceipt { link: "vala".into(), ..receipt(&["42"], "", None) },
    ];
    assert_eq!(receive(&store, &receipts).await, [true, true, false, false]);
    assert_eq!(state(&store, "ipko:1").await, says("delivered", None));
    assert_eq!(state(&store, "ipko:2").await, says("undeliverable", Some("error 034")));
    let contrary = [receipt(&["2a"], &first, Some("late")), receipt(&["42"], &second, None)];
    assert_eq!(receive(&store, &contrary).await, [true, true], "what was said for good is not taken back");
    assert_eq!(state(&store, "ipko:1").await, says("delivered", None));
    assert_eq!(state(&store, "ipko:2").await, says("undeliverable", Some("error 034")));
}

/// One phone has two replies whose identifiers end, and begin, alike: `A42`, `42` and `421`.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn an_identifier_is_the_whole_of_it_and_neither_its_end_nor_its_beginning(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let all = [TopUp::new("ipko:1", 1, 1), TopUp::new("ipko:2", 1, 2), TopUp::new("ipko:3", 1, 3)];
    apply(&store, &all).await;
    let long = sent(&["A42", "B42"]);
    after(&store, vec![("ipko:1", sent(&["A42"])), ("ipko:2", sent(&["421"])), ("ipko:3", long)]).await;
    let phone = row(&store, "ipko:1").await.sms.to;
    let foreign =
        [receipt(&["42", "2a", "66"], &phone, None), receipt(&["a4"], &phone, None), receipt(&["1"], "", None)];
    assert_eq!(receive(&store, &foreign).await, [false; 3]);
    for key in ["ipko:1", "ipko:2", "ipko:3"] {
        assert_eq!(state(&store, key).await, says("sent", None), "{key}");
    }
    assert_eq!(
        receive(&store, &[receipt(&["421"], &phone, None), receipt(&["b42"], &phone, Some("late"))]).await,
        [true; 2]
    );
    assert_eq!(state(&store, "ipko:1").await, says("sent", None));
    assert_eq!(state(&store, "ipko:2").await, says("delivered", None));
    assert_eq!(state(&store, "ipko:3").await, says("undeliverable", Some("part 2: late")));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_receipt_that_comes_too_early_waits_for_its_reply(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
    let phone = row(&store, "ipko:1").await.sms.to;
    let soon = [receipt(&["42", "2a"], &phone, None), receipt(&["4711"], "", Some("error 1"))];
    assert_eq!(receive(&store, &soon).await, [false, false], "nothing was sent yet");
    assert_eq!(receive(&store, &soon).await, [false, false], "a crash before the answer brings them again");
    assert!(early(&store, now()).await.is_empty(), "they are not tried before their time");
    store.close().await;
    // Another life of the program, and the identifier is on disk at last.
    let store = database.open().await;
    after(&store, vec![("ipko:1", sent(&["002A"]))]).await;
    let waiting = early(&store, again()).await;
    assert_eq!(waiting.iter().map(|early| early.tries).collect::<Vec<_>>(), [0, 0], "each is kept once");
    let next = again() + TimeDelta::seconds(2);
    let tries: Vec<_> = waiting.into_iter().map(|early| (early, Some(next))).collect();
    let found = store.try_receipts_again(&tries, again()).await.unwrap();
    assert_eq!(found.iter().filter(|found| **found).count(), 1);
    assert_eq!(state(&store, "ipko:1").await, says("delivered", None));
    assert!(early(&store, again()).await.is_empty());
    let last = early(&store, next).await;
    assert_eq!((last.len(), last[0].tries, last[0].receipt.remote_ids[0].as_str()), (1, 1, "4711"));
    assert_eq!(early(&store, now() - TimeDelta::hours(1)).await, last, "a clock that was set back holds nothing up");
    store.try_receipts_again(&[(last[0].clone(), None)], next).await.unwrap();
    assert!(
        early(&store, next + TimeDelta::hours(1)).await.is_empty(),
        "what was tried for the last time is forgotten"
    );
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_long_replys_state_follows_all_its_parts(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let keys = ["ipko:1", "ipko:2", "ipko:3", "ipko:4", "ipko:5"];
    let top_ups: Vec<TopUp> = (1..).zip(keys).map(|(i, key)| TopUp::new(key, i, i)).collect();
    apply(&store, &top_ups).await;
    let partly = Delivery::Unknown { error: "2 of 3".into(), remote_ids: vec![Some("d1".into()), Some("d2".into())] };
    let endings = [sent(&["a1", "A2", "00a3"]), sent(&["b1", "b2"]), sent(&["c1", ""]), partly, sent(&["e", "e"])];
    after(&store, keys.into_iter().zip(endings).collect()).await;

    assert_eq!(receive(&store, &[delivered("a1"), delivered("a3")]).await, [true, true]);
    assert_eq!(receive(&store, &[delivered("a1")]).await, [true]);
    assert_eq!(state(&store, "ipko:1").await, says("sent", None), "one part is missing, however often the others come");
    assert_eq!(receive(&store, &[delivered("a2")]).await, [true]);
    assert_eq!(state(&store, "ipko:1").await, says("delivered", None));

    let failed = [delivered("b1"), receipt(&["b2"], "", Some("expired at the SMSC"))];
    assert_eq!(receive(&store, &failed).await, [true, true]);
    assert_eq!(state(&store, "ipko:2").await, says("undeliverable", Some("part 2: expired at the SMSC")));
    assert_eq!(receive(&store, &[delivered("b2")]).await, [true]);
    assert_eq!(state(&store, "ipko:2").await.0, "undeliverable", "what was said for good is not taken back");

    assert_eq!(receive(&store, &[delivered("c1")]).await, [true]);
    assert_eq!(state(&store, "ipko:3").await.0, "sent", "nobody can say what became of a part without a name");
    assert_eq!(receive(&store, &[delivered("d1"), delivered("d2")]).await, [true, true]);
    assert_eq!(state(&store, "ipko:4").await.0, "unknown", "its third part may have been taken or not");
    assert_eq!(receive(&store, &[delivered("e")]).await, [true]);
    assert_eq!(state(&store, "ipko:5").await.0, "delivered", "an SMSC that gives all parts one name means all of them");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn identifiers_without_measure_harm_nobody(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1), TopUp::new("ipko:2", 2, 2)]).await;
    // Hardly compressible, so that no index could take it.
    let long: String =
        (0..60_000_u64).map(|i| hex::encode(i.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes())).collect();
    after(&store, vec![("ipko:1", sent(&[&long])), ("ipko:2", sent(&["a\0b", "b2"]))]).await;
    assert_eq!((state(&store, "ipko:1").await.0, state(&store, "ipko:2").await.0), ("sent".into(), "sent".into()));
    assert_eq!(receive(&store, &[delivered(&long), delivered("b2")]).await, [false, true]);
    assert!(early(&store, again()).await.is_empty(), "nothing will ever have that name");
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn receipts_of_others_do_not_pile_up(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let other = DeliveryReceipt { link: "vala".into(), ..delivered("1") };
    receive(&store, &[other]).await;
    for batch in 0..11 {
        let at = now() + TimeDelta::milliseconds(batch);
        let receipts: Vec<_> = (0..1_000).map(|i| delivered(&format!("{}", 100_000 + batch * 1_000 + i))).collect();
        store.receive_receipts(&receipts, at, again()).await.unwrap();
    }
    let kept = early(&store, again()).await;
    let of = |link: &str| kept.iter().filter(|early| early.receipt.link == link).count();
    assert_eq!((of("ipko"), of("vala")), (10_000, 1), "one link's do not push out another's");
    assert!(!kept.iter().any(|early| early.receipt.remote_ids == ["100000"]), "the oldest are forgotten first");
}
