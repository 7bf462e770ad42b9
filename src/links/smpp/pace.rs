//! The pace of a link's submits: a rate in segments, a window, and pauses that the SMSC asks for.
//!
//! The configured window is the most; an SMSC does not tell its own. The link begins with at most [`WINDOW_FIRST`]
//! unanswered segments. With each success of a window that is in use one more is allowed, until the SMSC throttles. Then
//! the window is halved, and grows again by one with each window of successes.

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
/// Window of a new link.
const WINDOW_FIRST: usize = 64;

/// Limits the rate of segments.
#[derive(Debug)]
pub(super) struct Pace {
    rate: DefaultDirectRateLimiter,
    places: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    pause: Pause,
    window: Window,
}

#[derive(Debug, Default)]
struct Pause {
    until: Option<Instant>,
    length: Duration,
}

/// The most unanswered segments.
#[derive(Debug)]
struct Window {
    now: usize,
    most: usize,
    /// The SMSC has not throttled yet.
    is_new: bool,
    /// Successes since the window last grew.
    successes: usize,
    /// Places of unanswered segments that are not to be used again.
    owed: usize,
}

/// A place in the window, until the segment is answered.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pace: &'a Pace,
    permit: Option<SemaphorePermit<'a>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.pace.lock();
        if state.window.owed > 0 {
            state.window.owed -= 1;
            if let Some(permit) = self.permit.take() {
                permit.forget();
            }
        }
    }
}

impl Pace {
    pub(super) fn new(segments_per_second: u32, window: u16) -> Self {
        let rate = NonZeroU32::new(segments_per_second).unwrap_or(NonZeroU32::MIN);
        // An SMSC counts within seconds of its own. At most a tenth of the rate therefore goes out in one burst.
        let burst = NonZeroU32::new(segments_per_second / 10).unwrap_or(NonZeroU32::MIN);
        let window = Window::new(usize::from(window));
        Self {
            rate: RateLimiter::direct(Quota::per_second(rate).allow_burst(burst)),
            places: Semaphore::new(window.now),
            state: Mutex::new(State { pause: Pause::default(), window }),
        }
    }

    /// Waits until one more segment may go out. The place is held until the segment is answered.
    pub(super) async fn segment(&self) -> Option<Place<'_>> {
        let permit = self.places.acquire().await.ok()?;
        let place = Place { pace: self, permit: Some(permit) };
        self.rate.until_ready().await;
        Some(place)
    }

    /// The most unanswered segments at present.
    pub(super) fn window(&self) -> usize {
        self.lock().window.now
    }

    /// Returns true during a pause that the SMSC asked for.
    pub(super) fn is_paused(&self) -> bool {
        self.paused_until().is_some()
    }

    /// The end of the pause, or `None` if the link is not paused.
    pub(super) fn paused_until(&self) -> Option<Instant> {
        self.lock().pause.until(Instant::now())
    }

    /// Begins a pause with a smaller window, because the SMSC asked for less.
    pub(super) fn slow_down(&self) {
        let mut state = self.lock();
        if state.pause.slow_down(Instant::now()) {
            state.window.halve();
            state.window.owed -= self.places.forget_permits(state.window.owed);
        }
    }

    /// Notes that the SMSC took a segment.
    pub(super) fn went_well(&self) {
        let mut state = self.lock();
        state.pause.went_well(Instant::now());
        // A window that is not used tells nothing about what the SMSC takes.
        let is_in_use = self.places.available_permits() <= state.window.now / 2;
        if is_in_use && state.window.grow() {
            self.places.add_permits(1);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is plain values: it is whole even after a panic elsewhere.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { now: most.min(WINDOW_FIRST), most, is_new: true, successes: 0, owed: 0 }
    }

    fn halve(&mut self) {
        let half = (self.now / 2).max(1);
        self.owed += self.now - half;
        (self.now, self.is_new, self.successes) = (half, false, 0);
    }

    /// Notes a success. Returns true if there is one more place.
    fn grow(&mut self) -> bool {
        self.successes += 1;
        if self.now >= self.most || (!self.is_new && self.successes < self.now) {
            return false;
        }
        (self.now, self.successes) = (self.now + 1, 0);
        let is_owed = self.owed > 0;
        self.owed -= usize::from(is_owed);
        !is_owed
    }
}

impl Pause {
    fn until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// Begins a pause that is longer than the last one. Answers to segments from before a pause do not make it longer.
    /// Returns false for those.
    fn slow_down(&mut self, now: Instant) -> bool {
        let begins = self.until(now).is_none();
        if begins {
            self.length = (self.length * 2).clamp(PAUSE_FIRST, PAUSE_LONGEST);
            self.until = Some(now + self.length);
        }
        begins
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

    #[test]
    fn the_window_grows_until_the_smsc_throttles_and_then_more_slowly() {
        let mut window = Window::new(1_000);
        assert_eq!(window.now, 64);
        let grown = (0..136).filter(|_| window.grow()).count();
        assert_eq!((grown, window.now), (136, 200));
        window.halve();
        assert_eq!((window.now, window.owed), (100, 100));
        let grown = (0..100).filter(|_| window.grow()).count();
        assert_eq!((grown, window.now, window.owed), (0, 101, 99), "a place that is owed is kept instead");
        for _ in 0..20 {
            window.halve();
        }
        assert_eq!(window.now, 1);
        let mut small = Window::new(10);
        assert_eq!((small.now, (0..100).filter(|_| small.grow()).count()), (10, 0), "never more than configured");
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_that_is_not_used_does_not_grow() {
        let pace = Pace::new(100_000, 1_000);
        for _ in 0..500 {
            let _place = pace.segment().await.unwrap();
            pace.went_well();
        }
        assert_eq!(pace.window(), 64);
        let mut places = Vec::new();
        for _ in 0..40 {
            places.push(pace.segment().await.unwrap());
            pace.went_well();
        }
        assert!(pace.window() > 64, "more than half of it is in use");
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_link_has_half_of_its_places() {
        let pace = Pace::new(100_000, 8);
        let mut places = Vec::new();
        for _ in 0..6 {
            places.push(pace.segment().await.unwrap());
        }
        pace.slow_down();
        pace.slow_down();
        assert_eq!((pace.window(), pace.places.available_permits()), (4, 0), "one pause, one half");
        places.truncate(4);
        assert_eq!(pace.places.available_permits(), 0, "places of segments from before are given up");
        places.clear();
        assert_eq!(pace.places.available_permits(), 4);
    }
}
