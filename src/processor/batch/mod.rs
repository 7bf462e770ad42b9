//! The third step: decides the messages of a batch and commits them in one transaction.
//!
//! - [`run`]: the task that forms batches by arrival: one task on SQLite, several on PostgreSQL, each for a share of
//!   the accounts
//! - [`Job`]: a message in the queue of such a task
//! - `applier`: load, decide, write, commit, answer; splits a batch that failed
//! - `needs`: the rows to be loaded
//! - `plan`: the decisions, pure; `state`: the rows of the transaction; `answered`: messages that were answered before
//! - `tell`: recipients and links of SMS about endings
//! - `aside`: messages about locked accounts wait here and do not delay the others

mod answered;
mod applier;
mod aside;
mod job;
mod needs;
mod plan;
mod state;
mod tell;

use std::sync::Arc;

use tokio::sync::mpsc;

pub(super) use answered::replay;
pub(super) use applier::Applier;
use aside::Aside;
pub(super) use job::Job;
pub(super) use state::BatchState;

/// Takes the messages that arrived during the previous commit, at most `batch_max`, and commits them as one
/// transaction, until every [`super::Processor`] is dropped and the queue is empty. There is no timer: an idle system
/// answers at once, and batches grow with the load.
pub(super) async fn run(applier: Applier, batch_max: usize, mut queue: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(batch_max);
    let applier = Arc::new(applier);
    let aside = Aside::new(applier.clone());
    while queue.recv_many(&mut batch, batch_max).await > 0 {
        let jobs = aside.sort_out(std::mem::take(&mut batch));
        aside.put(applier.apply(jobs).await);
    }
    aside.finish().await;
}
