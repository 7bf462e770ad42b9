//! Counters of each session, for staff.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::smpp::CommandStatus;
use crate::smpp::pdu::BindMode;
use crate::smpp::session::{Completion, Notice};

/// A counter of a session, which also counts for its link since the program began.
#[derive(Default)]
struct Count {
    here: AtomicU64,
    of_link: OnceLock<metrics::Counter>,
}

impl fmt::Debug for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read().fmt(f)
    }
}

impl Count {
    fn add(&self) {
        self.here.fetch_add(1, Ordering::Relaxed);
        if let Some(of_link) = self.of_link.get() {
            of_link.increment(1);
        }
    }

    fn read(&self) -> u64 {
        self.here.load(Ordering::Relaxed)
    }

    fn join(&self, of_link: metrics::Counter) {
        // A session has one link and joins it once.
        let _first = self.of_link.set(of_link);
    }
}

/// Counters of one session. Its connection counts, and other tasks read.
#[derive(Debug, Default)]
pub struct Meter {
    requests_received: Count,
    answered_ok: Count,
    answered_otherwise: Count,
    requests_sent: Count,
    accepted: Count,
    refused: Count,
    unanswered: Count,
    malformed: Count,
    last_error: Mutex<Option<String>>,
}

impl Meter {
    /// From here on, the counters also count for the link.
    fn join(&self, link: &str) {
        let of = |name: &'static str| metrics::counter!(name, "link" => link.to_owned());
        self.requests_received.join(of("mbush_smpp_requests_received_total"));
        self.answered_ok.join(of("mbush_smpp_answered_ok_total"));
        self.answered_otherwise.join(of("mbush_smpp_answered_otherwise_total"));
        self.requests_sent.join(of("mbush_smpp_requests_sent_total"));
        self.accepted.join(of("mbush_smpp_accepted_total"));
        self.refused.join(of("mbush_smpp_refused_total"));
        self.unanswered.join(of("mbush_smpp_unanswered_total"));
        self.malformed.join(of("mbush_smpp_malformed_total"));
    }

    pub(super) fn received(&self) {
        self.requests_received.add();
    }

    pub(super) fn answered(&self, status: CommandStatus) {
        if status.is_ok() {
            self.answered_ok.add();
        } else {
            self.answered_otherwise.add();
            self.error(|| format!("a request was answered {status}"));
        }
    }

    pub(super) fn completed(&self, completion: &Completion) {
        let (count, problem) = match completion {
            Completion::Refused(_) => return,
            Completion::Answered(pdu) if pdu.status.is_ok() => (&self.accepted, None),
            Completion::Answered(pdu) => (&self.refused, Some(format!("the peer answered {}", pdu.status))),
            Completion::Nacked(status) => (&self.refused, Some(format!("the peer could not read a request: {status}"))),
            Completion::Unknown(why) => (&self.unanswered, Some(format!("no answer: {why:?}"))),
        };
        self.requests_sent.add();
        count.add();
        if let Some(problem) = problem {
            self.error(|| problem);
        }
    }

    pub(super) fn noticed(&self, notice: &Notice) {
        match notice {
            Notice::Malformed(error) => {
                self.malformed.add();
                self.error(|| error.to_string());
            }
            Notice::Refused(command, status) => {
                self.answered_otherwise.add();
                self.error(|| format!("{command} was answered {status}"));
            }
            Notice::UnexpectedResponse { .. } => self.error(|| "a response that nobody waits for".to_owned()),
            Notice::Unanswerable(_) => {}
        }
    }

    fn error(&self, what: impl FnOnce() -> String) {
        *lock(&self.last_error) = Some(what());
    }
}

/// One bound session, as staff see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionReport {
    /// Name of the link.
    pub link: String,
    /// `esme` if the peer binds to us, `smsc` if we bind to it.
    pub peer_is: String,
    /// The peer's address.
    pub address: String,
    /// `transmitter`, `receiver` or `transceiver`.
    pub mode: String,
    pub bound_at: DateTime<Utc>,
    /// Requests of the peer.
    pub requests_received: u64,
    /// Requests of the peer that were answered OK.
    pub answered_ok: u64,
    /// Requests of the peer that were refused.
    pub answered_otherwise: u64,
    /// Our requests that were sent.
    pub requests_sent: u64,
    /// Our requests that the peer accepted.
    pub accepted: u64,
    /// Our requests that the peer refused.
    pub refused: u64,
    /// Our requests that the peer did not answer.
    pub unanswered: u64,
    /// PDUs of the peer that could not be read.
    pub malformed: u64,
    /// The last error of the session.
    pub last_error: Option<String>,
}

#[derive(Debug)]
struct Entry {
    link: String,
    peer_is: &'static str,
    address: String,
    mode: BindMode,
    bound_at: DateTime<Utc>,
    meter: Arc<Meter>,
}

/// All sessions of all links that are bound now. A clone is the same registry.
#[derive(Debug, Clone, Default)]
pub struct Registry(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    sessions: BTreeMap<u64, Entry>,
}

/// Keeps a session in the registry.
#[derive(Debug)]
pub(super) struct Membership {
    registry: Registry,
    number: u64,
    link: String,
}

/// The other side of a session.
#[derive(Debug)]
pub(super) struct Who {
    pub link: String,
    pub peer_is: &'static str,
    pub address: String,
    pub mode: BindMode,
    pub bound_at: DateTime<Utc>,
}

impl Registry {
    pub(super) fn enter(&self, who: Who, meter: Arc<Meter>) -> Membership {
        let Who { link, peer_is, address, mode, bound_at } = who;
        metrics::counter!("mbush_smpp_binds_total", "link" => link.clone()).increment(1);
        metrics::gauge!("mbush_smpp_sessions", "link" => link.clone()).increment(1.0);
        meter.join(&link);
        let mut inner = lock(&self.0);
        let number = inner.next;
        inner.next += 1;
        inner.sessions.insert(number, Entry { link: link.clone(), peer_is, address, mode, bound_at, meter });
        Membership { registry: self.clone(), number, link }
    }

    /// Returns all sessions, in the order in which they were bound.
    pub fn report(&self) -> Vec<SessionReport> {
        lock(&self.0).sessions.values().map(report).collect()
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        metrics::gauge!("mbush_smpp_sessions", "link" => self.link.clone()).decrement(1.0);
        lock(&self.registry.0).sessions.remove(&self.number);
    }
}

fn report(entry: &Entry) -> SessionReport {
    let meter = &entry.meter;
    SessionReport {
        link: entry.link.clone(),
        peer_is: entry.peer_is.to_owned(),
        address: entry.address.clone(),
        mode: match entry.mode {
            BindMode::Transmitter => "transmitter",
            BindMode::Receiver => "receiver",
            BindMode::Transceiver => "transceiver",
        }
        .to_owned(),
        bound_at: entry.bound_at,
        requests_received: meter.requests_received.read(),
        answered_ok: meter.answered_ok.read(),
        answered_otherwise: meter.answered_otherwise.read(),
        requests_sent: meter.requests_sent.read(),
        accepted: meter.accepted.read(),
        refused: meter.refused.read(),
        unanswered: meter.unanswered.read(),
        malformed: meter.malformed.read(),
        last_error: lock(&meter.last_error).clone(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is one call: the values are whole even after a panic elsewhere.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
