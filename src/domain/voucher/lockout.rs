//! Locks after wrong codes, each longer than the last.

use chrono::{DateTime, TimeDelta, Utc};

/// Number of consecutive wrong codes that lock a sender, and the durations of the first lock, the second, and so on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    after: u32,
    waits: Vec<TimeDelta>,
}

/// Limits on wrong codes or wrong PINs in a minute, over all senders; 0 for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuessRates {
    /// From one client, gateway or bank's link.
    pub of_machine: u32,
    /// In total.
    pub all: u32,
}

/// 30 from one, 300 in total: many times the typing errors of customers.
impl Default for GuessRates {
    fn default() -> Self {
        Self { of_machine: 30, all: 300 }
    }
}

/// The settings are not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLadder {
    /// A lock after 0 wrong codes.
    #[error("a sender is locked after 1 wrong code or more")]
    Never,
    /// There is no duration, or one of zero.
    #[error("give at least one wait, each of a minute or more")]
    NoWait,
}

/// The record of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lockout {
    /// Consecutive wrong codes since the last lock.
    pub wrong: u32,
    /// Locks since the last right code.
    pub locks: u32,
    /// End of the last lock, if there was one.
    pub until: Option<DateTime<Utc>>,
}

impl Ladder {
    /// # Errors
    /// `after` is 0, or a duration is missing or zero.
    pub fn new(after: u32, waits: Vec<TimeDelta>) -> Result<Self, InvalidLadder> {
        if after == 0 {
            return Err(InvalidLadder::Never);
        }
        if waits.is_empty() || waits.iter().any(|wait| *wait < TimeDelta::minutes(1)) {
            return Err(InvalidLadder::NoWait);
        }
        Ok(Self { after, waits })
    }
}

/// Three wrong codes; a quarter of an hour, half an hour, an hour, then a day.
impl Default for Ladder {
    fn default() -> Self {
        Self { after: 3, waits: [15, 30, 60, 1_440].map(TimeDelta::minutes).to_vec() }
    }
}

impl Lockout {
    /// The end of the lock, if the sender is locked at `now`.
    pub fn locked(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.until.filter(|until| now < *until)
    }

    /// The record after one more wrong code.
    #[must_use]
    pub fn missed(self, ladder: &Ladder, now: DateTime<Utc>) -> Self {
        let wrong = self.wrong.saturating_add(1);
        if wrong < ladder.after {
            return Self { wrong, ..self };
        }
        let step = usize::try_from(self.locks).unwrap_or(usize::MAX);
        let wait = ladder.waits.get(step).or(ladder.waits.last()).copied().unwrap_or_default();
        Self { wrong: 0, locks: self.locks.saturating_add(1), until: Some(now + wait) }
    }

    /// Wrong codes before the next lock.
    pub fn left(&self, ladder: &Ladder) -> u32 {
        ladder.after.saturating_sub(self.wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder() {
        let ladder = Ladder::default();
        let (mut sender, mut now) = (Lockout::default(), DateTime::UNIX_EPOCH);
        for minutes in [15, 30, 60, 1_440, 1_440] {
            for left in [2, 1] {
                sender = sender.missed(&ladder, now);
                assert_eq!((sender.locked(now), sender.left(&ladder)), (None, left));
            }
            sender = sender.missed(&ladder, now);
            let until = now + TimeDelta::minutes(minutes);
            assert_eq!(sender.locked(now), Some(until));
            assert_eq!(sender.locked(until - TimeDelta::seconds(1)), Some(until));
            assert_eq!(sender.locked(until), None);
            now = until;
        }
    }

    #[test]
    fn a_ladder_has_steps() {
        assert_eq!(Ladder::new(0, vec![TimeDelta::minutes(1)]), Err(InvalidLadder::Never));
        assert_eq!(Ladder::new(3, vec![]), Err(InvalidLadder::NoWait));
        assert_eq!(Ladder::new(3, vec![TimeDelta::seconds(1)]), Err(InvalidLadder::NoWait));
        assert!(Ladder::new(1, vec![TimeDelta::minutes(1)]).is_ok());
    }
}
