//! Sending replies: leases them from the outbox, passes them to their links, and stores their final states.
//!
//! - [`Dispatcher`]: the task; it sleeps until a batch adds replies or one is due
//! - [`Receipts`]: stores delivery receipts from SMSCs
//! - `retry`: computes the state of a reply after an attempt, without I/O
//!
//! A crash between a commit and the final state can repeat a reply, never a top-up.

mod receipts;
mod retry;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use uuid::Uuid;

pub use receipts::Receipts;

use crate::config::section::Dispatch as Settings;
use crate::domain::Clock;
use crate::links::Links;
use crate::links::faults::FaultLog;
use crate::store::{Delivery, Lease, Leased, Oldest, Store, StoreError};

/// Longest sleep, after which links that came up in the meantime are noticed.
const SLEEP_MAX: Duration = Duration::from_millis(250);
/// Wait after a database failure.
const STORE_WAIT: Duration = Duration::from_secs(1);
/// Interval at which replies that are too old are given up.
const TIDY_EVERY: Duration = Duration::from_mins(1);

/// Identifier of a reply, identifier of its lease, and its new state.
type Finished = (Uuid, Uuid, Delivery);

struct Ended {
    link: String,
    finished: Finished,
}

/// Time of the last tidying on two clocks: a monotonic one, and the clock of the system, which can be set back.
struct Tidied {
    at: Instant,
    by_clock: DateTime<Utc>,
}

impl Tidied {
    fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.at.elapsed() >= TIDY_EVERY || now < self.by_clock
    }
}

/// Sends replies until it is stopped.
#[derive(Debug)]
pub struct Dispatcher {
    store: Store,
    links: Links,
    settings: Settings,
    clock: Clock,
}

impl Dispatcher {
    /// Creates a dispatcher; [`Dispatcher::run`] starts it.
    pub const fn new(store: Store, links: Links, settings: Settings, clock: Clock) -> Self {
        Self { store, links, settings, clock }
    }

    /// Runs until `stop` is cancelled. No reply is begun after that; replies in flight still get their final state.
    pub async fn run(self, stop: CancellationToken) {
        let (ended, mut results) = mpsc::unbounded_channel();
        let mut flight = Flight {
            tasks: TaskTracker::new(),
            by_link: BTreeMap::new(),
            leases: HashMap::new(),
            unfinished: Vec::new(),
            ended,
            faults: FaultLog::default(),
        };
        let mut tidied = Tidied { at: Instant::now(), by_clock: DateTime::<Utc>::MAX_UTC };
        while !stop.is_cancelled() {
            let turn = async {
                self.finish(&mut flight, Vec::new()).await;
                self.tidy(&mut tidied).await?;
                self.lease(&mut flight).await?;
                self.sleep(&flight).await
            };
            let slept = match turn.await {
                Ok(duration) => duration,
                Err(failure) => {
                    warn!(error = %failure, "the outbox could not be read; replies wait");
                    STORE_WAIT
                }
            };
            let mut batch = Vec::new();
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(slept) => {}
                () = self.store.replies_added() => {}
                _ = results.recv_many(&mut batch, usize::MAX) => self.finish(&mut flight, batch).await,
            }
        }
        self.drain(flight, results).await;
    }

    async fn drain(&self, mut flight: Flight, mut results: mpsc::UnboundedReceiver<Ended>) {
        flight.tasks.close();
        flight.tasks.wait().await;
        let mut batch = Vec::new();
        while let Ok(ended) = results.try_recv() {
            batch.push(ended);
        }
        self.finish(&mut flight, batch).await;
        if !flight.unfinished.is_empty() {
            tokio::time::sleep(STORE_WAIT).await;
            self.finish(&mut flight, Vec::new()).await;
        }
    }

    /// Gives up replies that are too old, and resets waits that are longer than any setting allows. The clock was set
    /// back after such a wait was stored, and the reply must not wait until the clock has caught up.
    async fn tidy(&self, tidied: &mut Tidied) -> Result<(), StoreError> {
        let now = self.clock.now();
        if !tidied.is_due(now) {
            return Ok(());
        }
        let ago = |seconds: u32| now - TimeDelta::seconds(i64::from(seconds));
        let (reply, report) = (ago(self.settings.age_max_seconds), ago(self.settings.report_age_max_seconds));
        let expired = self.store.expire_outbox(now, Oldest { reply, report }).await?;
        if expired > 0 {
            warn!(replies = expired, "replies or reports exceeded their maximum age and are given up");
        }
        let hastened = self.store.hasten_outbox(now, now + retry::longest_wait(&self.settings) + TIDY_EVERY).await?;
        if hastened > 0 {
            warn!(replies = hastened, "the clock was set back; replies that were due before are due now");
        }
        *tidied = Tidied { at: Instant::now(), by_clock: now };
        Ok(())
    }

    /// Leases due replies for each link that is up and has free places.
    async fn lease(&self, flight: &mut Flight) -> Result<(), StoreError> {
        for name in self.links.ready() {
            let Some(link) = self.links.get(&name) else { continue };
            let room = self.settings.concurrency.saturating_sub(flight.of(&name));
            let most = u32::try_from(room).unwrap_or(u32::MAX);
            if most == 0 || !self.is_due(&name).await? {
                continue;
            }
            let now = self.clock.now();
            let until = now + TimeDelta::seconds(i64::from(self.settings.lease_seconds));
            let leased = self.store.lease_outbox(&name, Lease { id: Uuid::now_v7(), now, until }, most).await?;
            for reply in leased {
                flight.begin(&name, link.clone(), reply, &self.settings, &self.clock);
            }
        }
        Ok(())
    }

    /// Checks for due replies on a reading connection, so that an idle dispatcher never takes the writer.
    async fn is_due(&self, link: &str) -> Result<bool, StoreError> {
        let due = self.store.next_outbox_due(&[link.to_owned()]).await?;
        Ok(due.is_some_and(|due| due <= self.clock.now()))
    }

    async fn sleep(&self, flight: &Flight) -> Result<Duration, StoreError> {
        let roomy = |name: &String| flight.of(name) < self.settings.concurrency;
        let ready: Vec<String> = self.links.ready().into_iter().filter(roomy).collect();
        let due = self.store.next_outbox_due(&ready).await?;
        let wait = due.map(|due| (due - self.clock.now()).to_std().unwrap_or_default());
        Ok(wait.unwrap_or(SLEEP_MAX).clamp(Duration::from_millis(1), SLEEP_MAX))
    }

    async fn finish(&self, flight: &mut Flight, batch: Vec<Ended>) {
        let mut finished = std::mem::take(&mut flight.unfinished);
        for ended in batch {
            flight.end(&ended.link);
            finished.push(ended.finished);
        }
        for (id, lease, _) in &mut finished {
            *lease = flight.leases.get(id).copied().unwrap_or(*lease);
        }
        match self.store.finish_outbox(&finished, self.clock.now()).await {
            Ok(()) => {
                for (id, ..) in &finished {
                    flight.leases.remove(id);
                }
            }
            Err(failure) => {
                warn!(replies = finished.len(), error = %failure, "final states were not stored yet");
                flight.unfinished = finished;
            }
        }
    }
}

