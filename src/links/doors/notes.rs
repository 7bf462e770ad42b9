//! Log lines about peers: one of an address in a while. The next one says how many were left out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Between two lines about one address.
const EVERY: Duration = Duration::from_secs(10);
/// Addresses that are told apart; those beyond share one line.
const ADDRESSES_MAX: usize = 1_000;

#[derive(Debug)]
struct Written {
    at: Instant,
    left_out: u64,
}

/// Says which lines are to be written.
#[derive(Debug, Default)]
pub struct Notes(Mutex<HashMap<Option<IpAddr>, Written>>);

impl Notes {
    /// Counts one event. Returns how many lines about this address were left out since the last one, where a line is due;
    /// `None` where this one is left out too.
    pub fn due(&self, address: IpAddr) -> Option<u64> {
        self.due_at(address, Instant::now())
    }

    fn due_at(&self, address: IpAddr, now: Instant) -> Option<u64> {
        // Each change is one call: the map is whole even after a panic elsewhere.
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if written.len() >= ADDRESSES_MAX && !written.contains_key(&Some(address)) {
            written.retain(|_, one| now < one.at + EVERY || one.left_out > 0);
        }
        let is_known = written.contains_key(&Some(address)) || written.len() < ADDRESSES_MAX;
        let Some(last) = written.get_mut(&is_known.then_some(address)) else {
            written.insert(is_known.then_some(address), Written { at: now, left_out: 0 });
            return Some(0);
        };
        if now < last.at + EVERY {
            last.left_out += 1;
            return None;
        }
        last.at = now;
        Some(std::mem::take(&mut last.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u32) -> IpAddr {
        IpAddr::from((0x0a00_0000 + last).to_be_bytes())
    }

    #[tokio::test]
    async fn one_line_of_an_address_in_a_while_and_the_next_counts_those_left_out() {
        let (notes, now) = (Notes::default(), Instant::now());
        assert_eq!(notes.due_at(address(1), now), Some(0));
        for _ in 0..500 {
            assert_eq!(notes.due_at(address(1), now), None);
        }
        assert_eq!(notes.due_at(address(2), now), Some(0), "another address has lines of its own");
        assert_eq!(notes.due_at(address(1), now + EVERY), Some(500));
        assert_eq!(notes.due_at(address(1), now + EVERY * 2), Some(0));
    }

    #[tokio::test]
    async fn many_addresses_share_what_is_left() {
        let (notes, now) = (Notes::default(), Instant::now());
        let lines = (0..5_000).filter(|last| notes.due_at(address(*last), now).is_some()).count();
        assert_eq!(lines, ADDRESSES_MAX + 1);
        assert_eq!(notes.0.lock().unwrap().len(), ADDRESSES_MAX + 1);
    }
}
