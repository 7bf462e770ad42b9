//! A task that writes: it takes what has queued while the previous commit ran and commits it as one transaction.
//! There is no timer: an idle system answers at once, and a busy one batches by itself.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tracing::{debug, error, warn};

use super::aside::Aside;
use super::intake::Job;
use super::plan::{Answers, BatchPlan, registered, wanted, withdrawn};
use super::rehearsal::Rehearsal;
use super::wording::Wording;
use super::{NotAccepted, Parts, in_time};
use crate::domain::{AccountKey, Snapshot};
use crate::store::{Batch, Retry, StoreError, Whole, Writes};

/// Attempts at a batch that the database was too busy for, and how long after the first one another may be begun.
const ATTEMPTS_MAX: u32 = 4;
const ATTEMPTS_FOR: Duration = Duration::from_secs(5);
/// Most waits for locks of others (a second each) that the messages behind these have to sit through.
const LOCK_WAITS_MAX: u32 = 8;

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

    const fn is_locked(&self) -> bool {
        matches!(self, Self::Store(failure) if failure.is_locked())
    }
}

/// A transaction that is not committed yet; it is undone when it is dropped.
struct Written {
    batch: Batch,
    answers: Answers,
    writes: Writes,
}

#[derive(Debug)]
pub(super) struct Applier {
    pub(super) parts: Parts,
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
        let applier = Arc::new(self);
        let aside = Aside::new(applier.clone());
        while jobs.recv_many(&mut batch, applier.batch_max).await > 0 {
            let jobs = aside.sort_out(std::mem::take(&mut batch));
            let (waiting, accounts) = applier.apply(jobs).await;
            aside.put(waiting, accounts);
        }
        aside.finish().await;
    }

    /// A batch that fails for what is in it, be it a panic, is cut in halves, so that one poisoned message fails alone. The
    /// messages come back that nothing was done about, because another client of the database holds what they are about;
    /// and which accounts those are. What nobody waits for any more is left: its sender was told that it was not taken, and
    /// may send it again.
    pub(super) async fn apply(&self, jobs: Vec<Job>) -> (Vec<Job>, BTreeSet<AccountKey>) {
        let mut parts = if jobs.is_empty() { Vec::new() } else { vec![jobs] };
        let (mut waiting, mut accounts, mut waits) = (Vec::new(), BTreeSet::new(), 0);
        while let Some(mut jobs) = parts.pop() {
            jobs.retain(|job| !job.answer.is_closed());
            let in_doubt = AtomicBool::new(false);
            // What a panic leaves behind is a transaction that is undone, and nothing else.
            let done = AssertUnwindSafe(self.commit_patiently(&jobs, &in_doubt)).catch_unwind().await;
            match done.unwrap_or(Err(Failure::Panic)) {
                Ok(answers) => tell(jobs, answers),
                Err(failure) if failure.is_locked() && waits < LOCK_WAITS_MAX => {
                    waits += 1;
                    warn!(messages = jobs.len(), error = %failure, "another client of the database holds what these are about");
                    match in_time(self.held(&jobs)).await {
                        Ok(held) => part(jobs, held, &mut parts, (&mut waiting, &mut accounts)),
                        Err(failure) => give_back(jobs, &failure, in_doubt.into_inner()),
                    }
                }
                Err(failure) if jobs.len() == 1 || failure.is_outage() || failure.is_locked() => {
                    give_back(jobs, &failure, in_doubt.into_inner());
                }
                Err(failure) => {
                    warn!(messages = jobs.len(), error = %failure, "a batch failed; trying its halves");
                    let second = jobs.split_off(jobs.len() / 2);
                    parts.push(second);
                    parts.push(jobs);
                }
            }
        }
        (waiting, accounts)
    }

    /// Of each of these messages, the accounts that another transaction holds now. Nothing is waited for.
    pub(super) async fn held(&self, jobs: &[Job]) -> Result<Vec<BTreeSet<AccountKey>>, StoreError> {
        let mut batch = self.parts.store.begin().await?;
        let (rules, now) = (&self.parts.rules, self.parts.clock.now());
        let enrolments = batch.enrolments(&registered(jobs)).await?;
        let orders = batch.orders(&withdrawn(jobs)).await?;
        let held = batch.held(&wanted(jobs, rules, &enrolments, &orders, now).accounts).await?;
        let of = |job: &Job| {
            let needs = wanted(std::slice::from_ref(job), rules, &enrolments, &orders, now);
            needs.accounts.into_iter().filter(|account| held.contains(account)).collect()
        };
        Ok(if held.is_empty() { vec![BTreeSet::new(); jobs.len()] } else { jobs.iter().map(of).collect() })
    }

    async fn commit_patiently(&self, jobs: &[Job], in_doubt: &AtomicBool) -> Result<Answers, Failure> {
        if jobs.is_empty() {
            return Ok(Answers::new());
        }
        let (started, mut retry) = (Instant::now(), Retry::new(ATTEMPTS_MAX));
        loop {
            let failure = match in_time(self.commit(jobs, in_doubt)).await {
                Err(failure) if !failure.is_locked() && started.elapsed() < ATTEMPTS_FOR => failure,
                result => return result.map_err(Failure::Store),
            };
            if !retry.again(&failure).await {
                return Err(Failure::Store(failure));
            }
            warn!(attempt = retry.attempt(), error = %failure, "the database was busy; trying the batch again");
        }
    }

    /// Load, decide, write.
    async fn write(&self, jobs: &[Job]) -> Result<Written, StoreError> {
        let mut batch = self.parts.store.begin().await?;
        let former = jobs.iter().filter_map(|job| job.former.as_deref());
        let keys: Vec<&str> = jobs.iter().map(|job| job.message.key.as_str()).chain(former).collect();
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
        Ok(Written { batch, answers, writes })
    }

    /// Writes them and commits nothing: how a message would end, and the transfers that it would make.
    pub(super) async fn rehearse(&self, job: Job) -> Result<Rehearsal, NotAccepted> {
        let (jobs, mut retry) = ([job], Retry::new(ATTEMPTS_MAX));
        let written = loop {
            match in_time(self.write(&jobs)).await {
                Err(failure) if retry.again(&failure).await => {}
                done => break done.map_err(|failure| NotAccepted::failed(&failure))?,
            }
        };
        let Written { mut answers, writes, .. } = written;
        let answer = answers.pop().unwrap_or(Err(NotAccepted::Stopping))?;
        Ok(Rehearsal { answer, moved: writes.transfers })
    }

    /// A commit whose answer was lost is simply run again: the keys make it safe. Where it cannot be, it stays in doubt.
    async fn commit(&self, jobs: &[Job], in_doubt: &AtomicBool) -> Result<Answers, StoreError> {
        let started = Instant::now();
        let Written { batch, answers, writes } = self.write(jobs).await?;
        let was_in_doubt = in_doubt.swap(true, Ordering::Relaxed);
        if let Err(failure) = batch.commit().await {
            // The database says that it has not done it.
            let is_undone = matches!(failure, StoreError::DiskFull | StoreError::Conflict { .. });
            in_doubt.store(was_in_doubt || !is_undone, Ordering::Relaxed);
            return Err(failure);
        }
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
            let bank = job.bank().unwrap_or_default().to_owned();
            metrics::counter!("mbush_messages_total", "ending" => answer.outcome.kind(), "bank" => bank).increment(1);
        }
        // A link that no longer waits has closed; its peer sends the message again and is answered the same.
        drop(job.answer.send(answer));
    }
}

