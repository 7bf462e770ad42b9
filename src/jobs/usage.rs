//! Deletes the usage of limits for past days and months.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use crate::domain::Clock;
use crate::store::{Store, StoreError, SweepLease, SweepMark, SweepTerms};

/// Name of this sweep's lease.
const NAME: &str = "usage";
/// Rows that are read at once, and most rows deleted in one transaction.
const PAGE: u32 = 200;
/// Interval of the sweep.
const EVERY: TimeDelta = TimeDelta::hours(6);
/// Interval at which the time is checked.
const ASK_EVERY: Duration = Duration::from_mins(5);
/// Silence of a node after which another takes over the sweep.
const LEASE: TimeDelta = TimeDelta::seconds(60);
/// Wait between two pages, which leaves the disk to others.
const BREATH: Duration = Duration::from_millis(2);
/// Time that a period is kept after its end, because nodes' clocks differ, and a batch uses the time of its beginning.
/// A limit of velocity reaches back 65,535 minutes at most, which is less than the time for which its instants are
/// kept.
const KEPT: TimeDelta = TimeDelta::days(2);
const RECENT_KEPT: TimeDelta = TimeDelta::days(46);

/// Deletes usage that no limit needs any more.
#[derive(Debug)]
pub struct UsageSweeper {
    store: Store,
    clock: Clock,
    node: Uuid,
}

impl UsageSweeper {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, node: Uuid::now_v7() }
    }

    /// Runs each sweep when it is due, until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            match self.sweep(&stop).await {
                Ok(0) => {}
                Ok(rows) => info!(rows, "old counters of limits were deleted"),
                Err(failure) => {
                    warn!(error = %failure, "old counters of limits could not be deleted; it is tried again");
                }
            }
            if stop.run_until_cancelled(tokio::time::sleep(ASK_EVERY)).await.is_none() {
                return;
            }
        }
    }

    /// Runs a sweep if one is due and no other node runs one. Returns the number of deleted rows. A row that a batch
    /// changes meanwhile has another version and is kept.
    ///
    /// # Errors
    /// The database fails; the next sweep continues at the mark.
    pub async fn sweep(&self, stop: &CancellationToken) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let lease = SweepLease { name: NAME, holder: self.node };
        let terms = SweepTerms { now, until: now + LEASE, finished_before: now - EVERY };
        let Some(mut cursor) = self.store.take_sweep(lease, terms).await? else { return Ok(0) };
        let mut forgotten = 0;
        while !stop.is_cancelled() {
            let page = self.store.usage_page(cursor.as_deref(), PAGE).await?;
            let mark = |cursor, until, finished_at| SweepMark { lease, until, cursor, finished_at };
            let Some(last) = page.last() else {
                self.store.record_life(Some(&mark(None, now, Some(now))), &[]).await?;
                break;
            };
            cursor = Some(last.cursor());
            let over: Vec<_> =
                page.iter().filter(|used| used.is_over(now - KEPT, now - RECENT_KEPT)).cloned().collect();
            forgotten += self.store.forget_usage(&over).await?;
            let held = mark(cursor.clone(), self.lease_end(), None);
            if !self.store.record_life(Some(&held), &[]).await?.held {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        Ok(forgotten)
    }

    fn lease_end(&self) -> DateTime<Utc> {
        self.clock.now() + LEASE
    }
}
