//! Wrong codes of scratch cards, counted over all numbers: who has a thousand of them guesses no faster than with one. So
//! many a minute are looked at of one client, and so many in all; the next has to wait. Each node counts for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::intake::{Job, Read, failed};
use super::{Answer, NotAccepted};
use crate::domain::voucher::CodeRates;
use crate::domain::{Clock, Command, Reason, Rejection};

const MINUTE: Duration = Duration::from_mins(1);

/// Counts them. A clone counts with it.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    rates: CodeRates,
    clock: Clock,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug)]
struct Counts {
    all: Bucket,
    of_clients: HashMap<String, Bucket>,
    /// When it was last told in the log, and how often not since then.
    told: Option<(Instant, u64)>,
}

/// Fills by one with each wrong code, and empties within a minute.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    filled: f64,
    at: Instant,
}

/// A code that is looked at. It counts as wrong until it is known not to be.
#[derive(Debug)]
#[must_use = "a code that is not settled counts as wrong"]
pub(super) struct Tried {
    codes: Codes,
    door: Option<Door>,
}

/// Where a code came from.
#[derive(Debug, Clone)]
enum Door {
    Client(String),
    Link(String),
}

impl Codes {
    pub(super) fn new(rates: CodeRates, clock: Clock) -> Self {
        let all = Bucket { filled: 0.0, at: Instant::now() };
        Self { rates, clock, counts: Arc::new(Mutex::new(Counts { all, of_clients: HashMap::new(), told: None })) }
    }

    /// Counts the code of a client's order, if it has one.
    ///
    /// # Errors
    /// [`NotAccepted::Throttled`]: too many were wrong.
    pub(super) fn of_client(&self, job: &Job) -> Result<Tried, NotAccepted> {
        self.count(job, || Door::Client(job.message.link.clone()))
            .map_err(|wait| NotAccepted::Throttled { seconds: whole_seconds(wait) })
    }

    /// Counts the code of a customer's message, if it has one. Where too many were wrong, the message is refused.
    pub(super) fn of_message(&self, job: &mut Job) -> Tried {
        self.count(job, || Door::Link(job.message.link.clone())).unwrap_or_else(|wait| {
            let bank = job.bank().map(str::to_owned);
            let until = Some(self.clock.now() + wait);
            let locked = Rejection::new(Reason::VoucherLocked).with(|details| details.until = until);
            job.read = failed(locked, bank, "too many wrong codes in all".to_owned());
            Tried { codes: self.clone(), door: None }
        })
    }

    fn count(&self, job: &Job, door: impl FnOnce() -> Door) -> Result<Tried, Duration> {
        let is_card = matches!(&job.read, Read::Command(command) if matches!(**command, Command::Redeem(_)));
        let door = is_card.then(door);
        if let Some(door) = &door {
            self.take(door)?;
        }
        Ok(Tried { codes: self.clone(), door })
    }

