//! Messages about accounts that another client of the database has locked. They wait here, so that the others are not
//! delayed. If the account stays locked, the sender is told to try again.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::warn;

use super::applier::Applier;
use super::job::{Deferred, Job, refuse};
use super::needs::{Lookups, needs};
use crate::domain::AccountKey;
use crate::processor::deadline::in_time;

/// Time that a message waits for its account.
const PATIENCE: Duration = Duration::from_secs(3);
/// Interval of the checks whether accounts are free.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Limit of waiting messages. Above it, senders are told at once to try again.
const WAITING_MAX: usize = 1_024;

#[derive(Debug)]
struct Waiting {
    job: Job,
    since: Instant,
}

/// The messages that an applier must not wait for. A task of its own processes them.
#[derive(Debug)]
pub(super) struct Aside {
    applier: Arc<Applier>,
    jobs: mpsc::Sender<Waiting>,
    held: Held,
    task: JoinHandle<()>,
}

/// The accounts that messages wait for.
#[derive(Debug, Clone, Default)]
struct Held(Arc<Mutex<BTreeSet<AccountKey>>>);

impl Held {
    fn names(&self) -> MutexGuard<'_, BTreeSet<AccountKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Aside {
    pub(super) fn new(applier: Arc<Applier>) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let held = Held::default();
        let task = tokio::spawn(wait(applier.clone(), waiting, held.clone()));
        Self { applier, jobs, held, task }
    }

    /// Takes out the messages about accounts that others wait for already. Trying them would delay the rest.
    pub(super) fn sort_out(&self, jobs: Vec<Job>) -> Vec<Job> {
        let held = self.held.names().clone();
        if held.is_empty() {
            return jobs;
        }
        let services = &self.applier.services;
        let (now, lookups) = (services.clock.now(), Lookups::default());
        let waits = |job: &Job| {
            let needs = needs(&[&job.request], &services.rules, &lookups, now);
            needs.accounts.iter().any(|account| held.contains(account))
        };
        let (waiting, others) = jobs.into_iter().partition(waits);
        self.put(Deferred { jobs: waiting, accounts: BTreeSet::new() });
        others
    }

    /// Queues these messages until their accounts are free.
    pub(super) fn put(&self, Deferred { jobs, accounts }: Deferred) {
        let mut held = self.held.names();
        held.extend(accounts);
        let since = Instant::now();
        let mut left_over = Vec::new();
        for job in jobs {
            if let Err(full) = self.jobs.try_send(Waiting { job, since }) {
                left_over.push(full.into_inner().job);
            }
        }
        if !left_over.is_empty() {
            warn!(
                messages = left_over.len(),
                "too many messages wait for accounts that are held; their senders may try again"
            );
            refuse(left_over, false);
        }
    }

    /// Returns after the last waiting message was processed or rejected.
    pub(super) async fn finish(self) {
        drop(self.jobs);
        // An error means that the task panicked, which is in the log.
        drop(self.task.await);
    }
}

/// Runs until the queue is closed and no message waits.
async fn wait(applier: Arc<Applier>, mut jobs: mpsc::Receiver<Waiting>, held: Held) {
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    loop {
        if waiting.is_empty() {
            let Some(first) = jobs.recv().await else { return };
            waiting.push_back(first);
        }
        let still = look(&applier, &mut waiting).await;
        {
            let mut names = held.names();
            while waiting.len() < WAITING_MAX
                && let Ok(more) = jobs.try_recv()
            {
                waiting.push_back(more);
            }
            if waiting.is_empty() && jobs.is_empty() {
                names.clear();
            } else {
                names.extend(still);
            }
        }
        if !waiting.is_empty() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Tries the messages that have waited too long a last time, and rejects those that fail again.
async fn try_last(applier: &Applier, waiting: &mut VecDeque<Waiting>) {
    let late = waiting.partition_point(|waits| waits.since.elapsed() >= PATIENCE);
    let late: Vec<Job> = waiting.drain(..late).map(|waits| waits.job).collect();
    if late.is_empty() {
        return;
    }
    // This attempt waits for the lock: if many clients use one account in turn, it is seldom free at the moment of a
    // check.
    let late = applier.apply(late).await.jobs;
    if !late.is_empty() {
        let messages = late.len();
        warn!(messages, "accounts stayed held by another client of the database; their senders may try again");
        refuse(late, false);
    }
}

/// Processes the messages whose accounts are free, and rejects those that have waited too long. Returns the locked
/// accounts.
async fn look(applier: &Applier, waiting: &mut VecDeque<Waiting>) -> BTreeSet<AccountKey> {
    try_last(applier, waiting).await;
    let (jobs, since): (Vec<Job>, Vec<Instant>) = waiting.drain(..).map(|waits| (waits.job, waits.since)).unzip();
    if jobs.is_empty() {
        return BTreeSet::new();
    }
    let held = in_time(applier.held(&jobs)).await;
    let jobs = jobs.into_iter().zip(since).map(|(job, since)| Waiting { job, since });
    match held {
        Ok(held) => {
            let mut free = Vec::new();
            for (waits, accounts) in jobs.zip(&held) {
                if accounts.is_empty() {
                    free.push(waits);
                } else {
                    waiting.push_back(waits);
                }
            }
            let oldest = free.iter().map(|waits| waits.since).min().unwrap_or_else(Instant::now);
            let again = applier.apply(free.into_iter().map(|waits| waits.job).collect()).await;
            // If other rows of these messages are locked, the messages count as old as the oldest of them.
            waiting.extend(again.jobs.into_iter().map(|job| Waiting { job, since: oldest }));
            waiting.make_contiguous().sort_by_key(|waits| waits.since);
            held.into_iter().flatten().chain(again.accounts).collect()
        }
        Err(failure) => {
            warn!(error = %failure, "held accounts could not be checked");
            waiting.extend(jobs);
            BTreeSet::new()
        }
    }
}
