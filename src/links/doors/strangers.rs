//! Who failed to prove itself at one door: counted, told in the log now and then, and made to wait.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::penalties::Penalties;
use crate::links::faults::FaultLog;

/// Those of one door.
#[derive(Debug)]
pub struct Strangers {
    door: &'static str,
    penalties: Mutex<Penalties>,
    log: FaultLog,
    started: Instant,
}

impl Strangers {
    /// At this door, as the metric names it; the first wait, and the longest, which each failure doubles up to.
    pub fn new(door: &'static str, first: Duration, longest: Duration) -> Self {
        let penalties = Mutex::new(Penalties::new(first, longest));
        Self { door, penalties, log: FaultLog::of_strangers(), started: Instant::now() }
    }

    /// How long nothing is looked at that comes from this address under this name, if so.
    pub fn wait(&self, address: IpAddr, name: Option<&[u8]>) -> Option<Duration> {
        self.penalties().wait(address, name, self.started.elapsed())
    }

    /// A secret was wrong. Returns whether a line about it is to be written.
    pub fn failed(&self, address: IpAddr, name: Option<&[u8]>) -> bool {
        metrics::counter!("mbush_auth_failures_total", "door" => self.door).increment(1);
        self.penalties().failed(address, name, self.started.elapsed());
        self.log.admits_from(address)
    }

    /// There was no secret where one is needed, which is no guess. Returns whether a line about it is to be written.
    pub fn missing(&self, address: IpAddr) -> bool {
        metrics::counter!("mbush_auth_failures_total", "door" => self.door).increment(1);
        self.log.admits_from(address)
    }

    /// Something was refused that is no guess. Returns whether a line about it is to be written.
    pub fn refused(&self, address: IpAddr) -> bool {
        self.log.admits_from(address)
    }

    /// It was right: name and address are in good standing.
    pub fn worked(&self, address: IpAddr, name: Option<&[u8]>) {
        self.penalties().worked(address, name);
    }

    fn penalties(&self) -> MutexGuard<'_, Penalties> {
        // Each change is one call: the list is whole even after a panic elsewhere.
        self.penalties.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