    fn take(&self, door: &Door) -> Result<(), Duration> {
        let now = Instant::now();
        let mut counts = self.counts();
        let mut taken = Ok(());
        if let Door::Client(name) = door {
            taken = counts.of(name, now).take(self.rates.of_client, now);
        }
        if taken.is_ok() {
            taken = counts.all.take(self.rates.all, now);
            if let (Err(_), Door::Client(name)) = (&taken, door) {
                counts.of(name, now).give_back();
            }
        }
        if taken.is_err() {
            counts.tell(door, now);
        }
        taken
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Each change is one call: the counts are whole even after a panic elsewhere.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tried {
    /// What became of it. Nobody knows yet where the database failed: that counts as not wrong.
    pub(super) fn settle(self, answer: &Result<Answer, NotAccepted>) {
        let Some(door) = &self.door else { return };
        let is_wrong = answer.as_ref().is_ok_and(|answer| !answer.replayed && is_wrong_code(answer));
        if is_wrong {
            let (Door::Client(name) | Door::Link(name)) = door;
            return metrics::counter!("mbush_voucher_wrong_codes_total", "door" => name.clone()).increment(1);
        }
        let mut counts = self.codes.counts();
        counts.all.give_back();
        if let Door::Client(name) = door {
            counts.of(name, Instant::now()).give_back();
        }
    }
}

/// A sender who was locked before is not listened to, and has no tries that are counted.
fn is_wrong_code(answer: &Answer) -> bool {
    answer.outcome.rejection().is_some_and(|rejection| {
        matches!(rejection.reason, Reason::VoucherUnknown | Reason::VoucherLocked) && rejection.details.left.is_some()
    })
}

impl Counts {
    fn of(&mut self, client: &str, now: Instant) -> &mut Bucket {
        // As many as there are clients in the configuration.
        self.of_clients.entry(client.to_owned()).or_insert(Bucket { filled: 0.0, at: now })
    }

    /// One line a minute, and a count of each.
    fn tell(&mut self, door: &Door, now: Instant) {
        let (Door::Client(name) | Door::Link(name)) = door;
        metrics::counter!("mbush_voucher_codes_throttled_total", "door" => name.clone()).increment(1);
        match &mut self.told {
            Some((at, left_out)) if now < *at + MINUTE => *left_out += 1,
            told => {
                let left_out = told.map_or(0, |(_, left_out)| left_out);
                *told = Some((now, 0));
                let scope = if matches!(door, Door::Client(_)) { "client" } else { "link" };
                warn!(scope, name, left_out, "somebody guesses codes of cards: more are wrong than may be in a minute");
            }
        }
    }
}

impl Bucket {
    /// Takes one more, of so many a minute; 0 for as many as there are. Fails with the time until there is room.
    fn take(&mut self, a_minute: u32, now: Instant) -> Result<(), Duration> {
        if a_minute == 0 {
            return Ok(());
        }
        let most = f64::from(a_minute);
        let emptied = now.saturating_duration_since(self.at).as_secs_f64() * most / MINUTE.as_secs_f64();
        self.filled = (self.filled - emptied).max(0.0);
        self.at = now;
        let over = self.filled + 1.0 - most;
        if over > 0.0 {
            return Err(MINUTE.mul_f64((over / most).min(1.0)));
        }
        self.filled += 1.0;
        Ok(())
    }

    fn give_back(&mut self) {
        self.filled = (self.filled - 1.0).max(0.0);
    }
}

fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bucket_lets_so_many_through_in_a_minute_and_no_more() {
        let start = Instant::now();
        let mut bucket = Bucket { filled: 0.0, at: start };
        let at = |seconds| start + Duration::from_secs(seconds);
        let taken = (0..100).filter(|_| bucket.take(30, at(0)).is_ok()).count();
        assert_eq!(taken, 30);
        assert_eq!(bucket.take(30, at(0)), Err(Duration::from_secs(2)));
        bucket.give_back();
        assert_eq!(bucket.take(30, at(0)), Ok(()), "a right one took no room");
        assert_eq!((0..100).filter(|_| bucket.take(30, at(20)).is_ok()).count(), 10);
        assert_eq!((0..100).filter(|_| bucket.take(30, at(600)).is_ok()).count(), 30);
        assert!((0..100).all(|_| bucket.take(0, at(600)).is_ok()), "0 is no limit");
    }

    #[tokio::test]
    async fn a_client_that_guesses_leaves_room_for_the_others() {
        let codes = Codes::new(CodeRates { of_client: 3, all: 5 }, Clock::new(chrono::Utc::now));
        let client = |name: &str| Door::Client(name.to_owned());
        let taken = |door: &Door| (0..10).filter(|_| codes.take(door).is_ok()).count();
        assert_eq!(taken(&client("one")), 3);
        assert_eq!(taken(&client("two")), 2, "in all");
        assert_eq!(taken(&Door::Link("ipko".to_owned())), 0);
        let counts = codes.counts();
        assert!(counts.of_clients["two"].filled < 3.0, "what was refused in all does not count against the client");
    }
}
