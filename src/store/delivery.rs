//! Attempts to send replies: the right to make one, its result, and the columns that it changes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::hot::is_remote_id;
use crate::domain::{OutboundSms, Report};

/// Longest identifier of an SMSC's that is kept. The specification has 64; some exceed it.
pub(super) const REMOTE_ID_OCTETS_MAX: usize = 255;

/// The right to send some replies for a while.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    /// Its identifier; a final state is written only by who holds it.
    pub id: Uuid,
    /// Instant at which it is taken.
    pub now: DateTime<Utc>,
    /// Instant at which it ends.
    pub until: DateTime<Utc>,
}

/// The ages from which on replies and reports are given up.
#[derive(Debug, Clone, Copy)]
pub struct Oldest {
    /// Of replies: nobody waits for them any more.
    pub reply: DateTime<Utc>,
    /// Of reports: somebody's books wait for them.
    pub report: DateTime<Utc>,
}

/// A reply that this dispatcher may send until the lease ends.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The reply; of a report, its addresses and the beginning of the message that it is about.
    pub sms: OutboundSms,
    /// The report, if it is one.
    pub report: Option<Report>,
    /// Attempts before this one.
    pub attempts: u32,
    /// The lease that it was taken under.
    pub lease: Uuid,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The other side took it.
    Sent {
        /// The identifier there of each of its parts, where it was given one.
        remote_ids: Vec<Option<String>>,
    },
    /// It is tried again at this instant.
    Retry {
        /// The instant.
        due_at: DateTime<Utc>,
        /// The reason why it was not taken.
        error: String,
        /// It counts as an attempt: the other side was there and did not take it.
        counts: bool,
    },
    /// No attempt was made, and it is due at once.
    NotBegun,
    /// It is given up.
    Failed {
        /// The reason.
        error: String,
    },
    /// It may have been taken: nobody answered, and it is not tried again.
    Unknown {
        /// The event that left it unknown.
        error: String,
        /// The identifier there of each of the parts that were taken for certain, where it was given one.
        remote_ids: Vec<Option<String>>,
    },
}

impl Delivery {
    /// The identifier of a reply of one part.
    pub(super) fn remote_id(&self) -> Option<&str> {
        match self {
            Self::Sent { remote_ids } if remote_ids.len() == 1 => usable(remote_ids.first().and_then(Option::as_ref)),
            _ => None,
        }
    }

    /// The parts of a longer reply that were taken, from number 1, each with its identifier.
    pub(super) fn parts(&self) -> impl Iterator<Item = (i64, Option<&str>)> {
        let ids: &[Option<String>] = match self {
            Self::Sent { remote_ids } if remote_ids.len() > 1 => remote_ids,
            Self::Unknown { remote_ids, .. } => remote_ids,
            _ => &[],
        };
        // If there is none at all, no receipt can name one.
        let ids = if ids.iter().any(Option::is_some) { ids } else { &[] };
        (1..).zip(ids.iter().map(|id| usable(id.as_ref())))
    }
}

/// A text that cannot be looked up is no identifier: an index has no room for a longer one.
fn usable(id: Option<&String>) -> Option<&str> {
    id.map(String::as_str).filter(|id| is_remote_id(id))
}

/// The column of an address that a reply goes to instead of its recipient.
pub(super) fn source_column(sms: &OutboundSms) -> Option<String> {
    // Two numbers and a text: that always can be written.
    sms.to_source.as_ref().and_then(|source| serde_json::to_string(source).ok())
}

/// The columns that an attempt at a reply changes.
#[derive(Debug)]
pub(super) struct Ending<'a> {
    pub(super) state: &'static str,
    /// `None`: as it is.
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) finished_at: Option<DateTime<Utc>>,
    pub(super) remote_id: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    /// The number of attempts that are added.
    pub(super) attempts: i64,
}

impl<'a> Ending<'a> {
    pub(super) fn of(delivery: &'a Delivery, now: DateTime<Utc>) -> Self {
        let last = |state, remote_id, error| Self {
            state,
            due_at: None,
            finished_at: Some(now),
            remote_id,
            error,
            attempts: 1,
        };
        match delivery {
            Delivery::Sent { .. } => last("sent", delivery.remote_id(), None),
            Delivery::Retry { due_at, error, counts } => Self {
                state: "open",
                due_at: Some(*due_at),
                finished_at: None,
                remote_id: None,
                error: Some(error),
                attempts: i64::from(*counts),
            },
            Delivery::NotBegun => {
                Self { state: "open", due_at: Some(now), finished_at: None, remote_id: None, error: None, attempts: 0 }
            }
            Delivery::Failed { error } => last("failed", None, Some(error)),
            Delivery::Unknown { error, .. } => last("unknown", None, Some(error)),
        }
    }
}
