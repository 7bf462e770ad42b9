//! Batches that read before their transactions begin: what another transaction changes meanwhile is noticed, and nothing is
//! written then.

use std::time::Duration;

use mbush::domain::limits::{Period, UsageKey};
use mbush::domain::voucher::{CodeHash, Lookup};
use mbush::domain::{AccountKey, AccountKind, FieldValue, Needs, Outcome, Withheld};
use mbush::store::{Store, StoreError, WithheldReply, Writes};
use rstest::rstest;
use testkit::wait::within;
use uuid::Uuid;

use crate::store::cancelled::cancel_after;
use crate::store::harness::{
    Database, Kind, TopUp, apply, assert_sound, decide, fingerprint, msisdn, now, number, transfer_of, try_write,
    write_in,
};

/// What another node does between the reading and the writing.
#[derive(Debug, Clone, Copy)]
enum Meanwhile {
    /// It credits the same number, which has an account.
    Account,
    /// It opens the account of the same number.
    NewAccount,
    /// It carries out the same request for another number.
    Request,
    /// It carries out the same request for another number, as it was carried out before.
    RepeatedRequest,
    /// It answers the same message.
    Message,
}

impl Meanwhile {
    /// The batch's top-up, and the other node's.
    fn top_ups(self) -> (TopUp, TopUp) {
        let own = TopUp::new("ipko:own", 1, 1);
        let other = match self {
            Self::Account => TopUp::new("ipko:other", 1, 2),
            Self::NewAccount => return (TopUp::new("ipko:own", 7, 1), TopUp::new("ipko:other", 7, 2)),
            Self::Request | Self::RepeatedRequest => TopUp::new("ipko:other", 2, 1),
            Self::Message => own.clone(),
        };
        (own, other)
    }
}

/// Credits a number for a request, whether or not it was carried out before.
async fn repeat(store: &Store, top_up: &TopUp) {
    let mut batch = store.begin().await.unwrap();
    let mut loaded = batch.load(&top_up.wanted()).await.unwrap();
    loaded.earlier.clear();
    let mut writes = Writes::default();
    decide(&mut writes, &loaded, top_up);
    batch.write(&writes).await.unwrap();
    batch.commit().await.unwrap();
}

/// What is written beside a top-up: nothing, so that one statement or script is the transaction; or a row of another table.
fn also(key: &str, is_more: bool) -> Vec<WithheldReply> {
    let row = WithheldReply { message_key: key.to_owned(), why: Withheld::TooMany, at: now() };
    if is_more { vec![row] } else { Vec::new() }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_read_what_has_changed_since_writes_nothing(
    #[case] kind: Kind,
    #[values(false, true)] is_more: bool,
    #[values(
        Meanwhile::Account,
        Meanwhile::NewAccount,
        Meanwhile::Request,
        Meanwhile::RepeatedRequest,
        Meanwhile::Message
    )]
    meanwhile: Meanwhile,
) {
    let Some(database) = Database::new(kind) else { return };
    let (store, other) = (database.open().await, database.open().await);
    apply(&store, &[TopUp::new("ipko:a", 1, 100), TopUp::new("ipko:b", 2, 200)]).await;
    let (own, others) = meanwhile.top_ups();
    let repeats = matches!(meanwhile, Meanwhile::RepeatedRequest);
    if repeats {
        apply(&store, &[TopUp::new("ipko:c", 3, 1)]).await;
    }

    let mut batch = store.begin_reading().await.unwrap();
    let (mut loaded, _) = batch.load_with_answers(&own.wanted(), &[&own.message.key]).await.unwrap();
    if repeats {
        assert!(loaded.earlier.remove(&fingerprint(1)).is_some(), "it was carried out before");
        repeat(&other, &others).await;
    } else {
        apply(&other, std::slice::from_ref(&others)).await;
    }
    let before = other.totals().await.unwrap();
    let mut writes = Writes { withheld: also(&own.message.key, is_more), ..Writes::default() };
    decide(&mut writes, &loaded, &own);
    let written = match batch.write(&writes).await {
        Ok(()) => batch.commit().await,
        Err(failure) => {
            batch.rollback().await;
            Err(failure)
        }
    };
    let failure = written.unwrap_err();
    assert!(matches!(failure, StoreError::Conflict { .. }), "{failure}");
    assert!(failure.is_undone() && failure.is_transient(), "{failure}");
    assert_eq!(other.totals().await.unwrap(), before);
    assert_eq!(store.withheld(&own.message.key).await.unwrap(), None);

    // It is run again, and finds what the other has done.
    let outcome = apply(&store, std::slice::from_ref(&own)).await.remove(0);
    match meanwhile {
        Meanwhile::Account | Meanwhile::NewAccount => assert!(matches!(outcome, Outcome::Applied(_)), "{outcome:?}"),
        Meanwhile::Request | Meanwhile::RepeatedRequest => {
            assert!(matches!(outcome, Outcome::Duplicate { .. }), "{outcome:?}");
        }
        Meanwhile::Message => assert_eq!(other.totals().await.unwrap(), before),
    }
    assert_sound(&store).await;
}

