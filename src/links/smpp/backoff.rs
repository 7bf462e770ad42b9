//! The wait before the next attempt to connect.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Each wait is between half and all of a bound, which doubles up to the longest. The randomness keeps the links of a
/// whole network from reconnecting at the same instant.
#[derive(Debug)]
pub(super) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    pub(super) const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// Starts again from the first wait, after a success.
    pub(super) const fn reset(&mut self) {
        self.next = self.first;
    }

    /// The wait after one more failure.
    pub(super) fn wait(&mut self) -> Duration {
        // Each `RandomState` has keys of its own, which is enough randomness here.
        self.wait_with(RandomState::new().hash_one(0))
    }

    fn wait_with(&mut self, chance: u64) -> Duration {
        let base = self.next.min(self.longest);
        self.next = base.saturating_mul(2).min(self.longest);
        let half = base / 2;
        let spread = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).saturating_add(1);
        half + Duration::from_micros(chance % spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_begin_again() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(500), ms(3_000));
        let bases = [500, 1_000, 2_000, 3_000, 3_000];
        for base in bases {
            let wait = backoff.wait_with(u64::MAX);
            assert!(ms(base / 2) <= wait && wait <= ms(base), "{wait:?} of {base} ms");
        }
        backoff.reset();
        assert_eq!(backoff.wait_with(0), ms(250));
        assert_eq!(Backoff::new(ms(500), ms(3_000)).wait_with(250_000), ms(500));
    }
}
