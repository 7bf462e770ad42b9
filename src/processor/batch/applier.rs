//! One transaction for the messages of a batch: load, decide, write, commit, answer.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tracing::{debug, error, warn};

use super::job::{Deferred, Job, refuse};
use super::needs::{Lookups, needs};
use super::plan::{Answers, BatchPlan};
use crate::domain::{AccountKey, Transfer};
use crate::processor::answer::{Answer, NotAccepted};
use crate::processor::deadline::in_time;
use crate::processor::reply::Wording;
use crate::processor::resolve::Resolved;
use crate::processor::services::ProcessorServices;
use crate::store::{Batch, Retry, StoreError, Whole, Writes};

/// Attempts at a batch if the database is busy, and the time after the first attempt within which another may begin.
const ATTEMPTS_MAX: u32 = 4;
const ATTEMPTS_FOR: Duration = Duration::from_secs(5);
/// Limit of waits for locks (one second each), which delay the messages behind these.
const LOCK_WAITS_MAX: u32 = 8;

/// A batch was not committed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(StoreError),
    #[error("internal error: the program panicked; report the log with the message")]
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

/// A transaction that is not committed yet; dropping it rolls it back.
struct Written {
    batch: Batch,
    answers: Answers,
    writes: Writes,
}

#[derive(Debug)]
pub(in crate::processor) struct Applier {
    pub(super) services: ProcessorServices,
    wording: Wording,
}

impl Applier {
    pub(in crate::processor) fn new(services: ProcessorServices) -> Self {
        let wording = Wording::new(services.templates.clone(), services.plan.clone());
        Self { services, wording }
    }

    /// Commits the messages. A batch that fails because of its content, even by a panic, is split in halves, so that
    /// only the faulty message fails. Messages about accounts that another client of the database has locked are
    /// deferred. A message whose sender no longer waits is left out: the sender was told that it was not accepted, and
    /// may send it again.
    pub(super) async fn apply(&self, jobs: Vec<Job>) -> Deferred {
        let mut parts = if jobs.is_empty() { Vec::new() } else { vec![jobs] };
        let (mut deferred, mut waits) = (Deferred::default(), 0);
        while let Some(mut jobs) = parts.pop() {
            jobs.retain(|job| !job.answer.is_closed());
            let in_doubt = AtomicBool::new(false);
            // A panic drops the transaction, which rolls it back.
            let done = AssertUnwindSafe(self.commit_patiently(&jobs, &in_doubt)).catch_unwind().await;
            match done.unwrap_or(Err(Failure::Panic)) {
                Ok(answers) => tell(jobs, answers),
                Err(failure) if failure.is_locked() && waits < LOCK_WAITS_MAX => {
                    waits += 1;
                    warn!(messages = jobs.len(), error = %failure, "rows are locked by another client of the database");
                    match in_time(self.held(&jobs)).await {
                        Ok(held) => part(jobs, held, &mut parts, &mut deferred),
                        Err(failure) => give_back(jobs, &failure, in_doubt.into_inner()),
                    }
                }
                Err(failure) if jobs.len() == 1 || failure.is_outage() || failure.is_locked() => {
                    give_back(jobs, &failure, in_doubt.into_inner());
                }
                Err(failure) => {
                    warn!(messages = jobs.len(), error = %failure, "a batch failed; its halves are tried");
                    let second = jobs.split_off(jobs.len() / 2);
                    parts.push(second);
                    parts.push(jobs);
                }
            }
        }
        deferred
    }

