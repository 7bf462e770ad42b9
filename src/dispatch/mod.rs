//! Sending replies: takes them from batches and from the outbox, passes them to their links, and stores their final
//! states.
//!
//! - [`Dispatcher`]: the task that looks for due replies in the outbox
//! - `flight`: the replies in progress; a batch passes new ones to it after its commit, and writes the final states of
//!   others; `state`: their places, leases and final states;
//!   `endings`: the writing of final states; `outcome`: the log lines and the counter of attempts
//! - [`Receipts`]: stores delivery receipts from SMSCs
//! - [`LinkWatch`]: records how long links are up or down
//! - `retry`: computes the state of a reply after an attempt, without I/O
//!
//! A crash between a commit and the final state can repeat a reply, never a top-up.

mod endings;
mod flight;
mod outcome;
mod receipts;
mod retry;
mod state;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use flight::Flight;
pub use receipts::Receipts;
pub use watch::LinkWatch;

use crate::config::section::Dispatch as Settings;
use crate::domain::Clock;
use crate::links::Links;
use crate::store::{Oldest, Recipient, Store, StoreError};

/// Longest sleep, after which links that came up in the meantime are noticed.
const SLEEP_MAX: Duration = Duration::from_millis(250);
/// Wait after a database failure.
const STORE_WAIT: Duration = Duration::from_secs(1);
/// Interval at which replies that are too old are given up.
const TIDY_EVERY: Duration = Duration::from_mins(1);

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

/// Batches pass their replies on, until it is dropped.
struct Passed<'a>(&'a Store);

impl<'a> Passed<'a> {
    fn to(flight: &Arc<Flight>, store: &'a Store) -> Self {
        store.pass_replies_to(Some(Arc::new(flight.clone())));
        Self(store)
    }
}

impl Drop for Passed<'_> {
    fn drop(&mut self) {
        self.0.pass_replies_to(None);
    }
}

/// Sends replies until it is stopped.
#[derive(Debug)]
pub struct Dispatcher {
    store: Store,
    flight: Arc<Flight>,
}

impl Dispatcher {
    /// Creates a dispatcher; [`Dispatcher::run`] starts it.
    pub fn new(store: Store, links: Links, settings: Settings, clock: Clock) -> Self {
        Self { store, flight: Arc::new(Flight::new(links, settings, clock)) }
    }

    /// Runs until `stop` is cancelled. No reply is begun after that; replies in progress still get their final state.
    pub async fn run(self, stop: CancellationToken) {
        let flight = &self.flight;
        let passed = Passed::to(flight, &self.store);
        let mut tidied = Tidied { at: Instant::now(), by_clock: DateTime::<Utc>::MAX_UTC };
        let mut poll_at = Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until(poll_at) => poll_at = Instant::now() + self.poll(&mut tidied).await,
                () = self.store.replies_added() => poll_at = Instant::now(),
                () = flight.has_room() => poll_at = Instant::now(),
                () = flight.overdue() => flight.write_ended(&self.store).await,
            }
        }
        drop(passed);
        flight.stop().await;
        flight.write_ended(&self.store).await;
        if flight.has_ended() {
            tokio::time::sleep(STORE_WAIT).await;
            flight.write_ended(&self.store).await;
        }
    }

    /// Looks for replies that are due. Returns the time until the next look.
    async fn poll(&self, tidied: &mut Tidied) -> Duration {
        self.flight.recall();
        let polled = async {
            self.tidy(tidied).await?;
            self.lease().await
        };
        polled.await.unwrap_or_else(|failure: StoreError| {
            warn!(error = %failure, "the outbox could not be read; replies wait");
            STORE_WAIT
        })
    }

    /// Gives up replies that are too old, and resets waits that are longer than any setting allows. The clock was set
    /// back after such a wait was stored, and the reply must not wait until the clock has caught up.
    async fn tidy(&self, tidied: &mut Tidied) -> Result<(), StoreError> {
        let (now, settings) = (self.flight.clock.now(), &self.flight.settings);
        if !tidied.is_due(now) {
            return Ok(());
        }
        let ago = |seconds: u32| now - TimeDelta::seconds(i64::from(seconds));
        let (reply, report) = (ago(settings.age_max_seconds), ago(settings.report_age_max_seconds));
        let expired = self.store.expire_outbox(now, Oldest { reply, report }).await?;
        if expired > 0 {
            warn!(replies = expired, "replies or reports exceeded their maximum age and are given up");
        }
        let hastened = self.store.hasten_outbox(now, now + retry::longest_wait(settings) + TIDY_EVERY).await?;
        if hastened > 0 {
            warn!(replies = hastened, "the clock was set back; replies that were due before are due now");
        }
        *tidied = Tidied { at: Instant::now(), by_clock: now };
        Ok(())
    }

    /// Leases due replies for each link that is up and has free places. Returns the time until the next are due.
    async fn lease(&self) -> Result<Duration, StoreError> {
        let mut wait = SLEEP_MAX;
        for name in self.flight.links.ready() {
            let Some(link) = self.flight.links.get(&name) else { continue };
            let Some(due) = self.store.next_outbox_due(std::slice::from_ref(&name)).await? else { continue };
            // A reading connection tells, so that an idle dispatcher never takes the writer.
            let until = (due - self.flight.clock.now()).to_std().unwrap_or_default();
            if !until.is_zero() {
                self.flight.note_waiting(&name, false);
                wait = wait.min(until);
                continue;
            }
            let room = self.flight.room(&name, &**link);
            self.flight.note_waiting(&name, true);
            if room == 0 {
                continue;
            }
            let leased = self.store.lease_outbox(&name, self.flight.lease(), u32::try_from(room).unwrap_or(u32::MAX));
            let leased = leased.await?;
            if leased.len() < room {
                self.flight.note_waiting(&name, false);
            }
            self.flight.begin_leased(&name, leased);
        }
        Ok(wait.max(Duration::from_millis(1)))
    }
}
