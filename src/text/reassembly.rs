//! Joins the parts of long messages, in any order, repeated or not, within a time limit and a memory limit.
//!
//! The caller passes the time. A message that is given up is returned with all received parts, so that it can be shown
//! to staff; a part is never read alone. Each part carries an attachment of the caller, for example the state that a
//! link needs to acknowledge it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use super::data_coding::Coded;
use super::udh::Part;

/// Memory of a part beside its octets, for its key and its entries.
const PART_BYTES: usize = 256;

/// Limits on incomplete messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time that a message waits for missing parts after its first part.
    pub time_limit: Duration,
    /// Most incomplete messages, at least 1.
    pub messages_max: usize,
    /// Most memory of all waiting parts with their overhead, in bytes. At least 64 KiB, which is enough for any one
    /// message.
    pub bytes_max: usize,
}

/// Identifies the message of a part.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Link or `system_id` that the part came from.
    pub peer: String,
    pub source: String,
    pub destination: String,
    /// Reference that the parts share.
    pub reference: u16,
}

/// A received part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived<A> {
    /// Number of the part, from 1.
    pub number: u8,
    pub body: Coded,
    pub attachment: A,
}

/// Result of adding a part.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome<A> {
    /// Other parts are missing.
    Waiting { missing: u8 },
    /// All parts, in order.
    Complete(Vec<Arrived<A>>),
    /// The part had been received before. The newer attachment is kept; this is the older one.
    Repeated(A),
}

/// A message that was given up.
#[derive(Debug, PartialEq, Eq)]
pub struct Expired<A> {
    pub key: Key,
    /// Number of parts of the message.
    pub total: u8,
    /// The received parts, in order.
    pub parts: Vec<Arrived<A>>,
    pub reason: ExpiryReason,
}

/// Reason for which a message was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiryReason {
    /// The missing parts were not received in time.
    TimeLimit,
    /// It was the oldest message when the limit of memory or messages was reached.
    Memory,
    /// A part had the same key with another total or text: the sender uses the reference for a new message.
    ReferenceReused,
}

#[derive(Debug)]
pub struct Reassembler<A> {
    limits: Limits,
    waiting: HashMap<Key, Waiting<A>>,
    /// Sequence number of each message's first part, oldest first.
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
    pub fn new(limits: Limits) -> Self {
        Self { limits, waiting: HashMap::new(), by_age: BTreeMap::new(), arrivals: 0, bytes: 0 }
    }

    /// Adds a part at `now`, the time since any fixed instant, which must not go back. `key.reference` is that of the
    /// part. Also returns every message that was given up for time or memory (in the worst case that of the part
    /// itself): none is dropped silently.
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

    /// Gives up every message whose time limit has passed at `now`.
    pub fn expire(&mut self, now: Duration) -> Vec<Expired<A>> {
        let mut expired = Vec::new();
        while let Some(key) = self.oldest().filter(|key| self.deadline(key).is_none_or(|deadline| deadline <= now)) {
            expired.extend(self.give_up(&key, ExpiryReason::TimeLimit));
        }
        expired
    }

    /// Time of the next call of `expire` that has an effect.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.oldest().and_then(|key| self.deadline(&key))
    }

    /// Number of incomplete messages.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Memory of the waiting parts, in bytes.
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
