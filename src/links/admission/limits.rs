//! Limits of the number of connections, in all and from one address.
//!
//! A connection is unproven until it has bound, signed on, or sent the head of a request. If a limit is reached, the
//! oldest unproven connection is closed in favour of the new one, so that idle connections cannot keep others out. A
//! proven connection is never closed for this reason.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::address::block;
use crate::links::faults::FaultLog;

/// The server that limits belong to, for logs and metrics.
#[derive(Debug)]
pub struct Listener {
    /// Name in log lines.
    pub name: &'static str,
    /// Counter of the connections that were refused, by the limit that they met.
    pub refused: &'static str,
    /// Counter of the connections that were closed in favour of a new one.
    pub left: &'static str,
}

/// Admits connections up to the limits.
#[derive(Debug)]
pub struct ConnectionLimits {
    listener: Listener,
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
    /// The unproven connections, the oldest first.
    waiting: BTreeMap<u64, CancellationToken>,
}

/// The limit that a connection met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The limit of connections from one address.
    Address,
    /// The limit of all connections.
    All,
}

/// The place of an admitted connection. It is free again when this is dropped.
#[derive(Debug)]
pub struct Admitted {
    limits: Arc<ConnectionLimits>,
    address: IpAddr,
    /// The connection's position among the unproven ones, or `None` if it is proven.
    turn: Mutex<Option<u64>>,
    leave: CancellationToken,
}

impl ConnectionLimits {
    /// The limit of one address is reduced below `all_max`, unless `all_max` is 1, so that one address cannot take all
    /// places.
    pub fn new(listener: Listener, all_max: usize, of_one_max: usize) -> Arc<Self> {
        let of_one_max = of_one_max.min(all_max.saturating_sub(1)).max(1);
        Arc::new(Self { listener, all_max, of_one_max, inside: Mutex::default(), log: FaultLog::of_strangers() })
    }

    /// Admits a connection, which is unproven at first. A refusal is counted, and logged at a limited rate.
    ///
    /// # Errors
    /// The limit that is reached by proven connections alone.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Admitted, Full> {
        let address = block(address);
        let mut inside = self.lock();
        let entered = inside.make_room(address, (self.all_max, self.of_one_max)).map(|left| {
            let (turn, leave) = inside.enter(address);
            (left, Admitted { limits: self.clone(), address, turn: Mutex::new(Some(turn)), leave })
        });
        drop(inside);
        match entered {
            Ok((left, admitted)) => {
                self.tell(address, left);
                Ok(admitted)
            }
            Err(full) => {
                let cap = if full == Full::Address { "address" } else { "all" };
                metrics::counter!(self.listener.refused, "cap" => cap).increment(1);
                if self.log.admits_from(address) {
                    warn!(listener = self.listener.name, %address, cap, "the limit of connections is reached: the new one is closed");
                }
                Err(full)
            }
        }
    }

    fn tell(&self, address: IpAddr, left: u64) {
        if left == 0 {
            return;
        }
        metrics::counter!(self.listener.left).increment(left);
        if self.log.admits_from(address) {
            let listener = self.listener.name;
            warn!(listener, %address, "the limit of connections is reached: the oldest unproven one was closed");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Each change is one call: the counts are whole even after a panic elsewhere.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Closes unproven connections if a limit is reached, and returns their number.
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

    /// Closes the oldest unproven connection of this address. Returns `None` if there is none.
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

impl Admitted {
    /// Marks the connection as proven, so that it is not closed for another. Returns `false` if it is to be closed
    /// already.
    pub fn settle(&self) -> bool {
        let mut inside = self.limits.lock();
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

    /// Marks the connection as unproven from now on.
    pub fn wait(&self) {
        let mut inside = self.limits.lock();
        let mut turn = self.turn();
        if turn.is_none() && !self.leave.is_cancelled() {
            *turn = Some(inside.wait(self.address, self.leave.clone()));
        }
    }

    /// Returns when the connection is to be closed in favour of another.
    pub async fn shown_out(&self) {
        self.leave.cancelled().await;
    }

    fn turn(&self) -> MutexGuard<'_, Option<u64>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        // A connection that was closed for another was counted out then.
        if self.settle() {
            self.limits.lock().leave(self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENER: Listener = Listener { name: "test", refused: "refused", left: "left" };

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    fn settled(limits: &Arc<ConnectionLimits>, last: u8) -> Result<Admitted, Full> {
        limits.enter(address(last)).inspect(|admitted| assert!(admitted.settle()))
    }

    #[test]
    fn no_more_connections_than_the_limits_are_open_at_once() {
        let limits = ConnectionLimits::new(LISTENER, 3, 2);
        let first = settled(&limits, 1).unwrap();
        let _second = settled(&limits, 1).unwrap();
        assert_eq!(limits.enter(address(1)).unwrap_err(), Full::Address, "two of one address");
        let _third = settled(&limits, 2).unwrap();
        assert_eq!(limits.enter(address(3)).unwrap_err(), Full::All, "three in all");
        drop(first);
        assert!(limits.enter(address(1)).is_ok());
    }

    #[test]
    fn who_says_nothing_leaves_for_the_next_and_who_has_proven_itself_stays() {
        let limits = ConnectionLimits::new(LISTENER, 10, 3);
        let proven = settled(&limits, 1).unwrap();
        let silent = [limits.enter(address(1)).unwrap(), limits.enter(address(1)).unwrap()];
        let other = limits.enter(address(2)).unwrap();
        let next = limits.enter(address(1)).unwrap();
        let gone = |admitted: &Admitted| admitted.leave.is_cancelled();
        assert_eq!([gone(&proven), gone(&silent[0]), gone(&silent[1]), gone(&other)], [false, true, false, false]);
        assert!(!silent[0].settle(), "it is too late to prove anything");
        silent[0].wait();
        drop(silent);
        assert!(next.settle());
        let _last = settled(&limits, 1).unwrap();
        assert_eq!(
            limits.enter(address(1)).unwrap_err(),
            Full::Address,
            "three are inside, and each has proven itself"
        );
        next.wait();
        assert!(limits.enter(address(1)).is_ok(), "one waits again");
        assert!(gone(&next) && !gone(&proven));
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let limits = ConnectionLimits::new(LISTENER, 4, 100);
        let greedy: Vec<Admitted> = (0..3).map(|_| settled(&limits, 1).unwrap()).collect();
        assert_eq!(limits.enter(address(1)).unwrap_err(), Full::Address);
        let second = limits.enter(address(2)).unwrap();
        assert!(settled(&limits, 3).is_ok(), "who waits makes room in all, too");
        assert!(second.leave.is_cancelled());
        drop((greedy, second));
        let inside = limits.lock();
        assert_eq!((inside.all, inside.addresses.len()), (0, 0), "every place is given back once");
    }
}
