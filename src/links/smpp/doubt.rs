//! The time since which a peer may repeat what was done.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use super::accepted::Accepted;

/// Time after which an answer may come too late, so that the peer may deliver the message again.
const ANSWER_LATE: TimeDelta = TimeDelta::seconds(5);

/// Microseconds since the epoch at the last event after which the peer may repeat what was done: a bind, or an answer
/// that was late or may be wrong. 0 before the first.
#[derive(Debug, Default)]
pub(super) struct Doubt(AtomicI64);

impl Doubt {
    /// Notes that the peer may now repeat messages that were done.
    pub(super) fn note(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_micros(), Ordering::Relaxed);
    }

    /// If the database failed, a message that is refused may still be on disk, because only the answer to the commit
    /// was lost. If an answer was late, the peer may have given it up.
    pub(super) fn note_after(&self, accepted: Accepted, received_at: DateTime<Utc>, now: DateTime<Utc>) {
        if accepted == Accepted::Unavailable || now - received_at >= ANSWER_LATE {
            self.note(now);
        }
    }

    pub(super) fn since(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::Relaxed))
    }
}
