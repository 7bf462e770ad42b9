//! Who has to wait before another bind is looked at: an address, and a name from that address.
//!
//! A name alone is not made to wait: otherwise anybody who knows it could keep a bank out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// Names and addresses that are remembered; then those whose wait is over are forgotten.
const REMEMBERED_MAX: usize = 10_000;
/// Failures of one address, whatever the names, before it has to wait.
const FREE_OF_ADDRESS: u32 = 4;
/// After so long without another failure, the earlier ones are forgotten.
const FORGET_AFTER: Duration = Duration::from_mins(10);

/// Of whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Address(IpAddr),
    Name(IpAddr, Vec<u8>),
}

#[derive(Debug)]
struct Penalty {
    failures: u32,
    until: Duration,
}

/// Waits after failed binds. Times are since any fixed instant.
#[derive(Debug)]
pub(super) struct Penalties {
    first: Duration,
    longest: Duration,
    known: HashMap<Who, Penalty>,
}

impl Penalties {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, known: HashMap::new() }
    }

    /// Whether this name from this address has to wait still.
    pub(super) fn waits(&self, address: IpAddr, name: &[u8], now: Duration) -> bool {
        let waits = |who: &Who| self.known.get(who).is_some_and(|penalty| now < penalty.until);
        waits(&Who::Address(address)) || waits(&Who::Name(address, name.to_vec()))
    }

    /// A bind failed.
    pub(super) fn failed(&mut self, address: IpAddr, name: &[u8], now: Duration) {
        if self.known.len() >= REMEMBERED_MAX {
            self.known.retain(|_, penalty| now < penalty.until);
        }
        if self.known.len() >= REMEMBERED_MAX {
            self.known.clear();
        }
        self.add(Who::Address(address), FREE_OF_ADDRESS, now);
        self.add(Who::Name(address, name.to_vec()), 0, now);
    }

    /// A bind worked: its name and address are in good standing.
    pub(super) fn worked(&mut self, address: IpAddr, name: &[u8]) {
        self.known.remove(&Who::Address(address));
        self.known.remove(&Who::Name(address, name.to_vec()));
    }

    fn add(&mut self, who: Who, free: u32, now: Duration) {
        let penalty = self.known.entry(who).or_insert(Penalty { failures: 0, until: now });
        if penalty.until + FORGET_AFTER <= now {
            penalty.failures = 0;
        }
        penalty.failures = penalty.failures.saturating_add(1);
        let counted = penalty.failures.saturating_sub(free);
        let wait = match counted {
            0 => Duration::ZERO,
            _ => self.first.saturating_mul(1_u32.checked_shl(counted - 1).unwrap_or(u32::MAX)).min(self.longest),
        };
        penalty.until = now + wait;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn each_failure_doubles_the_wait_and_a_success_ends_it() {
        let mut penalties = Penalties::new(SECOND, SECOND * 4);
        let (address, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let mut now = Duration::ZERO;
        for wait in [1, 2, 4, 4] {
            assert!(!penalties.waits(address, b"bank", now));
            penalties.failed(address, b"bank", now);
            now += SECOND * wait;
            assert!(penalties.waits(address, b"bank", now.checked_sub(Duration::from_millis(1)).unwrap()));
        }
        assert!(!penalties.waits(other, b"bank", Duration::ZERO), "the bank itself is not kept out");
        penalties.failed(address, b"bank", now);
        penalties.worked(address, b"bank");
        assert!(!penalties.waits(address, b"bank", now));
    }

    #[test]
    fn guessing_names_makes_the_address_wait() {
        let mut penalties = Penalties::new(SECOND, SECOND * 60);
        let address = IpAddr::from([10, 0, 0, 1]);
        for name in [b"a", b"b", b"c", b"d"] {
            penalties.failed(address, name, Duration::ZERO);
        }
        assert!(!penalties.waits(address, b"new", Duration::ZERO));
        penalties.failed(address, b"e", Duration::ZERO);
        assert!(penalties.waits(address, b"new", Duration::ZERO));
    }
}
