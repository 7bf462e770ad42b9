//! A message in the queue of an applier.

use std::collections::BTreeSet;

use tokio::sync::oneshot;

use crate::domain::AccountKey;
use crate::processor::answer::{Answer, NotAccepted};
use crate::processor::resolve::Resolved;

/// A message that waits for its batch, and the channel for its answer.
#[derive(Debug)]
pub(in crate::processor) struct Job {
    pub(in crate::processor) request: Resolved,
    pub(in crate::processor) answer: oneshot::Sender<Result<Answer, NotAccepted>>,
}

/// Messages that were not processed, because another client of the database has locked rows that they need.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    pub(super) jobs: Vec<Job>,
    /// The locked accounts, as far as they are known.
    pub(super) accounts: BTreeSet<AccountKey>,
}

/// Tells the senders that their messages were not accepted, or that the result is unknown.
pub(super) fn refuse(jobs: Vec<Job>, in_doubt: bool) {
    metrics::counter!("mbush_messages_not_stored_total").increment(jobs.len() as u64);
    for job in jobs {
        let refusal = if in_doubt { NotAccepted::Unknown } else { NotAccepted::Store };
        drop(job.answer.send(Err(refusal)));
    }
}