/// The fields of a message are of its transaction: a batch that writes nothing leaves none behind, so that the next attempt
/// can write them.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_of_a_batch_that_is_run_again_are_written_once(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (store, other) = (database.open().await, database.open().await);
    apply(&store, &[TopUp::new("ipko:a", 1, 100)]).await;
    let (own, others) = Meanwhile::Account.top_ups();
    for is_first in [true, false] {
        let mut batch = if is_first { store.begin_reading().await } else { store.begin().await }.unwrap();
        let (loaded, _) = batch.load_with_answers(&own.wanted(), &[&own.message.key]).await.unwrap();
        if is_first {
            apply(&other, std::slice::from_ref(&others)).await;
        }
        let mut writes = Writes::default();
        decide(&mut writes, &loaded, &own);
        writes.inbox[0].fields.push("meter", FieldValue::Digits("0041".into()));
        let written = match batch.write(&writes).await {
            Ok(()) => batch.commit().await,
            Err(failure) => {
                batch.rollback().await;
                Err(failure)
            }
        };
        let lines = other.statement(&number(1), 9).await.unwrap();
        let kept = lines.iter().filter(|line| !line.fields.is_empty()).count();
        assert_eq!((written.is_ok(), kept), (!is_first, usize::from(!is_first)), "{written:?}");
    }
    assert_sound(&store).await;
}

/// Rows that many messages share would be changed meanwhile again and again. A card that is blocked with its batch, and
/// everything else that a row does not show of itself, is read under a lock.
#[test]
fn only_what_is_a_customers_own_is_read_without_a_lock() {
    let own = Needs { courtesies: vec![msisdn(1)], ..TopUp::new("ipko:1", 1, 1).wanted() };
    assert!(own.can_be_read_ahead());
    let (id, period) = (Uuid::now_v7(), Period::Recent);
    let lookup = Lookup { sender: "+38349111222".into(), at: now(), hashes: vec![CodeHash([1; 32])] };
    let usage = UsageKey { subject: "payer:1".into(), period };
    let wallet = AccountKey { kind: AccountKind::Dealer, key: "kiosk".into() };
    for shared in [
        Needs { accounts: vec![number(1), wallet], ..own.clone() },
        Needs { usage: vec![usage], ..own.clone() },
        Needs { lookups: vec![lookup], ..own.clone() },
        Needs { pins: vec![number(1)], ..own.clone() },
        Needs { reversed: vec![id], ..own.clone() },
        Needs { holds: vec![id], ..own.clone() },
        Needs { actions: vec![id], ..own },
    ] {
        assert!(!shared.can_be_read_ahead(), "{shared:?}");
    }
}

/// On SQLite, where one transaction writes at a time, the next batch is read and decided during that of the one before.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_read_while_another_one_is_written(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    for round in 0..3 {
        let top_up = move |of: u64| TopUp::new(&format!("ipko:{round}:{of}"), of, 10 * round + of);
        let (first, _) = try_write(&store, &[top_up(1)]).await.unwrap();
        let reads = async {
            let mut batch = store.begin_reading().await.unwrap();
            let loaded = batch.load(&top_up(2).wanted()).await.unwrap();
            assert_eq!(loaded.accounts.len(), usize::from(round > 0));
            let unwritten = Needs { fingerprints: vec![fingerprint(10 * round + 1)], ..Needs::default() };
            assert!(batch.load(&unwritten).await.unwrap().earlier.is_empty(), "what is not committed is not seen");
            batch.rollback().await;
            write_in(store.begin_reading().await.unwrap(), &[]).await.unwrap().0.commit().await.unwrap();
            store.begin_reading().await.unwrap()
        };
        let second = within("the rows that the second batch reads", reads).await;
        let writes = tokio::spawn(async move {
            let (batch, outcomes) = write_in(second, &[top_up(2)]).await.unwrap();
            batch.commit().await.unwrap();
            outcomes
        });
        first.commit().await.unwrap();
        let outcomes = within("the second batch", writes).await.unwrap();
        assert!(matches!(outcomes[0], Outcome::Applied(_)), "{outcomes:?}");
    }
    assert_eq!(store.totals().await.unwrap().transfers, 6);
    assert_sound(&store).await;
}

/// The connection that writes must not be left within a transaction, or what comes next would not be committed.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_that_are_cancelled_are_written_whole_or_not_at_all(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (store, other) = (database.open().await, database.open().await);
    let mut numbers = 0..;
    for pause in [0, 50, 200, 1_000].map(Duration::from_micros) {
        for polls in 1..9 {
            let number = numbers.next().unwrap();
            let top_ups = [0, 1].map(|part| TopUp::new(&format!("ipko:{number}:{part}"), part, 2 * number + part));
            let batch = async {
                let (batch, _) = write_in(store.begin_reading().await?, &top_ups).await?;
                batch.commit().await
            };
            cancel_after(polls, pause, batch).await;
            let outcomes = within("a batch after a cancelled one", apply(&store, &top_ups)).await;
            let seen = apply(&other, &top_ups).await;
            assert_eq!(
                outcomes.iter().map(transfer_of).collect::<Vec<_>>(),
                seen.iter().map(transfer_of).collect::<Vec<_>>()
            );
        }
    }
    let written = numbers.next().unwrap();
    assert_eq!(store.totals().await.unwrap().transfers, i64::try_from(2 * written).unwrap());
    assert_sound(&store).await;
}
