//! Several nodes on one database at once, with batches that overlap.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mbush::domain::{Needs, Outcome};
use mbush::store::{Store, StoreError, Writes};
use rstest::rstest;
use testkit::wait::within;
use tokio::sync::Barrier;

use crate::store::harness::{
    Database, Kind, TopUp, apply, assert_sound, decide, fingerprint, number, transfer_of, try_apply,
};

/// Rounds of a race; each is lost by another node in its own way.
const ROUNDS: u64 = 25;

/// Each node applies its batches, all beginning each round at once.
async fn race(database: &Database, nodes: usize, batch: impl Fn(usize, u64) -> Vec<TopUp>) -> Vec<Vec<Vec<Outcome>>> {
    let start = Arc::new(Barrier::new(nodes));
    let mut running = Vec::new();
    for node in 0..nodes {
        let (store, start) = (database.open().await, start.clone());
        let batches: Vec<Vec<TopUp>> = (0..ROUNDS).map(|round| batch(node, round)).collect();
        running.push(tokio::spawn(async move {
            let mut outcomes = Vec::new();
            for batch in batches {
                start.wait().await;
                outcomes.push(apply(&store, &batch).await);
            }
            outcomes
        }));
    }
    let mut all = Vec::new();
    for node in running {
        all.push(within("a node's batches", node).await.unwrap());
    }
    all
}

