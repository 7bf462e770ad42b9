//! State that a simulated SMSC and its sessions share: bound clients, counters, submitted messages.

use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::faults::Faults;
use super::reader::Reader;
use super::settings::SmscSettings;
use crate::links::smpp::driver::Handle;
use crate::smpp::message::Message;
use crate::smpp::pdu::{BindMode, Body};
use crate::smpp::tlv::tag;

/// Submitted messages that a slow observer may have pending before it misses some.
const SUBMITTED_BEHIND_MAX: usize = 65_536;
/// As above, for requests.
const REQUESTS_BEHIND_MAX: usize = 1_024;

/// A session that is bound.
#[derive(Debug, Clone)]
pub(super) struct Client {
    pub handle: Handle,
    pub mode: BindMode,
    /// Deliveries that may wait for an answer at once.
    pub window: Arc<Semaphore>,
    /// Cuts the connection, without a word.
    pub cut: CancellationToken,
}

/// A submitted message, joined from its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Submitted {
    pub from: String,
    pub to: String,
    /// Text as the phone shows it. Octets that cannot be decoded become U+FFFD.
    pub text: String,
    /// Number of parts.
    pub segments: u8,
    /// Identifier that the SMSC gave the last part.
    pub id: String,
    /// Instant at which all parts were received.
    pub at: DateTime<Utc>,
    /// `ussd_service_op` of a message in a USSD dialogue: 2 expects an answer, 17 is the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ussd_service_op: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counters {
    pub connections: u64,
    pub binds: u64,
    pub binds_refused: u64,
    /// `deliver_sm` that were sent.
    pub delivered: u64,
    /// `deliver_sm` that were answered OK.
    pub acknowledged: u64,
    /// Submitted messages, each part counted.
    pub submitted: u64,
    /// Most submitted messages that waited for a response at once.
    pub unanswered_max: u64,
    /// PDUs that could not be decoded.
    pub malformed: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) connections: AtomicU64,
    pub(super) binds: AtomicU64,
    pub(super) binds_refused: AtomicU64,
    pub(super) delivered: AtomicU64,
    pub(super) acknowledged: AtomicU64,
    pub(super) submitted: AtomicU64,
    unanswered: AtomicU64,
    unanswered_max: AtomicU64,
    pub(super) malformed: AtomicU64,
}

/// State that the SMSC and its sessions share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: SmscSettings,
    pub(super) clients: watch::Sender<Vec<Client>>,
    pub(super) counts: Counts,
    pub(super) tasks: TaskTracker,
    faults: Mutex<Faults>,
    submitted: broadcast::Sender<Submitted>,
    requests: broadcast::Sender<Body>,
    reader: Reader,
    reference: AtomicU16,
}

impl Counts {
    pub(super) fn read(&self) -> Counters {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counters {
            connections: load(&self.connections),
            binds: load(&self.binds),
            binds_refused: load(&self.binds_refused),
            delivered: load(&self.delivered),
            acknowledged: load(&self.acknowledged),
            submitted: load(&self.submitted),
            unanswered_max: load(&self.unanswered_max),
            malformed: load(&self.malformed),
        }
    }

    /// Counts a submitted message; returns its number, from 1.
    pub(super) fn submission_came(&self) -> u64 {
        let unanswered = self.unanswered.fetch_add(1, Ordering::Relaxed) + 1;
        self.unanswered_max.fetch_max(unanswered, Ordering::Relaxed);
        self.submitted.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts a submission that is about to be answered, or never will be.
    pub(super) fn submission_ends(&self) {
        self.unanswered.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared {
    pub(super) fn new(settings: SmscSettings) -> Self {
        Self {
            settings,
            clients: watch::Sender::new(Vec::new()),
            counts: Counts::default(),
            tasks: TaskTracker::new(),
            faults: Mutex::default(),
            submitted: broadcast::Sender::new(SUBMITTED_BEHIND_MAX),
            requests: broadcast::Sender::new(REQUESTS_BEHIND_MAX),
            reader: Reader::new(),
            reference: AtomicU16::new(0),
        }
    }

    /// The client that messages are delivered to: the last one bound as a receiver.
    pub(super) fn receiver(&self) -> Option<Client> {
        self.clients.borrow().iter().rfind(|client| client.mode.receives()).cloned()
    }

    pub(super) fn observe(&self) -> broadcast::Receiver<Submitted> {
        self.submitted.subscribe()
    }

    pub(super) fn observe_requests(&self) -> broadcast::Receiver<Body> {
        self.requests.subscribe()
    }

    pub(super) fn tell_request(&self, body: &Body) {
        if self.requests.receiver_count() > 0 {
            // The observer may have ended.
            drop(self.requests.send(body.clone()));
        }
    }

    /// Reference for the parts of the next long message.
    pub(super) fn next_reference(&self) -> u16 {
        self.reference.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        // Plain values are consistent even after a panic elsewhere.
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a submitted message. Observers get it after all of its parts have been received.
    pub(super) fn take(&self, id: String, body: &Body) {
        if let Some(message) = Message::of(body)
            && let Some((text, segments)) = self.reader.read(&message)
        {
            let (from, to, at) = (message.from, message.to, Utc::now());
            let ussd_service_op = message.tlvs.octet(tag::USSD_SERVICE_OP);
            // There may be no observer.
            drop(self.submitted.send(Submitted { from, to, text, segments, id, at, ussd_service_op }));
        }
    }
}
