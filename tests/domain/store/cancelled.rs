//! A transaction can be cancelled at any point, for example when an HTTP client disconnects or a time limit ends.

use std::task::Poll;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use mbush::store::{SweepLease, SweepTerms};
use rstest::rstest;
use uuid::Uuid;

use crate::store::harness::{Database, Kind, now};

/// Polls this a number of times, with a pause after each, and drops it.
pub(crate) async fn cancel_after<F: Future>(polls: u32, pause: Duration, future: F) {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await.is_ready() {
            return;
        }
        tokio::time::sleep(pause).await;
    }
}

/// On a connection that went back to the pool with an open transaction, the next statement would be reported as done and
/// not be committed.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_is_written_after_transactions_that_were_cancelled_is_committed(#[case] kind: Kind) {
    /// PostgreSQL's pool has as many connections.
    const AT_ONCE: u32 = 12;
    let Some(database) = Database::new(kind) else { return };
    let (store, other) = (database.open().await, database.open().await);
    let terms = SweepTerms { now: now(), until: now() + TimeDelta::seconds(60), finished_before: now() };
    for round in 0..12 {
        let cancelled = |of| cancel_after(1 + of % 4, Duration::from_micros(100 * round), store.begin());
        join_all((0..AT_ONCE).map(cancelled)).await;
        let names: Vec<_> = (0..AT_ONCE).map(|of| &*format!("{round} {of}").leak()).collect();
        let lease = |of, name| SweepLease { name, holder: Uuid::from_u128(of) };
        for taken in join_all(names.iter().map(|name| store.take_sweep(lease(1, name), terms))).await {
            assert_eq!(taken.unwrap(), Some(None));
        }
        for name in names {
            assert_eq!(other.take_sweep(lease(2, name), terms).await.unwrap(), None, "{name} is taken");
        }
    }
}
