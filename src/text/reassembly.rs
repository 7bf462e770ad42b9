//! Putting the parts of long messages together: in any order, repeated or not, within a time limit and a memory cap.
//!
//! Pure: the caller says what time it is. What was given up on is handed out, with all that came, so that it can be
//! shown to staff; a part is never read alone. An attachment travels with each part: what a link needs to acknowledge
//! it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::data_coding::Coded;
use super::udh::Part;

/// Memory that a part costs beyond its octets: its place in the tables and its key.
const PART_BYTES: usize = 256;

/// Bounds on what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long a message waits for its missing parts after the first one came.
    pub time_limit: Duration,
    /// Messages that wait at once, at least 1.
    pub messages_max: usize,
    /// Memory of all parts that wait, their overhead included; at least 64 KiB to let any one message through.
    pub bytes_max: usize,
}

/// Whose parts belong together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The link or `system_id` that the part came by.
    pub peer: String,
    /// Source address.
    pub source: String,
    /// Destination address.
    pub destination: String,
    /// The reference that the parts share.
    pub reference: u16,
}

/// A part that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived<A> {
    /// Which part it is, from 1.
    pub number: u8,
    /// Its text.
    pub body: Coded,
    /// What the caller attached.
    pub attachment: A,
}

/// What became of a part that was added.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<A> {
    /// Others are missing.
    Waiting {
        /// How many.
        missing: u8,
    },
    /// All parts are there, in order.
    Complete(Vec<Arrived<A>>),
    /// The same part was there already. The newer attachment is kept; this is the older.
    Repeated(A),
}

/// A message that was given up on.
#[derive(Debug, PartialEq, Eq)]
pub struct Expired<A> {
    /// Whose it was.
    pub key: Key,
    /// How many parts it should have had.
    pub total: u8,
    /// The parts that came, in order.
    pub parts: Vec<Arrived<A>>,
    /// Why.
    pub reason: ExpiryReason,
}

/// Why a message was given up on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryReason {
    /// Its missing parts did not come in time.
    TimeLimit,
    /// It was the oldest when memory or places ran out.
    Memory,
    /// A part came under the same key with another total or another text: the sender uses the reference again.
    ReferenceReused,
}

/// The parts that wait.
#[derive(Debug)]
pub struct Reassembler<A> {
    limits: Limits,
    waiting: HashMap<Key, Waiting<A>>,
    /// Arrival number of each message's first part, oldest first.
    by_age: BTreeMap<u64, Key>,
    arrivals: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting<A> {
    age: u64,
    deadline: Duration,
    total: u8,
    parts: BTreeMap<u8, (Coded, A)>,
    bytes: usize,
}

impl<A> Reassembler<A> {
    /// An empty reassembler.
    pub fn new(limits: Limits) -> Self {
        Self { limits, waiting: HashMap::new(), by_age: BTreeMap::new(), arrivals: 0, bytes: 0 }
    }

    /// Adds a part at `now`, a time since any fixed instant that never goes back. `reference` of `key` is the part's.
    /// Also returned is every message that had to be given up on, by time or for room (in the worst case the one that
    /// the part belongs to): none is dropped silently.
    pub fn add(
        &mut self,
        key: &Key,
        part: Part,
        body: Coded,
        attachment: A,
        now: Duration,
    ) -> (Outcome<A>, Vec<Expired<A>>) {
        let mut expired = self.expire(now);
        expired.extend(self.give_up_if_reused(key, part, &body));
        let cost = body.octets.len() + PART_BYTES;
        let waiting = self.waiting.entry(key.clone()).or_insert_with(|| {
            self.arrivals += 1;
            self.by_age.insert(self.arrivals, key.clone());
            let deadline = now.saturating_add(self.limits.time_limit);
            Waiting { age: self.arrivals, deadline, total: part.total(), parts: BTreeMap::new(), bytes: 0 }
        });
        if let Some((_, earlier)) = waiting.parts.insert(part.number(), (body, attachment)) {
            return (Outcome::Repeated(earlier), expired);
        }
        waiting.bytes += cost;
        self.bytes += cost;
        let held = u8::try_from(waiting.parts.len()).unwrap_or(u8::MAX);
        let missing = part.total().saturating_sub(held);
        if missing == 0
            && let Some(whole) = self.take(key)
        {
            return (Outcome::Complete(whole.into_parts()), expired);
        }
        expired.extend(self.make_room());
        (Outcome::Waiting { missing }, expired)
    }

    /// Gives up on every message whose time is over at `now`.
    pub fn expire(&mut self, now: Duration) -> Vec<Expired<A>> {
        let mut expired = Vec::new();
        while let Some(key) = self.oldest().filter(|key| self.deadline(key).is_none_or(|deadline| deadline <= now)) {
            expired.extend(self.give_up(&key, ExpiryReason::TimeLimit));
        }
        expired
    }

    /// When `expire` has something to do next.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.oldest().and_then(|key| self.deadline(&key))
    }

    /// How many messages wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Memory of the parts that wait, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn oldest(&self) -> Option<Key> {
        self.by_age.first_key_value().map(|(_, key)| key.clone())
    }

    fn deadline(&self, key: &Key) -> Option<Duration> {
        self.waiting.get(key).map(|waiting| waiting.deadline)
    }

    fn give_up_if_reused(&mut self, key: &Key, part: Part, body: &Coded) -> Option<Expired<A>> {
        let waiting = self.waiting.get(key)?;
        let other_text = waiting.parts.get(&part.number()).is_some_and(|(earlier, _)| earlier != body);
        let reused = waiting.total != part.total() || other_text;
        reused.then(|| self.give_up(key, ExpiryReason::ReferenceReused)).flatten()
    }

    fn make_room(&mut self) -> Vec<Expired<A>> {
        let mut expired = Vec::new();
        while self.bytes > self.limits.bytes_max || self.waiting.len() > self.limits.messages_max {
            let Some(key) = self.oldest() else { break };
            expired.extend(self.give_up(&key, ExpiryReason::Memory));
        }
        expired
    }

    fn give_up(&mut self, key: &Key, reason: ExpiryReason) -> Option<Expired<A>> {
        let waiting = self.take(key)?;
        Some(Expired { key: key.clone(), total: waiting.total, parts: waiting.into_parts(), reason })
    }

    fn take(&mut self, key: &Key) -> Option<Waiting<A>> {
        let waiting = self.waiting.remove(key)?;
        self.by_age.remove(&waiting.age);
        self.bytes -= waiting.bytes;
        Some(waiting)
    }
}

impl<A> Waiting<A> {
    fn into_parts(self) -> Vec<Arrived<A>> {
        let arrived = |(number, (body, attachment))| Arrived { number, body, attachment };
        self.parts.into_iter().map(arrived).collect()
    }
}

#[cfg(test)]
#[path = "reassembly_tests.rs"]
mod tests;
