//! The third step: the messages of a batch are decided and committed in one transaction.
//!
//! - [`run`]: the task that forms batches by arrival, one on SQLite, several on PostgreSQL, each for its share of the accounts
//! - [`Job`]: a message in the queue of such a task
//! - `applier`: load, decide, write, commit, answer; halves of a batch that failed
//! - `needs`: the rows that are loaded
//! - `plan`: the decisions, pure; `state`: the rows of the transaction; `answered`: orders and keys that were answered before
//! - `tell`: who is told of an ending, and by which link
//! - `aside`: messages about accounts that another client of the database holds wait there, and hold up no others

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

/// Takes the messages that queued while the previous commit ran, at most `batch_max`, and commits them as one transaction,
/// until every [`super::Processor`] is gone and the queue is empty. There is no timer: an idle system answers at once, and a
/// busy one batches by itself.
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
