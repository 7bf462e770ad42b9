//! How many connections there are, in all and of one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lets connections in up to the caps.
#[derive(Debug)]
pub(super) struct Gate {
    all_max: usize,
    of_one_max: usize,
    inside: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that was let in; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Arc<Gate>,
    address: IpAddr,
}

impl Gate {
    pub(super) fn new(all_max: usize, of_one_max: usize) -> Arc<Self> {
        Arc::new(Self { all_max, of_one_max, inside: Mutex::default() })
    }

    /// `None` where there are as many as may be.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Pass> {
        let mut inside = self.lock();
        let all: usize = inside.values().sum();
        let of_one = inside.get(&address).copied().unwrap_or(0);
        if all >= self.all_max || of_one >= self.of_one_max {
            return None;
        }
        inside.insert(address, of_one + 1);
        drop(inside);
        Some(Pass { gate: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Each change is one call: the map is whole even after a panic elsewhere.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.gate.lock();
        match inside.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(inside.remove(&self.address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_caps_are_inside_at_once() {
        let gate = Gate::new(3, 2);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = gate.enter(one).unwrap();
        let _second = gate.enter(one).unwrap();
        assert!(gate.enter(one).is_none(), "two of one address");
        let _third = gate.enter(other).unwrap();
        assert!(gate.enter(IpAddr::from([10, 0, 0, 3])).is_none(), "three in all");
        drop(first);
        assert!(gate.enter(one).is_some());
    }
}
