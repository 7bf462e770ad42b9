//! Counters of a simulated peer, and its report.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::smpp::CommandStatus;

/// Results of the texts of a peer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    pub texts: u64,
    /// Submissions or deliveries, repeated ones included.
    pub sent: u64,
    /// Number of answers by status.
    pub answers: BTreeMap<String, u64>,
    /// Submissions or deliveries without an answer.
    pub unanswered: u64,
    /// Texts that were given up, because every attempt had no answer or a temporary error.
    pub given_up: u64,
    /// Texts with a permanent error.
    pub refused: u64,
    /// Lines without a valid text.
    pub unread: u64,
    pub binds: u64,
    /// Messages that were received.
    pub replies: u64,
    pub receipts: u64,
}

impl Report {
    /// Returns true if each text was read and answered, and not all were refused. Some refusals may be intended by a
    /// test.
    pub const fn is_well(&self) -> bool {
        self.given_up == 0 && self.unread == 0 && (self.texts == 0 || self.refused < self.texts)
    }
}

/// Counters that all tasks of a peer share.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Report>);

impl Tally {
    pub(super) fn sent(&self) {
        self.lock().sent += 1;
    }

    pub(super) fn answered(&self, status: CommandStatus) {
        let name = status.name().map_or_else(|| status.to_string(), str::to_owned);
        *self.lock().answers.entry(name).or_default() += 1;
    }

    pub(super) fn unanswered(&self) {
        self.lock().unanswered += 1;
    }

    pub(super) fn given_up(&self) {
        self.lock().given_up += 1;
    }

    pub(super) fn refused(&self) {
        self.lock().refused += 1;
    }

    pub(super) fn unread(&self) {
        self.lock().unread += 1;
    }

    pub(super) fn bound(&self) {
        self.lock().binds += 1;
    }

    pub(super) fn receipt(&self) {
        self.lock().receipts += 1;
    }

    pub(super) fn reply(&self) {
        self.lock().replies += 1;
    }

    /// The report of `texts` texts.
    pub(super) fn report(&self, texts: u64) -> Report {
        Report { texts, ..self.lock().clone() }
    }

    fn lock(&self) -> MutexGuard<'_, Report> {
        // Counters are consistent even after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
