//! Our requests that wait for a response, and their sequence numbers.

use std::collections::VecDeque;
use std::time::Duration;

use crate::smpp::command::CommandId;

/// Highest sequence number of a request (section 5.1.4); 1 follows.
pub(super) const SEQUENCE_MAX: u32 = 0x7FFF_FFFF;

#[derive(Debug)]
pub(super) enum Purpose<T> {
    /// Of the session itself: a bind, an `enquire_link` or an unbind.
    Session,
    /// Of the shell.
    Message(T),
}

#[derive(Debug)]
pub(super) struct Entry<T> {
    pub sequence: u32,
    pub command: CommandId,
    pub deadline: Duration,
    pub purpose: Purpose<T>,
}

/// Requests in the order sent, which is the order of their deadlines.
#[derive(Debug)]
pub(super) struct Outstanding<T> {
    entries: VecDeque<Entry<T>>,
    messages: usize,
    last_sequence: u32,
}

impl<T> Outstanding<T> {
    pub(super) const fn new() -> Self {
        Self { entries: VecDeque::new(), messages: 0, last_sequence: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Number of the shell's requests.
    pub(super) const fn messages(&self) -> usize {
        self.messages
    }

    /// Returns the next sequence number that no outstanding request has.
    pub(super) fn next_sequence(&mut self) -> u32 {
        loop {
            self.last_sequence = if self.last_sequence >= SEQUENCE_MAX { 1 } else { self.last_sequence + 1 };
            if self.entries.iter().all(|entry| entry.sequence != self.last_sequence) {
                return self.last_sequence;
            }
        }
    }

    pub(super) fn push(&mut self, entry: Entry<T>) {
        self.messages += usize::from(matches!(entry.purpose, Purpose::Message(_)));
        self.entries.push_back(entry);
    }

    /// Removes and returns the request that this response answers, if its command matches.
    pub(super) fn take(&mut self, sequence: u32, fits: impl Fn(CommandId) -> bool) -> Option<Entry<T>> {
        let place = self.entries.iter().position(|entry| entry.sequence == sequence && fits(entry.command))?;
        self.remove(place)
    }

    /// Removes and returns the oldest request, if its deadline has passed.
    pub(super) fn take_late(&mut self, now: Duration) -> Option<Entry<T>> {
        if self.entries.front()?.deadline <= now { self.remove(0) } else { None }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.entries.front().map(|entry| entry.deadline)
    }

    pub(super) fn awaits(&self, command: CommandId) -> bool {
        self.entries.iter().any(|entry| entry.command == command)
    }

    /// Removes all requests and returns the shell's.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = T> + use<T> {
        self.messages = 0;
        std::mem::take(&mut self.entries).into_iter().filter_map(|entry| match entry.purpose {
            Purpose::Message(token) => Some(token),
            Purpose::Session => None,
        })
    }

    fn remove(&mut self, place: usize) -> Option<Entry<T>> {
        let entry = self.entries.remove(place)?;
        self.messages -= usize::from(matches!(entry.purpose, Purpose::Message(_)));
        Some(entry)
    }

    #[cfg(test)]
    pub(super) fn set_last_sequence(&mut self, sequence: u32) {
        self.last_sequence = sequence;
    }
}
