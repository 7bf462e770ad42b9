//! What balancers and monitors ask. Gauges of what waits are asked of the database when a monitor comes, at most once in a
//! while, and bounded in what is counted.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::readiness::Readiness;
use super::recorder::Recorder;
use crate::domain::Clock;
use crate::links::{LinkState, Links};
use crate::processor::Processor;
use crate::store::{Store, StoreError};

/// So long what was counted is told again.
const FRESH: Duration = Duration::from_secs(10);
/// Longest wait for the database at one scrape; what was counted before is told then.
const WAIT: Duration = Duration::from_millis(500);

/// What balancers and monitors ask.
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
    /// Banks that had quarantined messages once: they have none where they are not counted any more.
    banks: BTreeSet<String>,
}

impl Monitoring {
    /// Of these parts of the running program.
    pub fn new(store: Store, processor: Processor, links: Links, recorder: Recorder, clock: Clock) -> Self {
        let readiness = Readiness::new(store.clone());
        Self { readiness, links, recorder, processor, store, clock, last: Mutex::default() }
    }

    /// Sets the gauges.
    pub(super) async fn measure(&self) {
        metrics::gauge!("mbush_queue_messages").set(number(self.processor.waiting()));
        for (name, state) in self.links.states() {
            let up = f64::from(u8::from(matches!(state, LinkState::Up | LinkState::Untried)));
            metrics::gauge!("mbush_link_up", "link" => name.to_owned()).set(up);
        }
        // Whoever comes while another counts is told what there is.
        let Ok(mut last) = self.last.try_lock() else { return };
        if last.at.is_some_and(|at| at.elapsed() < FRESH) {
            return;
        }
        let takes_writes = self.readiness.store().await.is_ok();
        metrics::gauge!("mbush_store_writable").set(f64::from(u8::from(takes_writes)));
        // Where the database does not answer, the next scrape tries again.
        if matches!(timeout(WAIT, self.count(&mut last.banks)).await, Ok(Ok(()))) {
            last.at = Some(Instant::now());
        }
    }

    async fn count(&self, banks: &mut BTreeSet<String>) -> Result<(), StoreError> {
        let now = self.clock.now();
        for (name, _) in self.links.states() {
            let due = self.store.outbox_due(name, now).await?;
            metrics::gauge!("mbush_outbox_due", "link" => name.to_owned()).set(f64::from(due.replies));
            let age = due.since.map_or(0.0, |since| seconds(now, since));
            metrics::gauge!("mbush_outbox_oldest_seconds", "link" => name.to_owned()).set(age);
        }
        let quarantined = self.store.quarantine_size().await?;
        banks.extend(quarantined.keys().cloned());
        for bank in banks.iter() {
            let count = quarantined.get(bank).copied().unwrap_or_default();
            metrics::gauge!("mbush_quarantine_messages", "bank" => bank.clone()).set(f64::from(count));
        }
        Ok(())
    }
}

fn seconds(now: DateTime<Utc>, since: DateTime<Utc>) -> f64 {
    (now - since).max(TimeDelta::zero()).as_seconds_f64()
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
