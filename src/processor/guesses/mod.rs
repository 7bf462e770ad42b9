//! Limits on wrong codes of scratch cards and on wrong PINs, counted over all numbers, so that a thousand numbers allow
//! no more guesses than one. One limit is for each client, gateway or bank's link, and one for all together; above it,
//! the next guess has to wait. An operator's SMSC authenticates senders, so that its link counts in the total only.
//! Each node counts for itself.
//!
//! The result of a guess is known after its commit. All guesses that are being checked may be wrong: if they would
//! exceed a limit, the next one waits until some of them are settled.
//!
//! - `kind`: the kinds of secrets, with their metrics and log messages
//! - `bucket`: the number of wrong guesses within a minute

mod bucket;
mod kind;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::answer::{Answer, NotAccepted};
use super::parse::{Parsed, Read};
use crate::domain::voucher::GuessRates;
use crate::domain::{Clock, Rejection};
use bucket::{Bucket, Full, MINUTE};

pub(super) use kind::Guessed;

/// Counts the guesses of one kind. Clones share the counts.
#[derive(Debug, Clone)]
pub(super) struct Guesses {
    what: Guessed,
    rates: GuessRates,
    /// Names of the links to operators' SMSCs.
    operators: Arc<BTreeSet<String>>,
    clock: Clock,
    counts: Arc<Mutex<Counts>>,
    settled: Arc<Notify>,
}

#[derive(Debug)]
struct Counts {
    all: Bucket,
    /// By name of a client, or of a link that is not an operator's.
    of_sources: HashMap<String, Bucket>,
    /// Time of the last warning in the log, and the number of warnings left out since.
    told: Option<(Instant, u64)>,
}

/// A guess that is being checked. If it is dropped before it is settled, it counts as wrong: a caller that leaves may
/// learn the result in another way.
#[derive(Debug)]
#[must_use = "a guess that is not settled counts as wrong"]
pub(super) struct Tried {
    guesses: Guesses,
    source: Option<Source>,
}

/// Client or link that a guess came from.
#[derive(Debug, Clone)]
struct Source {
    name: String,
    scope: Scope,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// A client of the HTTP API.
    Client,
    /// A gateway or a bank, which names the senders itself.
    Machine,
    /// An operator's SMSC, which authenticates the senders.
    Operator,
}

impl Guesses {
    pub(super) fn new(what: Guessed, rates: GuessRates, operators: &BTreeSet<String>, clock: Clock) -> Self {
        let counts = Counts { all: Bucket::new(Instant::now()), of_sources: HashMap::new(), told: None };
        let (operators, counts) = (Arc::new(operators.clone()), Arc::new(Mutex::new(counts)));
        Self { what, rates, operators, clock, counts, settled: Arc::default() }
    }

    /// Counts the guess of a client's order, if it has one.
    ///
    /// # Errors
    /// [`NotAccepted::Throttled`]: too many were wrong.
    pub(super) async fn of_client(&self, parsed: &Parsed) -> Result<Tried, NotAccepted> {
        let source = Source { name: parsed.envelope.message.link.clone(), scope: Scope::Client };
        let Some(source) = Some(source).filter(|_| self.what.is_in(parsed)) else { return Ok(self.tried(None)) };
        self.take_in_turn(&source).await.map_err(|wait| NotAccepted::Throttled { seconds: whole_seconds(wait) })?;
        Ok(self.tried(Some(source)))
    }

    /// Counts the guess of a customer's message, if it has one. Above a limit, the message becomes a refusal.
    pub(super) async fn of_message(&self, parsed: &mut Parsed) -> Tried {
        if !self.what.is_in(parsed) {
            return self.tried(None);
        }
        let name = parsed.envelope.message.link.clone();
        let scope = if self.operators.contains(&name) { Scope::Operator } else { Scope::Machine };
        let source = Source { name, scope };
        let Err(wait) = self.take_in_turn(&source).await else { return self.tried(Some(source)) };
        let (bank, until) = (parsed.asked.bank().map(str::to_owned), Some(self.clock.now() + wait));
        let locked = Rejection::new(self.what.locked()).with(|details| details.until = until);
        parsed.asked = Read::failed(locked, bank, format!("too many wrong {} in all", self.what.plural())).into();
        parsed.unverified = None;
        self.tried(None)
    }

    fn tried(&self, source: Option<Source>) -> Tried {
        Tried { guesses: self.clone(), source }
    }

    async fn take_in_turn(&self, source: &Source) -> Result<(), Duration> {
        loop {
            // Registered before the check, so that no notification is missed.
            let settled = self.settled.notified();
            match self.take(source) {
                Ok(()) => return Ok(()),
                Err(Full::For(wait)) => return Err(wait),
                Err(Full::UntilSettled) => settled.await,
            }
        }
    }

