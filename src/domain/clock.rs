//! A clock that is passed to code that needs the time. The domain itself gets instants as arguments.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, Utc};

/// A source of the time, which tests can replace.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// `now` returns the time, as `Utc::now` does.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// A clock that never returns a time before `floor`, because the system's clock may be set back.
    #[must_use]
    pub fn not_before(self, floor: &Floor) -> Self {
        let floor = floor.clone();
        Self::new(move || self.now().max(floor.at()))
    }

    /// The time in microseconds, the precision of both databases, so that a stored instant equals the original.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// An instant that only rises. No event has an earlier time.
#[derive(Debug, Clone)]
pub struct Floor(Arc<AtomicI64>);

impl Default for Floor {
    /// The earliest instant.
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MIN)))
    }
}

impl Floor {
    /// Raises the floor to `at`, if it is lower.
    pub fn raise(&self, at: DateTime<Utc>) {
        self.0.fetch_max(at.timestamp_micros(), Ordering::Relaxed);
    }

    fn at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::Relaxed)).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_told_than_a_database_keeps() {
        let fine = DateTime::from_timestamp(1, 123_456_789).unwrap();
        assert_eq!(Clock::new(move || fine).now(), DateTime::from_timestamp(1, 123_456_000).unwrap());
    }

    #[test]
    fn a_clock_that_is_set_back_stands_still_at_its_floor() {
        let (floor, seconds) = (Floor::default(), Arc::new(AtomicI64::new(100)));
        let turned = seconds.clone();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let clock = Clock::new(move || at(turned.load(Ordering::Relaxed))).not_before(&floor);
        assert_eq!(clock.now(), at(100));
        floor.raise(at(90));
        floor.raise(at(50));
        for (system, told) in [(100, 100), (60, 90), (89, 90), (91, 91)] {
            seconds.store(system, Ordering::Relaxed);
            assert_eq!(clock.now(), at(told));
        }
    }
}