struct Flight {
    tasks: TaskTracker,
    by_link: BTreeMap<String, usize>,
    /// The newest lease of each reply, until its final state is stored. A reply that takes longer than its lease, or
    /// for which the final state cannot be stored, is leased again but not sent again.
    leases: HashMap<Uuid, Uuid>,
    /// Final states that could not be stored yet.
    unfinished: Vec<Finished>,
    ended: mpsc::UnboundedSender<Ended>,
    /// Limits the log lines that one link may cause.
    faults: FaultLog,
}

impl Flight {
    fn of(&self, link: &str) -> usize {
        self.by_link.get(link).copied().unwrap_or(0)
    }

    fn begin(
        &mut self,
        name: &str,
        link: std::sync::Arc<dyn crate::links::Outbound>,
        reply: Leased,
        settings: &Settings,
        clock: &Clock,
    ) {
        if self.leases.insert(reply.sms.id, reply.lease).is_some() {
            return;
        }
        *self.by_link.entry(name.to_owned()).or_default() += 1;
        let (ended, name, settings, clock) = (self.ended.clone(), name.to_owned(), settings.clone(), clock.clone());
        let faults = self.faults.clone();
        self.tasks.spawn(async move {
            let outcome = match &reply.report {
                None => link.send(&reply.sms).await,
                Some(report) => link.report(&reply.sms, report).await,
            };
            let delivery = retry::after(&outcome, &reply, &settings, clock.now());
            report(&name, &reply, &delivery, &faults);
            // cannot matter: the receiver lives until all tasks have ended.
            drop(ended.send(Ended { link: name, finished: (reply.sms.id, reply.lease, delivery) }));
        });
    }

    fn end(&mut self, link: &str) {
        if let Some(count) = self.by_link.get_mut(link) {
            *count = count.saturating_sub(1);
        }
    }
}

fn report(link: &str, reply: &Leased, delivery: &Delivery, faults: &FaultLog) {
    let (id, attempts) = (reply.sms.id, reply.attempts + 1);
    let state = match delivery {
        Delivery::Sent { .. } => "sent",
        Delivery::Retry { .. } => "retry",
        Delivery::Failed { .. } => "failed",
        Delivery::Unknown { .. } => "unknown",
    };
    metrics::counter!("mbush_replies_total", "link" => link.to_owned(), "state" => state).increment(1);
    match delivery {
        Delivery::Sent { .. } => tracing::debug!(%id, link, attempts, "reply sent"),
        // An unavailable link causes this for every reply that waits.
        _ if !faults.admits(link) => {}
        Delivery::Retry { error, .. } => info!(%id, link, attempts, error, "reply not sent; it is tried again"),
        Delivery::Failed { error } => warn!(%id, link, attempts, error, "reply given up"),
        Delivery::Unknown { error, .. } => {
            warn!(%id, link, attempts, error, "no answer to the reply; its state is unknown");
        }
    }
}