    /// Returns for each message those of its accounts that another transaction has locked. Does not wait.
    pub(super) async fn held(&self, jobs: &[Job]) -> Result<Vec<BTreeSet<AccountKey>>, StoreError> {
        let requests = requests(jobs);
        let mut batch = self.services.store.begin().await?;
        let (rules, now) = (&self.services.rules, self.services.clock.now());
        let lookups = Lookups::of(&mut batch, &requests).await?;
        let held = batch.held(&needs(&requests, rules, &lookups, now).accounts).await?;
        batch.rollback().await;
        let of = |request: &&Resolved| {
            let needs = needs(&[*request], rules, &lookups, now);
            needs.accounts.into_iter().filter(|account| held.contains(account)).collect()
        };
        Ok(if held.is_empty() { vec![BTreeSet::new(); jobs.len()] } else { requests.iter().map(of).collect() })
    }

    async fn commit_patiently(&self, jobs: &[Job], in_doubt: &AtomicBool) -> Result<Answers, Failure> {
        if jobs.is_empty() {
            return Ok(Answers::new());
        }
        let (started, mut retry) = (Instant::now(), Retry::new(ATTEMPTS_MAX));
        let has_ended = AtomicBool::new(false);
        loop {
            // Rows that another transaction has changed meanwhile are locked before they are read again.
            let reads_ahead = retry.attempt() == 1;
            let failure = match in_time(self.commit(jobs, reads_ahead, in_doubt, &has_ended)).await {
                Err(failure) if !failure.is_locked() && started.elapsed() < ATTEMPTS_FOR => failure,
                result => return result.map_err(Failure::Store),
            };
            // It may have failed because of a final state. The next attempt has none.
            let may_be_theirs = has_ended.swap(false, Ordering::Relaxed);
            if !retry.again(&failure).await && !may_be_theirs {
                return Err(Failure::Store(failure));
            }
            warn!(attempt = retry.attempt(), error = %failure, "a batch failed; it is tried again");
        }
    }

    /// Load, decide, write. With `has_ended`, final states of replies are written as well, and it tells whether there were
    /// any.
    async fn write(
        &self,
        requests: &[&Resolved],
        reads_ahead: bool,
        has_ended: Option<&AtomicBool>,
    ) -> Result<Written, StoreError> {
        let store = &self.services.store;
        let mut batch = if reads_ahead { store.begin_reading().await? } else { store.begin().await? };
        match self.decide(&mut batch, requests, has_ended).await {
            Ok((answers, writes)) => Ok(Written { batch, answers, writes }),
            Err(failure) => {
                batch.rollback().await;
                Err(failure)
            }
        }
    }

    async fn decide(
        &self,
        batch: &mut Batch,
        requests: &[&Resolved],
        has_ended: Option<&AtomicBool>,
    ) -> Result<(Answers, Writes), StoreError> {
        let envelopes = || requests.iter().map(|request| &request.envelope);
        let former = envelopes().filter_map(|envelope| envelope.former.as_deref());
        let keys: Vec<&str> = envelopes().map(|envelope| envelope.message.key.as_str()).chain(former).collect();
        let (rules, now) = (&self.services.rules, self.services.clock.now());
        if Lookups::are_needed(requests) {
            batch.lock().await?;
        }
        let lookups = Lookups::of(batch, requests).await?;
        let needs = needs(requests, rules, &lookups, now);
        if !needs.can_be_read_ahead() || envelopes().any(|envelope| envelope.whole.is_some()) {
            batch.lock().await?;
        }
        let (loaded, answered) = batch.load_with_answers(&needs, &keys).await?;
        if lookups.are_outdated(requests, &loaded) {
            return Err(StoreError::Conflict { table: "requests" });
        }
        let plan = BatchPlan::new(rules, &self.wording, lookups.joined_to(loaded), now);
        let (answers, writes) = plan.decide(requests, answered);
        if let Some(has_ended) = has_ended {
            has_ended.store(batch.take_ended(self.services.clock.now()), Ordering::Relaxed);
        }
        batch.write(&writes).await?;
        batch.finish_parts(&wholes(requests, &answers), now).await?;
        Ok((answers, writes))
    }

