//! Scratch cards: batches, cards by hash and serial, steps and what is remembered of them.

use chrono::TimeDelta;
use mbush::domain::voucher::{CardBatch, CodeHash, Lockout, Lookup, Redeemed, Serial, State, Use};
use mbush::domain::{AccountKey, Amount, Needs, TransferKind};
use mbush::store::{NewBatch, Store, StoreError, VoucherEvent, Writes};
use rstest::rstest;

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, decide, msisdn, now, transfer_of};

fn new_batch(count: u32) -> NewBatch {
    NewBatch {
        amount: Amount::whole(5).unwrap(),
        count,
        days: Some(45),
        key: "2026-1".into(),
        expires_at: now() + TimeDelta::days(365),
        by: "arta".into(),
        at: now(),
    }
}

fn hash(of: u32) -> CodeHash {
    let mut octets = [7; 32];
    octets[..4].copy_from_slice(&of.to_be_bytes());
    CodeHash(octets)
}

fn event(from: State, to: State, place: Option<u32>) -> VoucherEvent {
    VoucherEvent { place, from, to, by: "besim".into(), note: "because".into(), at: now() }
}

async fn move_to(store: &Store, batch: &CardBatch, to: State) -> bool {
    let changed = CardBatch { state: to, file: Some([1; 32]), ..batch.clone() };
    store.step_voucher_batch(&changed, &event(batch.state, to, None)).await.unwrap()
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_batch_is_found_again_as_it_was_stored(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    assert_eq!(store.voucher_batches().await.unwrap(), []);
    for number in [1, 2] {
        assert_eq!(store.open_voucher_batch(&new_batch(300)).await.unwrap(), number);
    }
    let hashes: Vec<CodeHash> = (0..300).map(hash).collect();
    store.add_vouchers(1, 1, &hashes[..200]).await.unwrap();
    store.add_vouchers(1, 201, &hashes[200..]).await.unwrap();
    assert_eq!((store.stored_vouchers(1).await.unwrap(), store.stored_vouchers(2).await.unwrap()), (300, 0));
    let known = store.known_vouchers(&[hash(5), hash(300), hash(299)]).await.unwrap();
    assert_eq!(known, [hash(5), hash(299)].into());
    let again = store.add_vouchers(2, 1, &[hash(1_000), hash(5)]).await;
    assert!(matches!(again, Err(StoreError::Conflict { table: "vouchers" })), "{again:?}");
    assert_eq!(store.stored_vouchers(2).await.unwrap(), 0, "all or none");

    let batch = store.voucher_batch(1).await.unwrap().unwrap();
    assert_eq!(
        (batch.state, batch.count, batch.days, batch.key.as_str()),
        (State::Generating, 300, Some(45), "2026-1")
    );
    assert_eq!((batch.generated_at, batch.expires_at), (now(), now() + TimeDelta::days(365)));
    assert!(store.voucher_batch(3).await.unwrap().is_none());
    let found = store.voucher(Serial::new(1, 300).unwrap()).await.unwrap().unwrap();
    assert_eq!((found.own, found.used, found.batch), (None, None, batch));
    assert!(store.voucher(Serial::new(1, 301).unwrap()).await.unwrap().is_none());
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_step_is_of_the_version_that_was_seen_and_is_remembered(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    store.open_voucher_batch(&new_batch(3)).await.unwrap();
    store.add_vouchers(1, 1, &[hash(1), hash(2), hash(3)]).await.unwrap();
    let seen = store.voucher_batch(1).await.unwrap().unwrap();
    assert!(move_to(&store, &seen, State::Generated).await);
    assert!(!move_to(&store, &seen, State::Void).await, "somebody else has changed it");
    let generated = store.voucher_batch(1).await.unwrap().unwrap();
    assert_eq!((generated.state, generated.file, generated.version), (State::Generated, Some([1; 32]), 2));

    let serial = Serial::new(1, 2).unwrap();
    let block = event(State::Active, State::Blocked, Some(2));
    assert!(store.step_voucher(serial, None, &block).await.unwrap());
    assert!(!store.step_voucher(serial, None, &block).await.unwrap(), "it is blocked already");
    assert!(
        store.step_voucher(serial, Some(State::Blocked), &event(State::Blocked, State::Void, Some(2))).await.unwrap()
    );
    let counts = store.voucher_counts().await.unwrap();
    assert_eq!(counts.iter().map(|c| (c.batch, c.state, c.count)).collect::<Vec<_>>(), [(1, State::Void, 1)]);
    let steps = |events: Vec<VoucherEvent>| events.into_iter().map(|e| (e.place, e.to)).collect::<Vec<_>>();
    let whole = steps(store.voucher_events(1, None).await.unwrap());
    assert_eq!(whole, [(None, State::Generated)]);
    let card = store.voucher_events(1, Some(2)).await.unwrap();
    assert_eq!(card[1], block);
    assert_eq!(steps(card), [(None, State::Generated), (Some(2), State::Blocked), (Some(2), State::Void)]);
}

/// A card of 5.00 that may be redeemed.
pub(crate) async fn active_card(store: &Store) -> Serial {
    store.open_voucher_batch(&new_batch(1)).await.unwrap();
    store.add_vouchers(1, 1, &[hash(1)]).await.unwrap();
    for to in [State::Generated, State::Printed, State::Distributed, State::Active] {
        let batch = store.voucher_batch(1).await.unwrap().unwrap();
        assert!(move_to(store, &batch, to).await, "{to:?}");
    }
    Serial::new(1, 1).unwrap()
}

/// A text that redeems card `place` for the number of the same last digits, as the processor writes it.
async fn redeem(store: &Store, place: u32) {
    let key = format!("ipko:card{place}");
    let top_up = TopUp::new(&key, u64::from(place), u64::from(place));
    let mut batch = store.begin().await.unwrap();
    let lookup = Lookup { sender: "38349111222".into(), at: now(), hashes: vec![hash(place)] };
    let loaded = batch.load(&Needs { lookups: vec![lookup], ..top_up.wanted() }).await.unwrap();
    assert_eq!(loaded.cards[&hash(place)].serial, Serial::new(1, place).unwrap());
    let mut writes = Writes::default();
    let outcome = decide(&mut writes, &loaded, &top_up);
    let transfer = &mut writes.transfers[0];
    transfer.movement.kind = TransferKind::Voucher;
    transfer.movement.debit = AccountKey::voucher_liability(1);
    let used = Use {
        sender: "38349111222".into(),
        number: msisdn(u64::from(place)),
        transfer: transfer_of(&outcome),
        at: now(),
    };
    writes.cards.push(Redeemed { hash: hash(place), used });
    writes.lockouts.push(("38349111222".into(), Lockout { wrong: place, ..Lockout::default() }));
    batch.write(&writes).await.unwrap();
    batch.commit().await.unwrap();
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn used_cards_are_found_used_and_the_audit_proves_that_each_was_paid(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    store.open_voucher_batch(&new_batch(3)).await.unwrap();
    store.add_vouchers(1, 1, &[hash(1), hash(2), hash(3)]).await.unwrap();
    redeem(&store, 1).await;
    redeem(&store, 2).await;
    let used = store.voucher(Serial::new(1, 2).unwrap()).await.unwrap().unwrap();
    assert_eq!((used.own, used.used.map(|used| used.number)), (Some(State::Used), Some(msisdn(2))));
    let block = event(State::Active, State::Blocked, Some(1));
    assert!(!store.step_voucher(Serial::new(1, 1).unwrap(), None, &block).await.unwrap(), "what is used stays used");
    let audit = store.audit(&mut |_| {}).await.unwrap();
    assert_eq!((audit.offence, audit.cards), (None, 2));
    for (sql, row) in [
        ("UPDATE vouchers SET number = '38349000009' WHERE place = 2", "00001-0000002"),
        ("UPDATE vouchers SET number = '38349000002', batch = 2 WHERE place = 2", "00002-0000002"),
        ("UPDATE vouchers SET batch = 1, state = NULL, transfer = NULL WHERE place = 2", "all"),
    ] {
        execute(&database, kind, sql).await;
        let offence = store.audit(&mut |_| {}).await.unwrap().offence.unwrap();
        assert_eq!((offence.table, offence.row.as_str()), ("vouchers", row), "{sql}");
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_card_and_a_lockout_are_written_over_what_was_seen_only(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    store.open_voucher_batch(&new_batch(3)).await.unwrap();
    store.add_vouchers(1, 1, &[hash(1), hash(2), hash(3)]).await.unwrap();
    redeem(&store, 1).await;
    let lookup = |sender: &str| Lookup { sender: sender.into(), at: now(), hashes: vec![hash(1), hash(3)] };
    let mut batch = store.begin().await.unwrap();
    let needs = Needs { lookups: vec![lookup("38349111222"), lookup("38349111333")], ..Needs::default() };
    let loaded = batch.load(&needs).await.unwrap();
    assert_eq!(loaded.lockouts, [("38349111222".to_owned(), Lockout { wrong: 1, ..Lockout::default() })].into());
    let used = loaded.cards[&hash(1)].used.clone().unwrap();
    let again = Writes { cards: vec![Redeemed { hash: hash(1), used }], ..Writes::default() };
    let lost = batch.write(&again).await;
    assert!(matches!(lost, Err(StoreError::Conflict { table: "vouchers" })), "{lost:?}");
    drop(batch);
    let mut batch = store.begin().await.unwrap();
    let unseen = Writes { lockouts: vec![("38349111222".into(), Lockout::default())], ..Writes::default() };
    let lost = batch.write(&unseen).await;
    assert!(matches!(lost, Err(StoreError::Conflict { table: "voucher_lockouts" })), "{lost:?}");
    drop(batch);

    let until = Some(now() + TimeDelta::minutes(15));
    let mut batch = store.begin().await.unwrap();
    batch.load(&needs).await.unwrap();
    let locked = Lockout { wrong: 0, locks: 1, until };
    batch.write(&Writes { lockouts: vec![("38349111222".into(), locked)], ..Writes::default() }).await.unwrap();
    batch.commit().await.unwrap();
    let mut batch = store.begin().await.unwrap();
    let loaded = batch.load(&Needs { lookups: vec![lookup("38349111222")], ..Needs::default() }).await.unwrap();
    assert_eq!((loaded.lockouts["38349111222"], loaded.cards.len()), (locked, 0), "who is locked is not looked up for");
    let later = Lookup { at: now() + TimeDelta::minutes(15), ..lookup("38349111222") };
    let loaded = batch.load(&Needs { lookups: vec![later], ..Needs::default() }).await.unwrap();
    assert_eq!(loaded.cards.len(), 2);
}
