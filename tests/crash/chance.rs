//! Chance that can be repeated: the seed is printed, and `MBUSH_CRASH_SEED` gives it back.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

/// Pseudo-random numbers (`SplitMix64`).
pub(crate) struct Chance(u64);

impl Chance {
    /// `of` tells the tests of one run apart.
    pub(crate) fn new(of: &str) -> Self {
        let given =
            std::env::var("MBUSH_CRASH_SEED").ok().map(|seed| seed.parse().expect("MBUSH_CRASH_SEED is a number"));
        let seed: u64 = given.unwrap_or_else(|| RandomState::new().hash_one(of) >> 32);
        println!("{of}: MBUSH_CRASH_SEED={seed}");
        Self(of.bytes().fold(seed, |state, octet| state.wrapping_mul(31).wrapping_add(octet.into())))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `most`.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % (most as u64 + 1)).expect("not above a usize")
    }

    /// Yes, so many times in a hundred.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// Up to so long.
    pub(crate) fn time_up_to(&mut self, most: Duration) -> Duration {
        let micros = u64::try_from(most.as_micros()).expect("a short time");
        Duration::from_micros(self.next() % (micros + 1))
    }
}
