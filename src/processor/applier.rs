//! A task that writes: it takes what has queued while the previous commit ran and commits it as one transaction.
//! There is no timer: an idle system answers at once, and a busy one batches by itself.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tracing::{debug, error, warn};

use super::intake::Job;
use super::plan::{Answers, BatchPlan, registered, wanted, withdrawn};
use super::wording::Wording;
use super::{NotAccepted, Parts};
use crate::domain::Snapshot;
use crate::store::{StoreError, Whole};

/// Attempts at a batch that the database was too busy for.
const ATTEMPTS_MAX: u32 = 4;
/// Wait before the second attempt; it doubles.
const RETRY_FIRST: Duration = Duration::from_millis(20);

/// Why a batch was not committed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(StoreError),
    #[error("the program panicked, which is a mistake of its own: where is in the log; report it with the message")]
    Panic,
}

impl Failure {
    const fn is_outage(&self) -> bool {
        matches!(self, Self::Store(failure) if failure.is_outage())
    }
}

#[derive(Debug)]
pub(super) struct Applier {
    parts: Parts,
    wording: Wording,
    batch_max: usize,
}

impl Applier {
    pub(super) fn new(parts: Parts, batch_max: usize) -> Self {
        let wording = Wording::new(parts.templates.clone(), parts.plan.clone());
        Self { parts, wording, batch_max }
    }

    /// Until every [`super::Processor`] is gone and the queue is empty.
    pub(super) async fn run(self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(self.batch_max);
        while jobs.recv_many(&mut batch, self.batch_max).await > 0 {
            self.apply(std::mem::take(&mut batch)).await;
        }
    }

    /// A batch that fails for what is in it, be it a panic, is cut in halves, so that one poisoned message fails alone.
    async fn apply(&self, jobs: Vec<Job>) {
        let mut parts = vec![jobs];
        while let Some(mut jobs) = parts.pop() {
            // What a panic leaves behind is a transaction that is undone, and nothing else.
            let done = AssertUnwindSafe(self.commit_patiently(&jobs)).catch_unwind().await;
            match done.unwrap_or(Err(Failure::Panic)) {
                Ok(answers) => tell(jobs, answers),
                Err(failure) if jobs.len() == 1 || failure.is_outage() => {
                    error!(messages = jobs.len(), error = %failure, "messages were not stored; their senders keep them");
                    refuse(jobs);
                }
                Err(failure) => {
                    warn!(messages = jobs.len(), error = %failure, "a batch failed; trying its halves");
                    let second = jobs.split_off(jobs.len() / 2);
                    parts.push(second);
                    parts.push(jobs);
                }
            }
        }
    }

    async fn commit_patiently(&self, jobs: &[Job]) -> Result<Answers, Failure> {
        let mut wait = RETRY_FIRST;
        let mut attempt = 1;
        loop {
            match self.commit(jobs).await {
                Err(failure) if failure.is_transient() && attempt < ATTEMPTS_MAX => {
                    warn!(attempt, error = %failure, "the database was busy; trying the batch again");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                    attempt += 1;
                }
                result => return result.map_err(Failure::Store),
            }
        }
    }

    /// Load, decide, write, commit. A commit whose answer was lost is simply run again: the keys make it safe.
    async fn commit(&self, jobs: &[Job]) -> Result<Answers, StoreError> {
        let started = Instant::now();
        let mut batch = self.parts.store.begin().await?;
        let keys: Vec<&str> = jobs.iter().map(|job| job.message.key.as_str()).collect();
        let answered = batch.answered(&keys).await?;
        let (rules, now) = (&self.parts.rules, self.parts.clock.now());
        let enrolments = batch.enrolments(&registered(jobs)).await?;
        let orders = batch.orders(&withdrawn(jobs)).await?;
        let loaded = batch.load(&wanted(jobs, rules, &enrolments, &orders, now)).await?;
        if withdrawn(jobs).iter().any(|order| loaded.earlier.contains_key(order) && !orders.contains_key(order)) {
            // Another node has carried it out between the two reads: what it moved has to be looked at.
            return Err(StoreError::Conflict { table: "requests" });
        }
        let plan = BatchPlan::new(rules, &self.wording, Snapshot { enrolments, orders, ..loaded }, now);
        let (answers, writes) = plan.decide(jobs, answered);
        batch.write(&writes).await?;
        batch.finish_parts(&wholes(jobs, &answers), now).await?;
        batch.commit().await?;
        for reply in &writes.withheld {
            debug!(key = reply.message_key, why = %reply.why, "a reply was withheld");
            metrics::counter!("mbush_replies_withheld_total", "why" => reply.why.as_str()).increment(1);
        }
        metrics::histogram!("mbush_batch_messages").record(u32::try_from(jobs.len()).unwrap_or(u32::MAX));
        metrics::histogram!("mbush_commit_seconds").record(started.elapsed().as_secs_f64());
        Ok(answers)
    }
}

/// The long messages among those that were answered, in one order for all batches.
fn wholes<'a>(jobs: &'a [Job], answers: &Answers) -> Vec<&'a Whole> {
    let answered = jobs.iter().zip(answers).filter(|(_, answer)| answer.is_ok());
    let mut wholes: Vec<&Whole> = answered.filter_map(|(job, _)| job.whole.as_ref()).collect();
    wholes.sort_unstable();
    wholes
}

fn tell(jobs: Vec<Job>, answers: Answers) {
    for (job, answer) in jobs.into_iter().zip(answers) {
        if let Ok(answer) = &answer
            && !answer.replayed
            && !job.is_trial
        {
            metrics::counter!("mbush_messages_total", "ending" => answer.outcome.kind()).increment(1);
        }
        // A link that no longer waits has closed; its peer sends the message again and is answered the same.
        drop(job.answer.send(answer));
    }
}

fn refuse(jobs: Vec<Job>) {
    metrics::counter!("mbush_messages_not_stored_total").increment(jobs.len() as u64);
    for job in jobs {
        drop(job.answer.send(Err(NotAccepted::Store)));
    }
}
