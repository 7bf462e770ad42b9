//! State that all sessions of a run share. Everything runs on one thread, so that nothing is locked; only the metronome
//! has a thread of its own.

use std::cell::{RefCell, RefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use super::plan::Pace;

/// Shortest time between two ticks of the metronome.
const TICK_MIN: Duration = Duration::from_micros(250);

#[derive(Debug)]
pub(super) struct Shared {
    engine: RefCell<Engine>,
    start: Instant,
    /// Wakes a session that has room for a message.
    pub(super) hungry: Arc<Notify>,
    /// Something may have ended.
    pub(super) progress: Notify,
    /// All sessions end.
    pub(super) stop: CancellationToken,
}

impl Shared {
    pub(super) fn new(engine: Engine) -> Self {
        Self {
            engine: RefCell::new(engine),
            start: Instant::now(),
            hungry: Arc::default(),
            progress: Notify::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Nanoseconds since the start.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// The bookkeeping. It is never kept across an await.
    pub(super) fn engine(&self) -> RefMut<'_, Engine> {
        self.engine.borrow_mut()
    }

    /// Wakes those that can go on after an event.
    pub(super) fn pass_on(&self, now: u64) {
        let engine = self.engine.borrow();
        if engine.has_next(now) {
            self.hungry.notify_one();
        }
        if engine.begins || engine.is_done(now) {
            self.progress.notify_one();
        }
    }
}

/// Wakes a hungry session whenever a message is due. A timer of the runtime would be up to a millisecond late.
#[derive(Debug)]
pub(super) struct Metronome(Arc<AtomicBool>);

impl Metronome {
    /// Ticks from now on if the pace is a rate, so that a tick comes as soon as a message is due.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(super) fn start(pace: Pace, hungry: Arc<Notify>) -> std::io::Result<Option<Self>> {
        let Pace::Rate(rate) = pace else { return Ok(None) };
        let every = Duration::from_secs_f64(1.0 / rate).max(TICK_MIN);
        let mut next = std::time::Instant::now();
        let stopped = Arc::new(AtomicBool::new(false));
        let is_stopped = stopped.clone();
        std::thread::Builder::new().name("metronome".to_owned()).spawn(move || {
            while !is_stopped.load(Ordering::Relaxed) {
                hungry.notify_one();
                next += every;
                std::thread::sleep(next.saturating_duration_since(std::time::Instant::now()));
            }
        })?;
        Ok(Some(Self(stopped)))
    }
}

impl Drop for Metronome {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
