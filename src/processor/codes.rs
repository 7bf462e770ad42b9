//! Wrong codes of scratch cards, counted over all numbers: who has a thousand of them guesses no faster than with one. So
//! many a minute are looked at of one client, and so many in all; the next has to wait. Each node counts for itself.
//!
//! Whether a code is wrong is known after its commit. Those that are looked at just now may all be wrong: where they would be
//! too many, the next waits until some of them are known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
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
    settled: Arc<Notify>,
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
    /// Codes that are looked at just now.
    looked_at: u32,
}

/// Why a code is not looked at now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Full {
    /// So long, because of those that were wrong.
    For(Duration),
    /// Until some of those that are looked at are known.
    UntilSettled,
}

/// A code that is looked at. One that is dropped before it is settled counts as wrong: whoever goes away might look
/// elsewhere for what came of it.
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
        let counts = Counts { all: Bucket::new(Instant::now()), of_clients: HashMap::new(), told: None };
        Self { rates, clock, counts: Arc::new(Mutex::new(counts)), settled: Arc::default() }
    }

    /// Counts the code of a client's order, if it has one.
    ///
    /// # Errors
    /// [`NotAccepted::Throttled`]: too many were wrong.
    pub(super) async fn of_client(&self, job: &Job) -> Result<Tried, NotAccepted> {
        let Some(door) = door(job, Door::Client) else { return Ok(self.tried(None)) };
        self.take_in_turn(&door).await.map_err(|wait| NotAccepted::Throttled { seconds: whole_seconds(wait) })?;
        Ok(self.tried(Some(door)))
    }

    /// Counts the code of a customer's message, if it has one. Where too many were wrong, the message is refused.
    pub(super) async fn of_message(&self, job: &mut Job) -> Tried {
        let Some(door) = door(job, Door::Link) else { return self.tried(None) };
        let taken = self.take_in_turn(&door).await;
        self.refused_or_tried(job, door, taken)
    }

    /// The same for who cannot wait: it is looked at also where too many are just now.
    pub(super) fn of_whole(&self, job: &mut Job) -> Tried {
        let Some(door) = door(job, Door::Link) else { return self.tried(None) };
        let taken = match self.take(&door) {
            Err(Full::For(wait)) => Err(wait),
            Err(Full::UntilSettled) => {
                self.counts().all.looked_at += 1;
                Ok(())
            }
            Ok(()) => Ok(()),
        };
        self.refused_or_tried(job, door, taken)
    }

    fn refused_or_tried(&self, job: &mut Job, door: Door, taken: Result<(), Duration>) -> Tried {
        let Err(wait) = taken else { return self.tried(Some(door)) };
        let (bank, until) = (job.bank().map(str::to_owned), Some(self.clock.now() + wait));
        let locked = Rejection::new(Reason::VoucherLocked).with(|details| details.until = until);
        job.read = failed(locked, bank, "too many wrong codes in all".to_owned());
        self.tried(None)
    }

    fn tried(&self, door: Option<Door>) -> Tried {
        Tried { codes: self.clone(), door }
    }

    async fn take_in_turn(&self, door: &Door) -> Result<(), Duration> {
        loop {
            // From now on: one that is settled before this waits is not missed.
            let settled = self.settled.notified();
            match self.take(door) {
                Ok(()) => return Ok(()),
                Err(Full::For(wait)) => return Err(wait),
                Err(Full::UntilSettled) => settled.await,
            }
        }
    }

    fn take(&self, door: &Door) -> Result<(), Full> {
        let now = Instant::now();
        let mut counts = self.counts();
        let mut taken = counts.all.has_room(self.rates.all, now);
        if let Door::Client(name) = door {
            // Its own is looked at first: it may have a longer wait.
            taken = counts.of(name, now).has_room(self.rates.of_client, now).and(taken);
        }
        match taken {
            Ok(()) => counts.look(door, now),
            Err(Full::For(_)) => counts.tell(door, now),
            Err(Full::UntilSettled) => {}
        }
        taken
    }

    /// One is known now.
    fn known(&self, door: &Door, is_wrong: bool) {
        let mut counts = self.counts();
        let now = Instant::now();
        counts.all.known(is_wrong);
        if let Door::Client(name) = door {
            counts.of(name, now).known(is_wrong);
        }
        drop(counts);
        self.settled.notify_waiters();
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Each change is one call: the counts are whole even after a panic elsewhere.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tried {
    /// What became of it. Nobody knows yet where the database failed: that counts as not wrong.
    pub(super) fn settle(mut self, answer: &Result<Answer, NotAccepted>) {
        let Some(door) = self.door.take() else { return };
        let is_wrong = answer.as_ref().is_ok_and(|answer| !answer.replayed && is_wrong_code(answer));
        if is_wrong {
            metrics::counter!("mbush_voucher_wrong_codes_total", "door" => door.name().to_owned()).increment(1);
        }
        self.codes.known(&door, is_wrong);
    }
}

impl Drop for Tried {
    fn drop(&mut self) {
        if let Some(door) = self.door.take() {
            self.codes.known(&door, true);
        }
    }
}

impl Door {
    fn name(&self) -> &str {
        let (Self::Client(name) | Self::Link(name)) = self;
        name
    }
}

/// Where the card of a job came from, if it has one.
fn door(job: &Job, kind: impl FnOnce(String) -> Door) -> Option<Door> {
    let is_card = matches!(&job.read, Read::Command(command) if matches!(**command, Command::Redeem(_)));
    is_card.then(|| kind(job.message.link.clone()))
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
        self.of_clients.entry(client.to_owned()).or_insert_with(|| Bucket::new(now))
    }

    fn look(&mut self, door: &Door, now: Instant) {
        self.all.looked_at += 1;
        if let Door::Client(name) = door {
            self.of(name, now).looked_at += 1;
        }
    }

    /// One line a minute, and a count of each.
    fn tell(&mut self, door: &Door, now: Instant) {
        let name = door.name();
        metrics::counter!("mbush_voucher_codes_throttled_total", "door" => name.to_owned()).increment(1);
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
    const fn new(now: Instant) -> Self {
        Self { filled: 0.0, at: now, looked_at: 0 }
    }

    /// Whether one more may be looked at, of so many wrong ones a minute; 0 for as many as there are.
    fn has_room(&mut self, a_minute: u32, now: Instant) -> Result<(), Full> {
        if a_minute == 0 {
            return Ok(());
        }
        let most = f64::from(a_minute);
        let emptied = now.saturating_duration_since(self.at).as_secs_f64() * most / MINUTE.as_secs_f64();
        self.filled = (self.filled - emptied).max(0.0);
        self.at = now;
        let over = self.filled + 1.0 - most;
        if over > 0.0 {
            return Err(Full::For(MINUTE.mul_f64((over / most).min(1.0))));
        }
        if over + f64::from(self.looked_at) > 0.0 { Err(Full::UntilSettled) } else { Ok(()) }
    }

    fn known(&mut self, is_wrong: bool) {
        self.looked_at = self.looked_at.saturating_sub(1);
        if is_wrong {
            self.filled += 1.0;
        }
    }
}

fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes that are looked at, one after the other, and are wrong.
    fn wrong(bucket: &mut Bucket, a_minute: u32, now: Instant) -> usize {
        let mut looked_at = 0;
        while looked_at < 100 && bucket.has_room(a_minute, now).is_ok() {
            bucket.looked_at += 1;
            bucket.known(true);
            looked_at += 1;
        }
        looked_at
    }

    #[tokio::test]
    async fn a_bucket_lets_so_many_wrong_ones_through_in_a_minute_and_no_more() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        for _ in 0..1_000 {
            assert_eq!(bucket.has_room(30, at(0)), Ok(()), "right ones take no room");
            bucket.looked_at += 1;
            bucket.known(false);
        }
        assert_eq!(wrong(&mut bucket, 30, at(0)), 30);
        assert_eq!(bucket.has_room(30, at(0)), Err(Full::For(Duration::from_secs(2))));
        assert_eq!(wrong(&mut bucket, 30, at(20)), 10);
        assert_eq!(wrong(&mut bucket, 30, at(600)), 30);
        assert_eq!(wrong(&mut bucket, 0, at(600)), 100, "0 is no limit");
    }

    #[tokio::test]
    async fn those_that_are_looked_at_may_all_be_wrong() {
        let now = Instant::now();
        let mut bucket = Bucket::new(now);
        let looked_at = (0..100).take_while(|_| {
            let room = bucket.has_room(30, now);
            bucket.looked_at += u32::from(room.is_ok());
            room.is_ok()
        });
        assert_eq!(looked_at.count(), 30);
        assert_eq!(bucket.has_room(30, now), Err(Full::UntilSettled));
        bucket.known(false);
        assert_eq!(bucket.has_room(30, now), Ok(()));
    }

    #[tokio::test]
    async fn a_client_that_guesses_leaves_room_for_the_others() {
        let codes = Codes::new(CodeRates { of_client: 3, all: 5 }, Clock::new(chrono::Utc::now));
        let client = |name: &str| Door::Client(name.to_owned());
        let wrong = |door: &Door| {
            let guesses = (0..10).filter(|_| {
                codes.take(door).is_ok_and(|()| {
                    codes.known(door, true);
                    true
                })
            });
            guesses.count()
        };
        assert_eq!(wrong(&client("one")), 3);
        assert_eq!(wrong(&client("two")), 2, "in all");
        assert_eq!(wrong(&Door::Link("ipko".to_owned())), 0);
        assert!(
            codes.counts().of_clients["two"].filled < 3.0,
            "what was refused in all does not count against the client"
        );
    }

    #[tokio::test]
    async fn who_goes_away_has_guessed_all_the_same() {
        let codes = Codes::new(CodeRates { of_client: 2, all: 5 }, Clock::new(chrono::Utc::now));
        let door = Door::Client("one".to_owned());
        for _ in 0..2 {
            codes.take_in_turn(&door).await.unwrap();
            drop(codes.tried(Some(door.clone())));
        }
        assert!(codes.take_in_turn(&door).await.is_err());
    }
}