async fn sound(database: &Database) -> Store {
    let store = database.open().await;
    assert_sound(&store).await;
    store
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_message_on_two_nodes_is_one_with_one_answer(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    // Each round another number that is not there yet, so that nothing can be locked.
    let all = race(&database, 3, |_, round| vec![TopUp::new(&format!("ipko:{round}"), round, round)]).await;
    let rounds = usize::try_from(ROUNDS).unwrap();
    for round in 0..rounds {
        let answers: Vec<&Outcome> = all.iter().map(|node| &node[round][0]).collect();
        assert!(matches!(answers[0], Outcome::Applied(_)));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "round {round}: {answers:?}");
    }
    let totals = sound(&database).await.totals().await.unwrap();
    assert_eq!((totals.messages, totals.transfers, totals.outbox_open), (count(rounds), count(rounds), count(rounds)));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_request_on_two_nodes_is_one_top_up(#[case] kind: Kind, #[values(false, true)] known: bool) {
    let Some(database) = Database::new(kind) else { return };
    // To a number that is not there yet, or to one that is there and can be locked.
    let credited = |round: u64| if known { 1 } else { 100 + round };
    if known {
        apply(&database.open().await, &[TopUp::new("ipko:first", 1, 10_000)]).await;
    }
    let one = |node, round| vec![TopUp::new(&format!("ipko:{node}:{round}"), credited(round), round)];
    let all = race(&database, 3, one).await;
    for round in 0..usize::try_from(ROUNDS).unwrap() {
        let answers: Vec<&Outcome> = all.iter().map(|node| &node[round][0]).collect();
        let applied = answers.iter().filter(|answer| matches!(answer, Outcome::Applied(_))).count();
        assert_eq!(applied, 1, "round {round}: {answers:?}");
        let transfers: HashSet<_> = answers.iter().map(|answer| transfer_of(answer)).collect();
        assert_eq!(transfers.len(), 1, "the others are told of that one");
    }
    let store = sound(&database).await;
    let rounds = i64::try_from(ROUNDS).unwrap();
    assert_eq!(store.totals().await.unwrap().transferred_minor, 500 * (rounds + i64::from(known)));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_reference_for_two_numbers_is_one_top_up(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    // No account is common to the nodes: nothing but the request itself can stop the second.
    let one = |node: usize, round| vec![TopUp::new(&format!("bank:{node}:{round}"), node as u64, round)];
    let all = race(&database, 3, one).await;
    let outcomes = all.iter().flatten().flatten();
    let applied = outcomes.filter(|outcome| matches!(outcome, Outcome::Applied(_))).count();
    assert_eq!(applied as u64, ROUNDS);
    assert_eq!(sound(&database).await.totals().await.unwrap().transfers, i64::try_from(ROUNDS).unwrap());
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn batches_that_overlap_conserve_money(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    // Twelve numbers, in another order on each node, some of them new in mid-race; every third request is another's too.
    let batch = |node: usize, round: u64| {
        let node = node as u64;
        (0..30)
            .map(|i| {
                let credited = (i * (node * 2 + 1) + round) % 12 + round / 5;
                let request = if i % 3 == 0 { round * 100 + i } else { 1_000_000 * (node + 1) + round * 100 + i };
                let credited = if i % 3 == 0 { i % 12 } else { credited };
                TopUp::new(&format!("ipko:{node}:{round}:{i}"), credited, request)
            })
            .collect()
    };
    let all = race(&database, 4, batch).await;
    let outcomes: Vec<&Outcome> = all.iter().flatten().flatten().collect();
    let applied = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Applied(_))).count();
    let rounds = usize::try_from(ROUNDS).unwrap();
    assert_eq!((outcomes.len(), applied), (4 * 30 * rounds, (4 * 20 + 10) * rounds));
    let totals = sound(&database).await.totals().await.unwrap();
    assert_eq!(totals.balances_minor, 500 * count(applied));
    assert_eq!((totals.transfers, totals.messages), (count(applied), count(outcomes.len())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn batches_in_opposite_order_wait_for_each_other_and_do_not_fail() {
    let Some(database) = Database::new(Kind::Postgres) else { return };
    let (one, other) = (database.open().await, database.open().await);
    let everybody: Vec<TopUp> = (0..50).map(|i| TopUp::new(&format!("first:{i}"), i, i)).collect();
    apply(&one, &everybody).await;
    let batch = |node: &str, round: u64, backwards: bool| {
        let mut batch: Vec<TopUp> =
            (0..50).map(|i| TopUp::new(&format!("{node}:{round}:{i}"), i, fresh(node, round, i))).collect();
        if backwards {
            batch.reverse();
        }
        batch
    };
    for round in 0..20 {
        let (forwards, backwards) = (batch("one", round, false), batch("other", round, true));
        // No second run here: a deadlock would be an error.
        let (first, second) = tokio::join!(try_apply(&one, &forwards), try_apply(&other, &backwards));
        first.unwrap();
        second.unwrap();
    }
    assert_eq!(sound(&database).await.totals().await.unwrap().transfers, 50 * 41);
}

fn fresh(node: &str, round: u64, i: u64) -> u64 {
    (if node == "one" { 1_000_000 } else { 2_000_000 }) + round * 100 + i
}

/// Two transactions in lockstep: the second has looked before the first commits.
#[tokio::test]
async fn who_is_second_with_a_new_number_runs_again_and_finds_it() {
    let Some(database) = Database::new(Kind::Postgres) else { return };
    let (one, other) = (database.open().await, database.open().await);
    let wanted = Needs { accounts: vec![number(1)], fingerprints: vec![fingerprint(1)], ..Needs::default() };
    let (mut first, mut second) = (one.begin().await.unwrap(), other.begin().await.unwrap());
    let (seen_first, seen_second) = (first.load(&wanted).await.unwrap(), second.load(&wanted).await.unwrap());
    let (mut writes_first, mut writes_second) = (Writes::default(), Writes::default());
    decide(&mut writes_first, &seen_first, &TopUp::new("one:1", 1, 1));
    decide(&mut writes_second, &seen_second, &TopUp::new("other:1", 1, 1));
    first.write(&writes_first).await.unwrap();
    let (committed, refused) = tokio::join!(first.commit(), second.write(&writes_second));
    committed.unwrap();
    let refused = refused.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { table: "accounts" }) && refused.is_transient(), "{refused}");
    drop(second);

    let again = try_apply(&other, &[TopUp::new("other:1", 1, 1)]).await.unwrap();
    assert!(matches!(again[0], Outcome::Duplicate { .. }));
    assert_eq!(sound(&database).await.totals().await.unwrap().transfers, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_crashes_under_load_loses_and_doubles_nothing() {
    let Some(mut database) = Database::new(Kind::Postgres) else { return };
    let nodes: Vec<_> = futures_util::future::join_all((0..3).map(|_| database.open())).await;
    let stop = Arc::new(AtomicBool::new(false));
    let running: Vec<_> =
        (0_u64..).zip(nodes).map(|(node, store)| tokio::spawn(load(node, store, stop.clone()))).collect();
    let mut crashed = false;
    for _ in 0..4 {
        // Long enough for some batches; how many does not matter.
        tokio::time::sleep(Duration::from_millis(150)).await;
        crashed = database.crash_and_restart();
    }
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = Vec::new();
    for node in running {
        acknowledged.extend(within("a node's batches", node).await.unwrap());
    }
    if !crashed {
        println!("left out: the server is not ours to crash");
    }
    let store = sound(&database).await;
    assert_eq!(store.totals().await.unwrap().messages, count(acknowledged.len()));
    // Whoever sends everything again is told the same.
    for batch in acknowledged.chunks(200) {
        let (top_ups, outcomes): (Vec<TopUp>, Vec<Outcome>) = batch.iter().cloned().unzip();
        assert_eq!(apply(&store, &top_ups).await, outcomes);
    }
    assert_sound(&store).await;
}

/// Batches of ten until told to stop, and what each message was answered.
async fn load(node: u64, store: Store, stop: Arc<AtomicBool>) -> Vec<(TopUp, Outcome)> {
    let mut acknowledged = Vec::new();
    for round in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let request = |i| node * 10_000_000 + round * 10 + i;
        let batch: Vec<TopUp> =
            (0..10).map(|i| TopUp::new(&format!("{node}:{round}:{i}"), (round + i) % 50, request(i))).collect();
        let outcomes = apply(&store, &batch).await;
        acknowledged.extend(batch.into_iter().zip(outcomes));
    }
    acknowledged
}

fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap()
}
