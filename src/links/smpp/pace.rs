//! The pace of a link's submits: a rate in segments, a window, and pauses that the SMSC asks for.

use std::num::NonZeroU32;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// First pause after a `THROTTLED` answer. It doubles while the SMSC repeats the answer.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
/// Longest pause.
const PAUSE_LONGEST: Duration = Duration::from_secs(8);

/// Limits the rate of segments.
#[derive(Debug)]
pub(super) struct Pace {
    rate: DefaultDirectRateLimiter,
    window: Semaphore,
    pause: Mutex<Pause>,
}

#[derive(Debug, Default)]
struct Pause {
    until: Option<Instant>,
    length: Duration,
}

impl Pace {
    pub(super) fn new(segments_per_second: u32, window: u16) -> Self {
        let rate = NonZeroU32::new(segments_per_second).unwrap_or(NonZeroU32::MIN);
        // An SMSC counts within seconds of its own. At most a tenth of the rate therefore goes out in one burst.
        let burst = NonZeroU32::new(segments_per_second / 10).unwrap_or(NonZeroU32::MIN);
        Self {
            rate: RateLimiter::direct(Quota::per_second(rate).allow_burst(burst)),
            window: Semaphore::new(usize::from(window.max(1))),
            pause: Mutex::default(),
        }
    }

    /// Waits until one more segment may go out. The permit is held until the segment is answered.
    pub(super) async fn segment(&self) -> Option<SemaphorePermit<'_>> {
        let permit = self.window.acquire().await.ok()?;
        self.rate.until_ready().await;
        Some(permit)
    }

    /// Returns true during a pause that the SMSC asked for.
    pub(super) fn is_paused(&self) -> bool {
        self.paused_until().is_some()
    }

    /// The end of the pause, or `None` if the link is not paused.
    pub(super) fn paused_until(&self) -> Option<Instant> {
        self.lock().until(Instant::now())
    }

    /// Begins a pause, because the SMSC asked for less.
    pub(super) fn slow_down(&self) {
        self.lock().slow_down(Instant::now());
    }

    /// Notes that the SMSC took a segment.
    pub(super) fn went_well(&self) {
        self.lock().went_well(Instant::now());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pause> {
        // A pause is two plain values: it is whole even after a panic elsewhere.
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pause {
    fn until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// Begins a pause that is longer than the last one. Answers to segments from before a pause do not make it longer.
    fn slow_down(&mut self, now: Instant) {
        if self.until(now).is_none() {
            self.length = (self.length * 2).clamp(PAUSE_FIRST, PAUSE_LONGEST);
            self.until = Some(now + self.length);
        }
    }

    fn went_well(&mut self, now: Instant) {
        if self.until(now).is_none() {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_while_the_smsc_repeats_itself_and_end_with_a_success() {
        let mut pause = Pause::default();
        let mut now = Instant::now();
        let mut lengths = Vec::new();
        for _ in 0..7 {
            pause.slow_down(now);
            pause.slow_down(now);
            let until = pause.until(now).unwrap();
            lengths.push((until - now).as_millis());
            now = until;
            assert_eq!(pause.until(now), None);
        }
        assert_eq!(lengths, [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000]);
        pause.went_well(now);
        pause.slow_down(now);
        assert_eq!(pause.until(now), Some(now + PAUSE_FIRST));
    }
}
