//! The third step: decides the messages of a batch and commits them in one transaction.
//!
//! - [`Former`]: forms batches of the messages that have arrived
//! - [`Job`]: a message in the queue for a batch
//! - `applier`: load, decide, write, commit, answer; splits a batch that failed
//! - `needs`: the rows to be loaded
//! - `plan`: the decisions, pure; `state`: the rows of the transaction; `answered`: messages that were answered before
//! - `forward`: requests that are handed on
//! - `tell`: recipients and links of SMS about endings
//! - `aside`: messages about locked accounts wait here and do not delay the others

mod answered;
mod applier;
mod aside;
mod former;
mod forward;
mod guarded;
mod job;
mod needs;
mod plan;
mod state;
mod tell;

pub(super) use answered::replay;
pub(super) use applier::Applier;
pub(super) use former::Former;
pub(super) use job::Job;
pub(super) use state::BatchState;
