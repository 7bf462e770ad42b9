//! How many connections there are, in all and of one address.
//!
//! A connection waits until it has proven itself: bound, signed on, or sent the head of a request. Where a cap is reached,
//! the connection that has waited longest leaves for the new one, so that whoever opens connections and says nothing keeps
//! nobody out. One that has proven itself is never made to leave.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::address::block;
use crate::links::faults::FaultLog;

/// Where a gate stands, for logs and metrics.
#[derive(Debug)]
pub struct Door {
    /// Its name for people.
    pub name: &'static str,
    /// Counter of the connections that were not let in, by the cap that they met.
    pub refused: &'static str,
    /// Counter of the connections that left for a new one.
    pub left: &'static str,
}

/// Lets connections in up to the caps.
#[derive(Debug)]
pub struct Gate {
    door: Door,
    all_max: usize,
    of_one_max: usize,
    inside: Mutex<Inside>,
    log: FaultLog,
}

#[derive(Debug, Default)]
struct Inside {
    all: usize,
    turn: u64,
    addresses: HashMap<IpAddr, Address>,
}

#[derive(Debug, Default)]
struct Address {
    inside: usize,
    /// Those that wait, the longest first.
    waiting: BTreeMap<u64, CancellationToken>,
}

/// The cap that a connection met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// As many of its address as may be.
    Address,
    /// As many as may be.
    All,
}

/// A connection that was let in; given back when it is dropped.
#[derive(Debug)]
pub struct Pass {
    gate: Arc<Gate>,
    address: IpAddr,
    /// Its place among those that wait, where it does.
    turn: Mutex<Option<u64>>,
    leave: CancellationToken,
}

impl Gate {
    /// One address never has the last place, where there are several.
    pub fn new(door: Door, all_max: usize, of_one_max: usize) -> Arc<Self> {
        let of_one_max = of_one_max.min(all_max.saturating_sub(1)).max(1);
        Arc::new(Self { door, all_max, of_one_max, inside: Mutex::default(), log: FaultLog::of_strangers() })
    }

