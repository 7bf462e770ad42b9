//! Replies in progress: their places, their leases, and the final states that are not written yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::outcome::report;
use super::retry;
use super::state::{Origin, State};
use crate::config::section::Dispatch as Settings;
use crate::domain::Clock;
use crate::links::faults::FaultLog;
use crate::links::{Links, Outbound};
use crate::store::{Delivery, Finished, Lease, Leased, Recipient};

/// Interval at which a stopping dispatcher looks for places that are in use.
const STOP_LOOK: Duration = Duration::from_millis(10);

/// The replies in progress. Batches and the dispatcher share it.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) links: Links,
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    tasks: TaskTracker,
    /// Limits the log lines that one link may cause.
    faults: FaultLog,
    state: Mutex<State>,
    /// Final states were added where there were none, or may be written again.
    pub(super) ended: Notify,
    /// A link with replies in the outbox has free places.
    has_room: Notify,
}

impl Flight {
    pub(super) fn new(links: Links, settings: Settings, clock: Clock) -> Self {
        Self {
            links,
            settings,
            clock,
            tasks: TaskTracker::new(),
            faults: FaultLog::default(),
            state: Mutex::default(),
            ended: Notify::new(),
            has_room: Notify::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // No call of other code is made under the lock, so the state is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The places of a link: no more than the configured number, and no more than the link can use.
    fn places(&self, link: &dyn Outbound) -> usize {
        self.settings.concurrency.min(link.places())
    }

    /// Those of the places that replies from the outbox may have. The others are for replies to new messages, which are
    /// not to wait behind thousands of old ones.
    fn places_for_old(&self, link: &dyn Outbound) -> usize {
        self.places(link).min(link.places_for_old()).max(1)
    }

    /// The places that are free for replies from the outbox.
    pub(super) fn room(&self, name: &str, link: &dyn Outbound) -> usize {
        let places = self.places_for_old(link);
        places.saturating_sub(self.lock().taken(name).old)
    }

    /// Notes whether replies of this link that are due remain in the outbox.
    pub(super) fn note_waiting(&self, link: &str, is_waiting: bool) {
        let mut state = self.lock();
        if is_waiting {
            state.waiting.insert(link.to_owned());
        } else {
            state.waiting.remove(link);
        }
    }

    /// Returns when a link with replies in the outbox has free places.
    pub(super) async fn has_room(&self) {
        self.has_room.notified().await;
    }

    /// Begins to send replies that were leased from the outbox.
    pub(super) fn begin_leased(self: &Arc<Self>, name: &str, replies: Vec<Leased>) {
        self.lock().taken(name).old += replies.len();
        self.begin(replies, Origin::Outbox);
    }

    /// Begins to send replies with places. Those of a stopping dispatcher become due again.
    fn begin(self: &Arc<Self>, replies: Vec<Leased>, from: Origin) {
        for reply in replies {
            let link = self.links.get(&reply.sms.link).cloned();
            let mut state = self.lock();
            let is_known = state.leases.insert(reply.sms.id, reply.lease).is_some();
            match link {
                Some(link) if !is_known && !state.is_stopping => {
                    drop(state);
                    let this = self.clone();
                    self.tasks.spawn(async move { this.send(link, reply, from).await });
                }
                _ => {
                    state.free(&reply.sms.link, from, 1);
                    drop(state);
                    if !is_known {
                        self.end((reply.sms.id, reply.lease, Delivery::NotBegun));
                    }
                }
            }
        }
    }

    async fn send(&self, link: Arc<dyn Outbound>, reply: Leased, from: Origin) {
        let outcome = match &reply.report {
            None => link.send(&reply.sms).await,
            Some(report) => link.report(&reply.sms, report).await,
        };
        let delivery = retry::after(&outcome, &reply, &self.settings, self.clock.now());
        let name = &reply.sms.link;
        report(name, &reply, &delivery, &self.faults);
        self.end((reply.sms.id, reply.lease, delivery));
        let places = self.places_for_old(&*link);
        let mut state = self.lock();
        state.free(name, from, 1);
        if state.waiting.contains(name) && state.taken(name).old <= places / 2 {
            self.has_room.notify_one();
        }
    }

    /// Sends nothing more. Returns when the replies in progress have ended and no batch has a place reserved.
    pub(super) async fn stop(&self) {
        self.lock().is_stopping = true;
        self.tasks.close();
        self.tasks.wait().await;
        while self.lock().taken.values().any(|taken| taken.passed + taken.old > 0) {
            tokio::time::sleep(STOP_LOOK).await;
        }
    }
}

impl Recipient for Arc<Flight> {
    fn reserve(&self, link: &str, wanted: usize) -> usize {
        let Some(out) = self.links.get(link).filter(|out| out.is_ready()) else { return 0 };
        let (places, for_old) = (self.places(&**out), self.places_for_old(&**out));
        let mut state = self.lock();
        if state.is_stopping {
            return 0;
        }
        let places = if state.waiting.contains(link) { places.saturating_sub(for_old) } else { places };
        let taken = state.taken(link);
        let reserved = wanted.min(places.saturating_sub(taken.passed));
        taken.passed += reserved;
        reserved
    }

    fn release(&self, link: &str, places: usize) {
        self.lock().free(link, Origin::Batch, places);
    }

    fn lease(&self) -> Lease {
        let now = self.clock.now();
        let until = now + TimeDelta::seconds(i64::from(self.settings.lease_seconds));
        Lease { id: Uuid::now_v7(), now, until }
    }

    fn take(&self, replies: Vec<Leased>) {
        self.begin(replies, Origin::Batch);
    }

    fn ended(&self, most: usize) -> Vec<Finished> {
        if self.lock().is_refused { Vec::new() } else { self.take_ended(most) }
    }

    fn written(&self, ended: &[Finished]) {
        self.forget(ended);
    }

    fn not_written(&self, ended: Vec<Finished>) {
        self.put_back(ended);
    }

    fn doubted(&self, replies: Vec<(Uuid, Uuid)>) {
        self.doubt(replies);
    }
}
