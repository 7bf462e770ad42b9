//! Records how long each link is up or down, so that staff can tell why nothing came.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use uuid::Uuid;

use crate::domain::Clock;
use crate::links::{LinkState, Links};
use crate::store::{LinkPeriod, Store};

/// Interval at which the states are compared.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Interval at which periods that go on are prolonged. After a crash, the last minute is not known.
const PROLONG_EVERY: Duration = Duration::from_mins(1);
/// Interval at which old periods are deleted, and the time for which they are kept.
const FORGET_EVERY: Duration = Duration::from_hours(6);
const KEPT: TimeDelta = TimeDelta::days(400);
/// Ended periods that wait for a database that is away. Later ones are lost.
const WAITING_MAX: usize = 10_000;

/// Watches the links of this node.
#[derive(Debug)]
pub struct LinkWatch {
    store: Store,
    links: Links,
    clock: Clock,
    node: Uuid,
    /// The period of each link that goes on.
    going: BTreeMap<String, LinkPeriod>,
    /// Ended periods that are not written yet.
    ended: Vec<LinkPeriod>,
}

impl LinkWatch {
    pub fn new(store: Store, links: Links, clock: Clock) -> Self {
        Self { store, links, clock, node: Uuid::now_v7(), going: BTreeMap::new(), ended: Vec::new() }
    }

    /// Looks at the links once a second, until `stop` is cancelled.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut written: Option<Instant> = None;
        let mut forgotten: Option<Instant> = None;
        loop {
            let is_over = |since: Option<Instant>, every| since.is_none_or(|since| since.elapsed() >= every);
            let is_stopping = stop.is_cancelled();
            if self.look() || is_stopping || is_over(written, PROLONG_EVERY) {
                written = self.write().await.then(Instant::now);
            }
            if is_stopping {
                return;
            }
            if is_over(forgotten, FORGET_EVERY) {
                self.forget().await;
                forgotten = Some(Instant::now());
            }
            stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await;
        }
    }

    /// Ends the periods of links that have changed, and begins new ones. Returns whether there were any.
    fn look(&mut self) -> bool {
        let (now, mut is_changed) = (self.clock.now(), false);
        for (link, outbound) in self.links.all().filter(|(_, outbound)| outbound.carries_messages()) {
            let state = outbound.state();
            if let Some(period) = self.going.get_mut(link) {
                period.until = now.max(period.since);
                if period.state == state.as_str() {
                    continue;
                }
            }
            is_changed = true;
            let reason = if state == LinkState::Down { outbound.trouble() } else { None };
            let (link, state) = (link.to_owned(), state.as_str().to_owned());
            let begun = LinkPeriod { link: link.clone(), since: now, node: self.node, state, until: now, reason };
            // One row for each instant, also if the clock stands still.
            let ended = self.going.insert(link, begun);
            self.ended.extend(ended.filter(|ended| ended.since < now));
        }
        is_changed
    }

    /// Writes all periods. If that fails, it is tried again in a second.
    async fn write(&mut self) -> bool {
        self.ended.truncate(WAITING_MAX);
        let periods: Vec<LinkPeriod> = self.ended.iter().chain(self.going.values()).cloned().collect();
        if periods.is_empty() {
            return true;
        }
        match self.store.record_links(&periods).await {
            Ok(()) => self.ended.clear(),
            Err(failure) => {
                warn!(error = %failure, "the states of links could not be written; it is tried again");
                return false;
            }
        }
        true
    }

    async fn forget(&self) {
        if let Err(failure) = self.store.forget_links(self.clock.now() - KEPT).await {
            warn!(error = %failure, "old states of links could not be deleted; it is tried again");
        }
    }
}
