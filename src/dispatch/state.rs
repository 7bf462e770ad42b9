//! Places, leases and final states of the replies in progress.

use std::collections::{BTreeSet, HashMap};

use tokio::time::Instant;
use uuid::Uuid;

use crate::store::Finished;

#[derive(Debug, Default)]
pub(super) struct State {
    /// Nothing more is begun.
    pub(super) is_stopping: bool,
    /// Places in use by link, and those that a batch has reserved.
    pub(super) taken: HashMap<String, Taken>,
    /// Links with replies in the outbox that are due and wait for a place.
    pub(super) waiting: BTreeSet<String>,
    /// The newest lease of each reply, until its final state is written. A reply that takes longer than its lease, or
    /// for which the final state cannot be written, is leased again but not sent again.
    pub(super) leases: HashMap<Uuid, Uuid>,
    /// Final states that are not written yet.
    pub(super) ended: Vec<Finished>,
    /// The time from which on they are written without a batch.
    pub(super) write_at: Option<Instant>,
    /// Final states that the database refuses, and the time at which they are tried again.
    pub(super) refused: Vec<Finished>,
    pub(super) refused_until: Option<Instant>,
    /// The time from which on [`super::flight::Flight::recall`] looks for final states to be tried again.
    pub(super) recall_at: Option<Instant>,
    /// Replies whose batch may be committed at any time until the given one: their leases are ended again and again.
    pub(super) doubted: HashMap<(Uuid, Uuid), Instant>,
    /// They could not be written. Until they are, no batch gets any, because it would fail as well.
    pub(super) is_refused: bool,
}

/// Places of a link in use.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Taken {
    /// By replies that a batch has passed on.
    pub(super) passed: usize,
    /// By replies that have waited in the outbox.
    pub(super) old: usize,
}

/// The way by which a reply came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Batch,
    Outbox,
}

impl State {
    pub(super) fn taken(&mut self, link: &str) -> &mut Taken {
        self.taken.entry(link.to_owned()).or_default()
    }

    pub(super) fn free(&mut self, link: &str, from: Origin, places: usize) {
        let taken = self.taken(link);
        let used = match from {
            Origin::Batch => &mut taken.passed,
            Origin::Outbox => &mut taken.old,
        };
        *used = used.saturating_sub(places);
    }
}
