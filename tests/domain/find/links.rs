//! Links that go and come leave a record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use mbush::dispatch::LinkWatch;
use mbush::domain::{Clock, OutboundSms};
use mbush::links::{Links, Outbound, SendOutcome};
use mbush::store::{LinkPeriod, Store};
use rstest::rstest;
use testkit::wait::DEADLINE;
use tokio_util::sync::CancellationToken;

use crate::store::harness::{Database, Kind};

/// A link that the test cuts.
#[derive(Debug, Default)]
struct Cable(AtomicBool);

impl Outbound for Cable {
    fn is_ready(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn trouble(&self) -> Option<String> {
        Some("a digger".into())
    }

    fn send<'a>(&'a self, _sms: &'a OutboundSms) -> BoxFuture<'a, SendOutcome> {
        std::future::ready(SendOutcome::NotBound).boxed()
    }
}

/// The periods in their order, once there are so many.
async fn periods(store: &Store, count: usize) -> Vec<LinkPeriod> {
    let end = std::time::Instant::now() + DEADLINE;
    loop {
        let day = TimeDelta::days(1);
        let mut found = store.link_periods(Utc::now() - day, Utc::now() + day).await.unwrap();
        if found.len() >= count {
            found.sort_unstable_by_key(|period| period.since);
            return found;
        }
        assert!(std::time::Instant::now() < end, "{found:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_link_that_goes_and_comes_leaves_its_times(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let cable = Arc::new(Cable::default());
    cable.0.store(true, Ordering::Relaxed);
    let mut links = Links::default();
    links.insert("ipko", cable.clone());
    let stop = CancellationToken::new();
    let watch = LinkWatch::new(store.clone(), links, Clock::new(Utc::now));
    let watching = tokio::spawn(watch.run(stop.clone()));
    periods(&store, 1).await;
    cable.0.store(false, Ordering::Relaxed);
    periods(&store, 2).await;
    cable.0.store(true, Ordering::Relaxed);
    periods(&store, 3).await;
    stop.cancel();
    watching.await.unwrap();
    let found = periods(&store, 3).await;
    let states: Vec<_> = found.iter().map(|period| (period.state.as_str(), period.reason.as_deref())).collect();
    assert_eq!(states, [("up", None), ("down", Some("a digger")), ("up", None)]);
    assert!(found.windows(2).all(|two| two[0].until == two[1].since), "{found:?}");
    assert!(found.iter().all(|period| period.link == "ipko" && period.node == found[0].node));
}
