//! Replies in progress: their places, their leases, and the final states that are not written yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tracing::warn;
use uuid::Uuid;

use super::outcome::report;
use super::retry;
use super::state::{Origin, State};
use crate::config::section::Dispatch as Settings;
use crate::domain::Clock;
use crate::links::faults::FaultLog;
use crate::links::{Links, Outbound};
use crate::store::{Delivery, Finished, Lease, Leased, Recipient, Store};

/// Time for which final states wait for a batch that writes them.
const BATCH_WAIT: Duration = Duration::from_millis(10);
/// Wait before final states that could not be written are tried again.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

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
    ended: Notify,
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

    fn lock(&self) -> MutexGuard<'_, State> {
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

    fn end(&self, finished: Finished) {
        let mut state = self.lock();
        state.ended.push(finished);
        if state.write_at.is_none() {
            state.write_at = Some(Instant::now() + BATCH_WAIT);
            self.ended.notify_one();
        }
    }

    /// Takes final states to be written.
    fn take_ended(&self, most: usize) -> Vec<Finished> {
        let mut state = self.lock();
        let most = most.min(state.ended.len());
        let mut taken: Vec<Finished> = state.ended.drain(..most).collect();
        if state.ended.is_empty() {
            state.write_at = None;
        }
        for (id, lease, _) in &mut taken {
            *lease = state.leases.get(id).copied().unwrap_or(*lease);
        }
        taken
    }

    /// Writes the final states that wait.
    pub(super) async fn write_ended(self: &Arc<Self>, store: &Store) {
        let ended = self.take_ended(usize::MAX);
        if ended.is_empty() {
            return;
        }
        match store.finish_outbox(&ended, self.clock.now()).await {
            Ok(()) => {
                self.written(&ended);
                self.lock().is_refused = false;
            }
            Err(failure) => {
                warn!(replies = ended.len(), error = %failure, "final states were not stored yet");
                self.not_written(ended);
            }
        }
    }

    /// Returns true if final states are not written yet.
    pub(super) fn has_ended(&self) -> bool {
        !self.lock().ended.is_empty()
    }

    /// Returns when final states have waited long enough for a batch.
    pub(super) async fn overdue(&self) {
        loop {
            let write_at = self.lock().write_at;
            match write_at {
                None => self.ended.notified().await,
                Some(at) if at <= Instant::now() => return,
                Some(at) => tokio::time::sleep_until(at).await,
            }
        }
    }

    /// Sends nothing more. Returns when the replies in progress have ended and no batch has a place reserved.
    pub(super) async fn stop(&self) {
        self.lock().is_stopping = true;
        self.tasks.close();
        self.tasks.wait().await;
        while self.lock().taken.values().any(|taken| taken.passed + taken.old > 0) {
            tokio::time::sleep(BATCH_WAIT).await;
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
        let mut state = self.lock();
        for (id, ..) in ended {
            state.leases.remove(id);
        }
    }

    fn not_written(&self, ended: Vec<Finished>) {
        let mut state = self.lock();
        state.ended.splice(0..0, ended);
        let wait = if state.is_refused { WRITE_AGAIN } else { BATCH_WAIT };
        state.is_refused = true;
        state.write_at = Some(Instant::now() + wait);
        self.ended.notify_one();
    }
}
