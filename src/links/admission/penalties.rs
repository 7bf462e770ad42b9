//! Waits before another secret is checked, for an address and for a name at an address.
//!
//! A name alone never waits. Otherwise, anybody who knows the name could keep a bank out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::address::block;

/// Names and addresses that are remembered. Beyond this number, those whose wait is over are forgotten.
const REMEMBERED_MAX: usize = 10_000;
/// Failures of one address, under any names, before it has to wait.
const FREE_OF_ADDRESS: u32 = 4;
/// Time without another failure after which earlier failures are forgotten.
const FORGET_AFTER: Duration = Duration::from_mins(10);

/// The subject of a wait.
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

/// Waits after failures. Times are counted from any fixed instant. A bearer secret comes without a name.
#[derive(Debug)]
pub(super) struct Penalties {
    first: Duration,
    longest: Duration,
    known: HashMap<Who, Penalty>,
}

impl Penalties {
    /// Each failure doubles the wait, from `first` up to `longest`.
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, known: HashMap::new() }
    }

    /// The rest of the wait of this name at this address, or `None` if it need not wait.
    pub(super) fn wait(&self, address: IpAddr, name: Option<&[u8]>, now: Duration) -> Option<Duration> {
        let of = |who: &Who| self.known.get(who).and_then(|penalty| penalty.until.checked_sub(now));
        let address = block(address);
        let named = name.and_then(|name| of(&Who::Name(address, name.to_vec())));
        of(&Who::Address(address)).max(named).filter(|wait| !wait.is_zero())
    }

    /// Notes a failure.
    pub(super) fn failed(&mut self, address: IpAddr, name: Option<&[u8]>, now: Duration) {
        if self.known.len() >= REMEMBERED_MAX {
            self.known.retain(|_, penalty| now < penalty.until);
        }
        if self.known.len() >= REMEMBERED_MAX {
            self.known.clear();
        }
        let address = block(address);
        self.add(Who::Address(address), FREE_OF_ADDRESS, now);
        if let Some(name) = name {
            self.add(Who::Name(address, name.to_vec()), 0, now);
        }
    }

    /// Notes a success: earlier failures of the name and of the address are forgotten.
    pub(super) fn worked(&mut self, address: IpAddr, name: Option<&[u8]>) {
        if self.known.is_empty() {
            return;
        }
        let address = block(address);
        self.known.remove(&Who::Address(address));
        if let Some(name) = name {
            self.known.remove(&Who::Name(address, name.to_vec()));
        }
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
            assert!(penalties.wait(address, Some(b"bank"), now).is_none());
            penalties.failed(address, Some(b"bank"), now);
            now += SECOND * wait;
            assert!(
                penalties.wait(address, Some(b"bank"), now.checked_sub(Duration::from_millis(1)).unwrap()).is_some()
            );
        }
        assert!(penalties.wait(other, Some(b"bank"), Duration::ZERO).is_none(), "the bank itself is not kept out");
        penalties.failed(address, Some(b"bank"), now);
        penalties.worked(address, Some(b"bank"));
        assert!(penalties.wait(address, Some(b"bank"), now).is_none());
    }

    #[test]
    fn guessing_names_makes_the_address_wait() {
        let mut penalties = Penalties::new(SECOND, SECOND * 60);
        let address = IpAddr::from([10, 0, 0, 1]);
        for name in [&b"a"[..], b"b", b"c", b"d"] {
            penalties.failed(address, Some(name), Duration::ZERO);
        }
        assert!(penalties.wait(address, Some(b"new"), Duration::ZERO).is_none());
        penalties.failed(address, Some(b"e"), Duration::ZERO);
        assert!(penalties.wait(address, Some(b"new"), Duration::ZERO).is_some());
    }

    #[test]
    fn a_bearer_has_no_name_and_its_address_is_a_network_of_ipv6() {
        let mut penalties = Penalties::new(SECOND, SECOND * 60);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        for last in 1..=FREE_OF_ADDRESS {
            assert_eq!(penalties.wait(address("2001:db8::1"), None, Duration::ZERO), None);
            penalties.failed(address(&format!("2001:db8::{last}")), None, Duration::ZERO);
        }
        penalties.failed(address("2001:db8::ffff"), None, Duration::ZERO);
        assert_eq!(penalties.wait(address("2001:db8::1"), None, Duration::ZERO), Some(SECOND));
        assert_eq!(penalties.wait(address("2001:db8:0:1::1"), None, Duration::ZERO), None);
    }
}
