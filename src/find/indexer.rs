//! Writes what messages are searched by, a few minutes after them, so that no top-up pays for an index.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

use super::values;
use crate::domain::{Clock, NumberingPlan};
use crate::store::{SearchEntry, SearchMarks, Store, StoreError, SweepLease, SweepMark, SweepTerms};

/// Name of the lease.
const NAME: &str = "search";
/// Silence of a node after which another takes over.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// Interval at which it looks for rows.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Age of rows that are written: longer than a batch takes, and than clocks of nodes differ. Younger rows may be committed
/// later than rows after them.
const LATE: TimeDelta = TimeDelta::minutes(2);
/// Rows for which a segment is worth while: transfers, other messages and SMS together.
pub const SEGMENT_ROWS: u32 = 8_192;
/// Most rows of one segment, of each of the three.
const ROWS_MAX: u32 = 16_384;
/// Entries of one transaction. A batch of top-ups waits for it.
const CHUNK: usize = 512;
/// Wait between two transactions, which leaves the database to others.
const BREATH: Duration = Duration::from_millis(10);

/// Writes segments of the search.
#[derive(Debug)]
pub struct SearchIndexer {
    store: Store,
    plan: Arc<NumberingPlan>,
    clock: Clock,
    lease: SweepLease,
    rows_min: u32,
}

impl SearchIndexer {
    /// A segment has at least `rows_min` rows; [`SEGMENT_ROWS`] is the best number.
    pub fn new(store: Store, plan: Arc<NumberingPlan>, clock: Clock, rows_min: u32) -> Self {
        let lease = SweepLease { name: NAME, holder: Uuid::now_v7() };
        Self { store, plan, clock, lease, rows_min }
    }

    /// Writes segments when there are enough rows, until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            match self.index(&stop).await {
                Ok(0) => {}
                Ok(segments) => info!(segments, "messages can be searched in more segments"),
                Err(failure) => warn!(error = %failure, "what is searched by could not be written; it is tried again"),
            }
            if stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
                return;
            }
        }
    }

    /// Writes the segments that are due. Returns their number.
    ///
    /// # Errors
    /// The database fails; the next run begins the segment anew.
    pub async fn index(&self, stop: &CancellationToken) -> Result<u64, StoreError> {
        let mut written = 0;
        while !stop.is_cancelled() && self.is_due().await? && self.has_lease().await? {
            let is_done = self.segment(stop).await?;
            if !is_done {
                break;
            }
            written += 1;
        }
        Ok(written)
    }

    async fn has_lease(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let terms = SweepTerms { now, until: now + LEASE, finished_before: now };
        Ok(self.store.take_sweep(self.lease, terms).await?.is_some())
    }

    async fn is_due(&self) -> Result<bool, StoreError> {
        let marks = self.store.search_marks().await?;
        let (ids, at) = self.end();
        let count = self.store.count_traces(marks, (ids, at), self.rows_min).await?;
        Ok(count >= i64::from(self.rows_min))
    }

    /// The smallest identifier and the time of rows that are too young.
    fn end(&self) -> (Uuid, DateTime<Utc>) {
        let at = self.clock.now() - LATE;
        (Store::first_id_at(at), at)
    }

    fn mark(&self) -> SweepMark {
        SweepMark { lease: self.lease, until: self.clock.now() + LEASE, cursor: None, finished_at: None }
    }

    /// Writes one segment. Returns `false` if it was not completed.
    async fn segment(&self, stop: &CancellationToken) -> Result<bool, StoreError> {
        let from = self.store.search_marks().await?;
        let to = self.next_marks(from).await?;
        let entries = self.entries(from, to).await?;
        if !self.store.begin_segment(&self.mark(), to.segment).await? {
            return Ok(false);
        }
        for chunk in entries.chunks(CHUNK) {
            if stop.is_cancelled() || !self.store.add_to_segment(&self.mark(), to.segment, chunk).await? {
                return Ok(false);
            }
            tokio::time::sleep(BREATH).await;
        }
        let times = entries.iter().map(|entry| entry.at);
        let times = times.clone().min().zip(times.max());
        self.store.end_segment(&self.mark(), to, entries.len(), times).await
    }

    /// The marks after the next segment.
    async fn next_marks(&self, from: SearchMarks) -> Result<SearchMarks, StoreError> {
        let (ids, at) = self.end();
        let cuts = self.store.trace_cuts(from, (ids, at), ROWS_MAX).await?;
        // Of messages of one microsecond, all are taken.
        let least = from.messages + TimeDelta::microseconds(1);
        Ok(SearchMarks {
            segment: from.segment + 1,
            transfers: cuts.transfer.unwrap_or(ids).max(from.transfers),
            outbox: cuts.sms.unwrap_or(ids).max(from.outbox),
            messages: cuts.message.map_or(at, |at| at.max(least)).max(from.messages),
        })
    }

    /// The entries of the rows between the marks, in the order of values.
    async fn entries(&self, from: SearchMarks, to: SearchMarks) -> Result<Vec<SearchEntry>, StoreError> {
        let (store, plan) = (&self.store, &*self.plan);
        let mut entries = BTreeSet::new();
        for trace in store.moved_traces((from.transfers, to.transfers), u32::MAX).await? {
            entries.extend(values::of_moved(plan, &trace));
        }
        for trace in store.unapplied_traces((from.messages, to.messages), u32::MAX).await? {
            entries.extend(values::of_unapplied(plan, &trace));
        }
        for trace in store.sms_traces((from.outbox, to.outbox), None, u32::MAX).await? {
            entries.extend(values::of_sms(plan, &trace));
        }
        Ok(entries.into_iter().collect())
    }
}
