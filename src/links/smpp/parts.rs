//! Parts of long messages, held until the whole is there.
//!
//! A part is answered only after the whole message is committed: until then the SMSC has it, and a crash here loses
//! nothing. What does not become whole in time is committed as it is, to be seen by staff, and answered then. An SMSC
//! that sends its next part only after the answer to the one before therefore has its long messages quarantined, one
//! part after the other; requests for a top-up fit one part.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::ReportWanted;
use crate::smpp::message::Message;
use crate::text::data_coding::Coded;
use crate::text::reassembly::{Arrived, Expired, ExpiryReason, Key, Limits, Outcome, Reassembler};
use crate::text::udh::Part;

use super::ingress::Accepted;
use super::waiter::Waiter;

/// How long a message waits for its missing parts, counted from the first. SMSCs mostly wait longer for an answer; one
/// that gives up earlier delivers the part again, which is then answered together with the first delivery.
pub(super) const PARTS_WAIT: Duration = Duration::from_secs(30);

/// Memory of all parts that wait on a link; each counts for 256 octets and its text, so that they are at most 256.
const PARTS_OCTETS_MAX: usize = 64 * 1024;

/// Requests that parts may keep unanswered, beside the window that whole messages use.
pub(super) const PARTS_HELD_MAX: usize = PARTS_OCTETS_MAX / 256;

/// Messages that wait for parts at once.
const MESSAGES_MAX: usize = 128;

/// What a held part carries along.
#[derive(Debug)]
pub(super) struct Held {
    /// Deliveries of this part: one, and those that came again.
    waiters: Arc<Mutex<Vec<Waiter>>>,
    /// Key of the message that the part came as.
    key: String,
    data_coding: u8,
    received: chrono::DateTime<chrono::Utc>,
    report: ReportWanted,
}

impl Held {
    pub(super) fn new(
        waiter: Waiter,
        key: String,
        message: &Message,
        report: ReportWanted,
        received: chrono::DateTime<chrono::Utc>,
    ) -> Self {
        Self { waiters: Arc::new(Mutex::new(vec![waiter])), key, data_coding: message.data_coding, received, report }
    }
}

/// A message made of parts: all of them, or all that came.
#[derive(Debug)]
pub(super) struct Gathered {
    pub from: String,
    pub to: String,
    /// Key of its first part.
    pub key: String,
    pub data_coding: u8,
    pub received: chrono::DateTime<chrono::Utc>,
    /// What any of its parts wants.
    pub report: ReportWanted,
    /// The parts, in order.
    pub parts: Vec<Coded>,
    /// Why it is not whole, if it is not.
    pub incomplete: Option<String>,
    pub waiters: Vec<Waiter>,
}

/// The parts of one link.
#[derive(Debug)]
pub(super) struct Parts {
    link: String,
    reassembler: Mutex<Reassembler<Held>>,
}

impl Parts {
    pub(super) fn new(link: &str) -> Self {
        let limits = Limits { time_limit: PARTS_WAIT, messages_max: MESSAGES_MAX, bytes_max: PARTS_OCTETS_MAX };
        Self { link: link.to_owned(), reassembler: Mutex::new(Reassembler::new(limits)) }
    }

    /// Adds a part; returns every message that can go on, whole or given up.
    pub(super) fn add(
        &self,
        (from, to): (String, String),
        part: Part,
        body: Coded,
        held: Held,
        now: Duration,
    ) -> Vec<Gathered> {
        let reference = part.reference();
        let key = Key { peer: self.link.clone(), source: from, destination: to, reference };
        let newest = held.waiters.clone();
        let (outcome, expired) = self.lock().add(&key, part, body, held, now);
        let mut gathered: Vec<_> = expired.into_iter().map(gather_expired).collect();
        match outcome {
            Outcome::Waiting { .. } => {}
            Outcome::Complete(parts) => gathered.push(gather(key, parts, None)),
            // Delivered again before the whole was there: both deliveries wait for it.
            Outcome::Repeated(older) => take(&newest, |newest| newest.extend(take(&older.waiters, std::mem::take))),
        }
        gathered
    }

    /// Messages whose time is over.
    pub(super) fn expire(&self, now: Duration) -> Vec<Gathered> {
        self.lock().expire(now).into_iter().map(gather_expired).collect()
    }

    /// Gives up on all parts: whoever sent them still has them.
    pub(super) fn give_back(&self) {
        for message in self.expire(Duration::MAX) {
            message.waiters.into_iter().for_each(|waiter| waiter.answer(Accepted::Unavailable, ""));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Reassembler<Held>> {
        // The reassembler does not panic, so that nobody leaves it half changed.
        self.reassembler.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take<T>(waiters: &Mutex<Vec<Waiter>>, change: impl FnOnce(&mut Vec<Waiter>) -> T) -> T {
    change(&mut waiters.lock().unwrap_or_else(PoisonError::into_inner))
}

fn gather_expired(gone: Expired<Held>) -> Gathered {
    let why = reason(gone.parts.len(), gone.total, gone.reason);
    gather(gone.key, gone.parts, Some(why))
}

fn gather(key: Key, parts: Vec<Arrived<Held>>, incomplete: Option<String>) -> Gathered {
    let mut gathered = Gathered {
        from: key.source,
        to: key.destination,
        key: String::new(),
        data_coding: 0,
        received: chrono::DateTime::UNIX_EPOCH,
        report: ReportWanted::default(),
        parts: Vec::with_capacity(parts.len()),
        incomplete,
        waiters: Vec::new(),
    };
    for part in parts {
        let held = part.attachment;
        if gathered.parts.is_empty() {
            gathered.key = held.key;
            gathered.data_coding = held.data_coding;
        }
        gathered.report = gathered.report.or(held.report);
        gathered.received = gathered.received.max(held.received);
        gathered.waiters.extend(take(&held.waiters, std::mem::take));
        gathered.parts.push(part.body);
    }
    gathered
}

fn reason(came: usize, total: u8, reason: ExpiryReason) -> String {
    let why = match reason {
        ExpiryReason::TimeLimit => "the others did not come in time",
        ExpiryReason::Memory => "too many parts of other messages waited",
        ExpiryReason::ReferenceReused => "its sender began another message under the same reference",
    };
    format!("{came} of {total} parts of a long message: {why}")
}