    /// Writes one message and commits nothing. Returns its answer and the transfers that it would make.
    pub(in crate::processor) async fn rehearse(
        &self,
        request: &Resolved,
    ) -> Result<(Answer, Vec<Transfer>), NotAccepted> {
        let mut retry = Retry::new(ATTEMPTS_MAX);
        let written = loop {
            match in_time(self.write(&[request], false, None)).await {
                Err(failure) if retry.again(&failure).await => {}
                done => break done.map_err(|failure| NotAccepted::failed(&failure))?,
            }
        };
        let Written { mut answers, writes, batch } = written;
        batch.rollback().await;
        let answer = answers.pop().unwrap_or(Err(NotAccepted::Stopping))?;
        Ok((answer, writes.transfers))
    }

    /// If the result of a commit was lost, the batch is run again; the idempotency keys make this safe. If it cannot be
    /// run again, the result is unknown.
    async fn commit(
        &self,
        jobs: &[Job],
        reads_ahead: bool,
        in_doubt: &AtomicBool,
        has_ended: &AtomicBool,
    ) -> Result<Answers, StoreError> {
        let started = Instant::now();
        let Written { batch, answers, writes } = self.write(&requests(jobs), reads_ahead, Some(has_ended)).await?;
        let was_in_doubt = in_doubt.swap(true, Ordering::Relaxed);
        if let Err(failure) = batch.commit().await {
            in_doubt.store(was_in_doubt || !failure.is_undone(), Ordering::Relaxed);
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

fn requests(jobs: &[Job]) -> Vec<&Resolved> {
    jobs.iter().map(|job| &job.request).collect()
}

/// The long messages among the answered ones. All batches use one order.
fn wholes<'a>(requests: &[&'a Resolved], answers: &Answers) -> Vec<&'a Whole> {
    let answered = requests.iter().zip(answers).filter(|(_, answer)| answer.is_ok());
    let mut wholes: Vec<&Whole> = answered.filter_map(|(request, _)| request.envelope.whole.as_ref()).collect();
    wholes.sort_unstable();
    wholes
}

fn tell(jobs: Vec<Job>, answers: Answers) {
    count(&jobs, &answers);
    for (Job { answer: sender, .. }, answer) in jobs.into_iter().zip(answers) {
        // A link that no longer waits has closed. Its peer sends the message again and gets the same answer.
        drop(sender.send(answer));
    }
}

fn count(jobs: &[Job], answers: &Answers) {
    let mut counts: BTreeMap<(&str, &'static str), u64> = BTreeMap::new();
    for (Job { request, .. }, answer) in jobs.iter().zip(answers) {
        if let Ok(answer) = answer
            && !answer.replayed
            && !request.envelope.is_trial
        {
            *counts.entry((request.read.bank().unwrap_or_default(), answer.outcome.kind())).or_default() += 1;
        }
    }
    for ((bank, ending), count) in counts {
        metrics::counter!("mbush_messages_total", "ending" => ending, "bank" => bank.to_owned()).increment(count);
    }
}

/// Splits these messages by their locked accounts: messages with one are deferred, the others are tried again. If no
/// account is locked, another row is, and the halves are tried to find the message.
fn part(mut jobs: Vec<Job>, held: Vec<BTreeSet<AccountKey>>, parts: &mut Vec<Vec<Job>>, deferred: &mut Deferred) {
    if held.iter().all(BTreeSet::is_empty) {
        if jobs.len() == 1 {
            deferred.jobs.append(&mut jobs);
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
            deferred.jobs.push(job);
        }
        deferred.accounts.extend(held);
    }
    if !free.is_empty() {
        parts.push(free);
    }
}

fn give_back(jobs: Vec<Job>, failure: &dyn std::fmt::Display, in_doubt: bool) {
    let messages = jobs.len();
    if in_doubt {
        error!(messages, error = %failure, "it is not known whether messages were stored; they stay with their senders");
    } else {
        error!(messages, error = %failure, "messages were not stored; they stay with their senders");
    }
    refuse(jobs, in_doubt);
}