    fn take(&self, source: &Source) -> Result<(), Full> {
        let now = Instant::now();
        let mut counts = self.counts();
        let mut taken = counts.all.has_room(self.rates.all, now);
        if let Some(own) = counts.of(source, now) {
            // Its own limit is checked first, because its wait may be longer.
            taken = own.has_room(self.rates.of_machine, now).and(taken);
        }
        match taken {
            Ok(()) => counts.look(source, now),
            Err(Full::For(_)) => {
                self.what.count_throttled(&source.name);
                if let Some(left_out) = counts.may_tell(now) {
                    self.what.alarm(source.scope.word(), &source.name, left_out);
                }
            }
            Err(Full::UntilSettled) => {}
        }
        taken
    }

    /// Settles one guess.
    fn known(&self, source: &Source, is_wrong: bool) {
        let mut counts = self.counts();
        counts.all.known(is_wrong);
        if let Some(own) = counts.of(source, Instant::now()) {
            own.known(is_wrong);
        }
        drop(counts);
        self.settled.notify_waiters();
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Each change is one call, so that the counts are consistent even after a panic elsewhere.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tried {
    /// Counts the guess by its answer. If the database failed, nobody knows the result yet, and the guess does not
    /// count as wrong.
    pub(super) fn settle(mut self, answer: &Result<Answer, NotAccepted>) {
        let Some(source) = self.source.take() else { return };
        let what = self.guesses.what;
        let is_wrong = answer.as_ref().is_ok_and(|answer| !answer.replayed && what.is_wrong(answer));
        if is_wrong {
            what.count_wrong(&source.name);
        }
        self.guesses.known(&source, is_wrong);
    }
}

impl Drop for Tried {
    fn drop(&mut self) {
        if let Some(source) = self.source.take() {
            self.guesses.known(&source, true);
        }
    }
}

impl Scope {
    /// Word for the log.
    const fn word(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Machine | Self::Operator => "link",
        }
    }
}

impl Counts {
    /// The bucket of the client or link; `None` for an operator's SMSC.
    fn of(&mut self, source: &Source, now: Instant) -> Option<&mut Bucket> {
        if source.scope == Scope::Operator {
            return None;
        }
        // Bounded by the number of clients and links in the configuration.
        Some(self.of_sources.entry(source.name.clone()).or_insert_with(|| Bucket::new(now)))
    }

    fn look(&mut self, source: &Source, now: Instant) {
        self.all.looked_at += 1;
        if let Some(own) = self.of(source, now) {
            own.looked_at += 1;
        }
    }

    /// Returns, at most once a minute, the number of warnings left out since the last one.
    fn may_tell(&mut self, now: Instant) -> Option<u64> {
        match &mut self.told {
            Some((at, left_out)) if now < *at + MINUTE => {
                *left_out += 1;
                None
            }
            told => {
                let left_out = told.map_or(0, |(_, left_out)| left_out);
                *told = Some((now, 0));
                Some(left_out)
            }
        }
    }
}

fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guesses(of_machine: u32, all: u32) -> Guesses {
        let clock = Clock::new(chrono::Utc::now);
        Guesses::new(Guessed::Card, GuessRates { of_machine, all }, &BTreeSet::new(), clock)
    }

    #[tokio::test]
    async fn a_client_that_guesses_leaves_room_for_the_others() {
        let codes = guesses(3, 5);
        let client = |name: &str| Source { name: name.to_owned(), scope: Scope::Client };
        let wrong = |source: &Source| {
            let guesses = (0..10).filter(|_| {
                codes.take(source).is_ok_and(|()| {
                    codes.known(source, true);
                    true
                })
            });
            guesses.count()
        };
        assert_eq!(wrong(&client("one")), 3);
        assert_eq!(wrong(&client("two")), 2, "in all");
        assert_eq!(wrong(&Source { name: "ipko".to_owned(), scope: Scope::Operator }), 0);
        assert!(
            codes.counts().of_sources["two"].filled < 3.0,
            "what was refused in all does not count against the client"
        );
    }

    #[tokio::test]
    async fn who_goes_away_has_guessed_all_the_same() {
        let codes = guesses(2, 5);
        let source = Source { name: "one".to_owned(), scope: Scope::Machine };
        for _ in 0..2 {
            codes.take_in_turn(&source).await.unwrap();
            drop(codes.tried(Some(source.clone())));
        }
        assert!(codes.take_in_turn(&source).await.is_err());
    }
}
