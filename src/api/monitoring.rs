//! Routes for load balancers and monitoring. The gauges of the backlog are read from the database at a scrape, at a
//! limited rate, and with limited counts.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::readiness::Readiness;
use super::recorder::Recorder;
use crate::domain::{Clock, ForwardState};
use crate::links::{LinkState, Links};
use crate::processor::Processor;
use crate::store::{Store, StoreError};

/// Time for which counts are reused.
const FRESH: Duration = Duration::from_secs(10);
/// Longest wait for the database in one scrape. After it, the earlier counts are shown.
const WAIT: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub struct Monitoring {
    pub(super) readiness: Readiness,
    pub(super) links: Links,
    pub(super) recorder: Recorder,
    processor: Processor,
    store: Store,
    clock: Clock,
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    at: Option<Instant>,
    /// Banks that have had quarantined messages. The gauge of a bank that is not counted any more is set to zero.
    banks: BTreeSet<String>,
    /// Names of requests that have waited or failed; likewise.
    forwards: BTreeSet<String>,
}

impl Monitoring {
    pub fn new(store: Store, processor: Processor, links: Links, recorder: Recorder, clock: Clock) -> Self {
        let readiness = Readiness::new(store.clone());
        Self { readiness, links, recorder, processor, store, clock, last: Mutex::default() }
    }

    /// Sets the gauges.
    pub(super) async fn measure(&self) {
        metrics::gauge!("mbush_queue_messages").set(number(self.processor.waiting()));
        for (name, state) in self.links.states() {
            for possible in LinkState::ALL {
                let is_it = f64::from(u8::from(possible == state));
                metrics::gauge!("mbush_link_state", "link" => name.to_owned(), "state" => possible.as_str()).set(is_it);
            }
        }
        // While another scrape counts, this one shows the earlier counts.
        let Ok(mut last) = self.last.try_lock() else { return };
        if last.at.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let takes_writes = self.readiness.store().await.is_ok();
        metrics::gauge!("mbush_store_writable").set(f64::from(u8::from(takes_writes)));
        // If the database does not answer, the next scrape tries again.
        if matches!(timeout(WAIT, self.count(&mut last)).await, Ok(Ok(()))) {
            last.at = Some(Instant::now());
        }
    }

    async fn count(&self, last: &mut Last) -> Result<(), StoreError> {
        let now = self.clock.now();
        for (name, _) in self.links.states() {
            let due = self.store.outbox_due(name, now).await?;
            metrics::gauge!("mbush_outbox_due", "link" => name.to_owned()).set(f64::from(due.replies));
            let age = due.since.map_or(0.0, |since| seconds(now, since));
            metrics::gauge!("mbush_outbox_oldest_seconds", "link" => name.to_owned()).set(age);
        }
        count_forwards(&self.store, &mut last.forwards, now).await?;
        let banks = &mut last.banks;
        let quarantined = self.store.quarantine_size().await?;
        banks.extend(quarantined.keys().cloned());
        for bank in banks.iter() {
            let count = quarantined.get(bank).copied().unwrap_or_default();
            metrics::gauge!("mbush_quarantine_messages", "bank" => bank.clone()).set(f64::from(count));
        }
        Ok(())
    }
}

/// Sets the gauges of requests that are handed on.
async fn count_forwards(store: &Store, names: &mut BTreeSet<String>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let counted = store.forward_counts().await?;
    names.extend(counted.iter().map(|count| count.name.clone()));
    for name in names.iter() {
        for state in [ForwardState::Waiting, ForwardState::Failed] {
            let count = counted.iter().find(|count| count.name == *name && count.state == state);
            let many = count.and_then(|count| u32::try_from(count.count).ok()).unwrap_or_default();
            metrics::gauge!("mbush_forwards", "name" => name.clone(), "state" => state.as_str()).set(f64::from(many));
            if state == ForwardState::Waiting {
                let age = count.map_or(0.0, |count| seconds(now, count.oldest));
                metrics::gauge!("mbush_forward_oldest_seconds", "name" => name.clone()).set(age);
            }
        }
    }
    Ok(())
}

fn seconds(now: DateTime<Utc>, since: DateTime<Utc>) -> f64 {
    (now - since).max(TimeDelta::zero()).as_seconds_f64()
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
