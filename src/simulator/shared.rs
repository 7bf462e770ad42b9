//! What a simulated SMSC and its sessions share: who is bound, what was counted, what was submitted.

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

/// Submitted messages that an observer may be behind by, before it misses some.
const SUBMITTED_BEHIND_MAX: usize = 65_536;
/// The same of requests.
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

/// A message that a client submitted, put together from its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Submitted {
    /// Short code.
    pub from: String,
    /// Number of the phone.
    pub to: String,
    /// What the phone shows; U+FFFD stands for what cannot be decoded.
    pub text: String,
    /// Parts that it came in.
    pub segments: u8,
    /// Identifier that the SMSC gave its last part.
    pub id: String,
    /// When it had all of them.
    pub at: DateTime<Utc>,
    /// `ussd_service_op`, of what belongs to a USSD dialogue: 2 wants an answer, 17 is the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ussd_service_op: Option<u8>,
}

/// What has happened so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counters {
    /// Connections taken.
    pub connections: u64,
    /// Binds accepted.
    pub binds: u64,
    /// Binds refused.
    pub binds_refused: u64,
    /// `deliver_sm` that were sent.
    pub delivered: u64,
    /// `deliver_sm` that were answered OK.
    pub acknowledged: u64,
    /// Messages that clients submitted, each part counted.
    pub submitted: u64,
    /// Most submitted messages that waited for an answer at once.
    pub unanswered_max: u64,
    /// PDUs that could not be read.
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

/// What the SMSC and its sessions share.
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

    /// A client submitted a message; its number, from 1.
    pub(super) fn submission_came(&self) -> u64 {
        let unanswered = self.unanswered.fetch_add(1, Ordering::Relaxed) + 1;
        self.unanswered_max.fetch_max(unanswered, Ordering::Relaxed);
        self.submitted.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// It is about to be answered, or never will be.
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

    /// Who is delivered to: the last that bound as a receiver.
    pub(super) fn receiver(&self) -> Option<Client> {
        self.clients.borrow().iter().rfind(|client| client.mode.receives()).cloned()
    }

    pub(super) fn observe(&self) -> broadcast::Receiver<Submitted> {
        self.submitted.subscribe()
    }

    pub(super) fn observe_requests(&self) -> broadcast::Receiver<Body> {
        self.requests.subscribe()
    }

    /// A request came.
    pub(super) fn tell_request(&self, body: &Body) {
        if self.requests.receiver_count() > 0 {
            // Whoever observed may be gone by now.
            drop(self.requests.send(body.clone()));
        }
    }

    /// Ties the parts of the next long message together.
    pub(super) fn next_reference(&self) -> u16 {
        self.reference.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        // Plain values: they are whole even after a panic elsewhere.
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a submitted message. Whoever observes is told once all of its parts are there.
    pub(super) fn take(&self, id: String, body: &Body) {
        if let Some(message) = Message::of(body)
            && let Some((text, segments)) = self.reader.read(&message)
        {
            let (from, to, at) = (message.from, message.to, Utc::now());
            let ussd_service_op = message.tlvs.octet(tag::USSD_SERVICE_OP);
            // Nobody may be observing.
            drop(self.submitted.send(Submitted { from, to, text, segments, id, at, ussd_service_op }));
        }
    }
}
