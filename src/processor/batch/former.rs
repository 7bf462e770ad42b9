//! Forms batches of the messages that wait, and has them committed, several at once where the database can use it.
//!
//! A batch has a fixed cost of some round trips and a commit, so few large ones are better than many small ones:
//! - Messages that arrive during a commit form the next batch.
//! - A further batch begins during a commit only if [`PARALLEL_MIN`] messages wait, or if the commit takes longer than
//!   [`PATIENCE`]: a batch that waits for a locked row does not delay the others.
//! - Batches begin at least [`INTERVAL`] apart, unless many messages wait. A message that arrives after a pause is
//!   never delayed, nor is a sender who waits for each answer: after [`SINGLES`] batches of one message, nothing is
//!   gained by a wait.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::applier::Applier;
use super::aside::Aside;
use super::job::{Deferred, Job};

/// Shortest time between the beginnings of two batches.
const INTERVAL: Duration = Duration::from_micros(3_500);
/// Batches of one message each, in a row, after which the next one does not wait.
const SINGLES: u32 = 3;
/// Time after which a batch in progress is not waited for.
const PATIENCE: Duration = Duration::from_millis(20);
/// Waiting messages that are enough for a batch of their own.
const PARALLEL_MIN: usize = 64;

/// A batch that has ended: its messages that could not be processed, and the keys of all of them.
type Ended = (Deferred, BTreeSet<u64>);

/// Forms the batches of a process.
pub(in crate::processor) struct Former {
    applier: Arc<Applier>,
    aside: Aside,
    queue: mpsc::Receiver<Job>,
    batch_max: usize,
    /// The number of batches that may be in progress at once.
    batches_max: usize,
    waiting: VecDeque<Job>,
    /// The keys of the messages in progress. Messages with one key are processed one batch after the other, so that
    /// they do not wait for each other's locks.
    keys: BTreeSet<u64>,
    running: JoinSet<Ended>,
    /// The time from which on a small batch may begin.
    next_at: Instant,
    /// The number of batches of one message since the last larger one.
    singles: u32,
    /// No batch has ended for [`PATIENCE`].
    is_late: bool,
}

impl Former {
    pub(in crate::processor) fn new(
        applier: Applier,
        batch_max: usize,
        batches_max: usize,
        queue: mpsc::Receiver<Job>,
    ) -> Self {
        let applier = Arc::new(applier);
        Self {
            aside: Aside::new(applier.clone()),
            applier,
            queue,
            batch_max,
            batches_max,
            waiting: VecDeque::new(),
            keys: BTreeSet::new(),
            running: JoinSet::new(),
            next_at: Instant::now(),
            singles: 0,
            is_late: false,
        }
    }

    /// Runs until every [`crate::processor::Processor`] is dropped and no message waits. A failed batch task ends it.
    pub(in crate::processor) async fn run(mut self) {
        while self.receive().await {
            self.begin_batches();
            let may_begin = self.running.len() < self.batches_max;
            let ended = tokio::select! {
                Some(ended) = self.running.join_next() => ended,
                () = tokio::time::sleep(PATIENCE), if may_begin && !self.running.is_empty() => {
                    self.is_late = true;
                    continue;
                }
                else => continue,
            };
            self.is_late = false;
            match ended {
                Ok((deferred, keys)) => {
                    for key in keys {
                        self.keys.remove(&key);
                    }
                    self.aside.put(deferred);
                }
                Err(failure) => match failure.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // The runtime is shutting down.
                    Err(_) => return,
                },
            }
        }
        self.aside.finish().await;
    }

    /// Takes the messages that have arrived. Waits for some if there is nothing else to do. Returns false at the end.
    async fn receive(&mut self) -> bool {
        let mut arrived = Vec::new();
        if self.running.is_empty() && self.waiting.is_empty() {
            if self.queue.recv_many(&mut arrived, self.most()).await == 0 {
                return false;
            }
            let is_small = self.queue.len() + arrived.len() < PARALLEL_MIN;
            if is_small && self.singles < SINGLES && Instant::now() < self.next_at {
                tokio::time::sleep_until(self.next_at).await;
            }
        }
        self.waiting.extend(arrived);
        while self.waiting.len() < self.most()
            && let Ok(job) = self.queue.try_recv()
        {
            self.waiting.push_back(job);
        }
        true
    }

    const fn most(&self) -> usize {
        self.batch_max.saturating_mul(self.batches_max)
    }

    fn begin_batches(&mut self) {
        while self.running.len() < self.batches_max {
            let enough = if self.running.is_empty() || self.is_late { 1 } else { PARALLEL_MIN };
            if self.waiting.len() < enough {
                return;
            }
            let jobs = self.take();
            if jobs.is_empty() {
                return;
            }
            self.is_late = false;
            self.next_at = Instant::now() + INTERVAL;
            self.singles = if jobs.len() == 1 { self.singles.saturating_add(1) } else { 0 };
            let keys: BTreeSet<u64> = jobs.iter().flat_map(|job| job.request.keys()).collect();
            if self.batches_max > 1 {
                self.keys.extend(&keys);
            }
            let jobs = self.aside.sort_out(jobs);
            let applier = self.applier.clone();
            self.running.spawn(async move { (applier.apply(jobs).await, keys) });
        }
    }

    /// Takes the first messages whose keys no batch has.
    fn take(&mut self) -> Vec<Job> {
        if self.keys.is_empty() {
            return self.waiting.drain(..self.waiting.len().min(self.batch_max)).collect();
        }
        let (mut taken, mut kept, mut passed) = (Vec::new(), VecDeque::new(), BTreeSet::new());
        while let Some(job) = self.waiting.pop_front() {
            let keys = job.request.keys();
            let is_held = |key: &u64| self.keys.contains(key) || passed.contains(key);
            if taken.len() == self.batch_max || keys.iter().any(is_held) {
                passed.extend(keys);
                kept.push_back(job);
            } else {
                taken.push(job);
            }
        }
        self.waiting = kept;
        taken
    }
}