/// Parts these messages, each with the accounts of it that are held: those with one wait, the others go on. Where none has
/// one, something else of them is held: the halves tell of which.
fn part(
    mut jobs: Vec<Job>,
    held: Vec<BTreeSet<AccountKey>>,
    parts: &mut Vec<Vec<Job>>,
    (waiting, accounts): (&mut Vec<Job>, &mut BTreeSet<AccountKey>),
) {
    if held.iter().all(BTreeSet::is_empty) {
        if jobs.len() == 1 {
            waiting.append(&mut jobs);
            return;
        }
        let second = jobs.split_off(jobs.len() / 2);
        parts.extend([second, jobs]);
        return;
    }
    let mut free = Vec::with_capacity(jobs.len());
    for (job, held) in jobs.into_iter().zip(held) {
        if held.is_empty() {
            free.push(job);
        } else {
            waiting.push(job);
        }
        accounts.extend(held);
    }
    if !free.is_empty() {
        parts.push(free);
    }
}

fn give_back(jobs: Vec<Job>, failure: &dyn std::fmt::Display, in_doubt: bool) {
    let messages = jobs.len();
    if in_doubt {
        error!(messages, error = %failure, "it is not known whether messages were stored; their senders keep them");
    } else {
        error!(messages, error = %failure, "messages were not stored; their senders keep them");
    }
    refuse(jobs, in_doubt);
}

pub(super) fn refuse(jobs: Vec<Job>, in_doubt: bool) {
    metrics::counter!("mbush_messages_not_stored_total").increment(jobs.len() as u64);
    for job in jobs {
        let refusal = if in_doubt { NotAccepted::Unknown } else { NotAccepted::Store };
        drop(job.answer.send(Err(refusal)));
    }
}
