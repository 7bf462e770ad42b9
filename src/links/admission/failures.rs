//! Peers that failed to prove who they are at one server. They are counted, logged at a limited rate, and made to wait.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::penalties::Penalties;
use crate::links::faults::FaultLog;

/// The peers of one server that failed.
#[derive(Debug)]
pub struct AuthFailures {
    interface: &'static str,
    penalties: Mutex<Penalties>,
    log: FaultLog,
    started: Instant,
}

impl AuthFailures {
    /// `interface` is the name of the server in the metric. Each failure doubles the wait, from `first` up to `longest`.
    pub fn new(interface: &'static str, first: Duration, longest: Duration) -> Self {
        let penalties = Mutex::new(Penalties::new(first, longest));
        Self { interface, penalties, log: FaultLog::of_strangers(), started: Instant::now() }
    }

    /// The rest of the wait of this name at this address, or `None` if it need not wait.
    pub fn wait(&self, address: IpAddr, name: Option<&[u8]>) -> Option<Duration> {
        self.penalties().wait(address, name, self.started.elapsed())
    }

    /// Counts a wrong secret. Returns true if a line about it is to be written.
    pub fn failed(&self, address: IpAddr, name: Option<&[u8]>) -> bool {
        metrics::counter!("mbush_auth_failures_total", "interface" => self.interface).increment(1);
        self.penalties().failed(address, name, self.started.elapsed());
        self.log.admits_from(address)
    }

    /// Counts a missing secret, after which there is no wait. Returns true if a line about it is to be written.
    pub fn missing(&self, address: IpAddr) -> bool {
        metrics::counter!("mbush_auth_failures_total", "interface" => self.interface).increment(1);
        self.log.admits_from(address)
    }

    /// For a refusal that is not counted as a wrong secret. Returns true if a line about it is to be written.
    pub fn refused(&self, address: IpAddr) -> bool {
        self.log.admits_from(address)
    }

    /// Notes a right secret: earlier failures of the name and of the address are forgotten.
    pub fn worked(&self, address: IpAddr, name: Option<&[u8]>) {
        self.penalties().worked(address, name);
    }

    fn penalties(&self) -> MutexGuard<'_, Penalties> {
        // Each change is one call: the list is whole even after a panic elsewhere.
        self.penalties.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