    /// Lets a connection in, which waits. Where it may not come in, that is counted, and told in the log now and then.
    ///
    /// # Errors
    /// The cap that is reached by connections of which none waits.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Pass, Full> {
        let address = block(address);
        let mut inside = self.lock();
        let entered = inside.make_room(address, (self.all_max, self.of_one_max)).map(|left| {
            let (turn, leave) = inside.enter(address);
            (left, Pass { gate: self.clone(), address, turn: Mutex::new(Some(turn)), leave })
        });
        drop(inside);
        match entered {
            Ok((left, pass)) => {
                self.tell(address, left);
                Ok(pass)
            }
            Err(full) => {
                let cap = if full == Full::Address { "address" } else { "all" };
                metrics::counter!(self.door.refused, "cap" => cap).increment(1);
                if self.log.admits_from(address) {
                    warn!(door = self.door.name, %address, cap, "as many connections as may be: closed");
                }
                Err(full)
            }
        }
    }

    fn tell(&self, address: IpAddr, left: u64) {
        if left == 0 {
            return;
        }
        metrics::counter!(self.door.left).increment(left);
        if self.log.admits_from(address) {
            let door = self.door.name;
            warn!(door, %address, "as many connections as may be: the one that said nothing for longest was closed");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Each change is one call: the counts are whole even after a panic elsewhere.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Makes those leave that wait, where a cap is reached; how many.
    fn make_room(&mut self, address: IpAddr, (all_max, of_one_max): (usize, usize)) -> Result<u64, Full> {
        let mut left = 0;
        if self.addresses.get(&address).is_some_and(|known| known.inside >= of_one_max) {
            self.show_out(address).ok_or(Full::Address)?;
            left += 1;
        }
        if self.all >= all_max {
            let crowd = self.addresses.iter().max_by_key(|(_, known)| known.waiting.len());
            let crowd = crowd.map(|(address, _)| *address).ok_or(Full::All)?;
            self.show_out(crowd).ok_or(Full::All)?;
            left += 1;
        }
        Ok(left)
    }

    /// Makes the connection of this address leave that has waited longest; `None` where none waits.
    fn show_out(&mut self, address: IpAddr) -> Option<()> {
        let (_, leave) = self.addresses.get_mut(&address)?.waiting.pop_first()?;
        leave.cancel();
        self.leave(address);
        Some(())
    }

    fn enter(&mut self, address: IpAddr) -> (u64, CancellationToken) {
        let leave = CancellationToken::new();
        self.all += 1;
        self.addresses.entry(address).or_default().inside += 1;
        (self.wait(address, leave.clone()), leave)
    }

    fn wait(&mut self, address: IpAddr, leave: CancellationToken) -> u64 {
        self.turn += 1;
        self.addresses.entry(address).or_default().waiting.insert(self.turn, leave);
        self.turn
    }

    fn leave(&mut self, address: IpAddr) {
        self.all = self.all.saturating_sub(1);
        let Some(known) = self.addresses.get_mut(&address) else { return };
        known.inside = known.inside.saturating_sub(1);
        if known.inside == 0 {
            self.addresses.remove(&address);
        }
    }
}

impl Pass {
    /// It has proven itself, and is not made to leave from now on. `false` where it has to leave already.
    pub fn settle(&self) -> bool {
        let mut inside = self.gate.lock();
        if self.leave.is_cancelled() {
            return false;
        }
        if let Some(turn) = self.turn().take()
            && let Some(known) = inside.addresses.get_mut(&self.address)
        {
            known.waiting.remove(&turn);
        }
        true
    }

    /// It waits again, from now.
    pub fn wait(&self) {
        let mut inside = self.gate.lock();
        let mut turn = self.turn();
        if turn.is_none() && !self.leave.is_cancelled() {
            *turn = Some(inside.wait(self.address, self.leave.clone()));
        }
    }

    /// Returns when it has to leave.
    pub async fn shown_out(&self) {
        self.leave.cancelled().await;
    }

    fn turn(&self) -> MutexGuard<'_, Option<u64>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        // Who had to leave was counted out then.
        if self.settle() {
            self.gate.lock().leave(self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOOR: Door = Door { name: "test", refused: "refused", left: "left" };

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn settled(gate: &Arc<Gate>, last: u8) -> Result<Pass, Full> {
        gate.enter(address(last)).inspect(|pass| assert!(pass.settle()))
    }

    #[test]
    fn no_more_than_the_caps_are_inside_at_once() {
        let gate = Gate::new(DOOR, 3, 2);
        let first = settled(&gate, 1).unwrap();
        let _second = settled(&gate, 1).unwrap();
        assert_eq!(gate.enter(address(1)).unwrap_err(), Full::Address, "two of one address");
        let _third = settled(&gate, 2).unwrap();
        assert_eq!(gate.enter(address(3)).unwrap_err(), Full::All, "three in all");
        drop(first);
        assert!(gate.enter(address(1)).is_ok());
    }

    #[test]
    fn who_says_nothing_leaves_for_the_next_and_who_has_proven_itself_stays() {
        let gate = Gate::new(DOOR, 10, 3);
        let proven = settled(&gate, 1).unwrap();
        let silent = [gate.enter(address(1)).unwrap(), gate.enter(address(1)).unwrap()];
        let other = gate.enter(address(2)).unwrap();
        let next = gate.enter(address(1)).unwrap();
        let gone = |pass: &Pass| pass.leave.is_cancelled();
        assert_eq!([gone(&proven), gone(&silent[0]), gone(&silent[1]), gone(&other)], [false, true, false, false]);
        assert!(!silent[0].settle(), "it is too late to prove anything");
        silent[0].wait();
        drop(silent);
        assert!(next.settle());
        let _last = settled(&gate, 1).unwrap();
        assert_eq!(gate.enter(address(1)).unwrap_err(), Full::Address, "three are inside, and each has proven itself");
        next.wait();
        assert!(gate.enter(address(1)).is_ok(), "one waits again");
        assert!(gone(&next) && !gone(&proven));
    }

    #[test]
    fn one_address_cannot_fill_the_door() {
        let gate = Gate::new(DOOR, 4, 100);
        let greedy: Vec<Pass> = (0..3).map(|_| settled(&gate, 1).unwrap()).collect();
        assert_eq!(gate.enter(address(1)).unwrap_err(), Full::Address);
        let second = gate.enter(address(2)).unwrap();
        assert!(settled(&gate, 3).is_ok(), "who waits makes room in all, too");
        assert!(second.leave.is_cancelled());
        drop((greedy, second));
        let inside = gate.lock();
        assert_eq!((inside.all, inside.addresses.len()), (0, 0), "every place is given back once");
    }
}
