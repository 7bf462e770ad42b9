//! The use case: a message comes in, is read, joins a batch, is decided and committed; then, and only then, its link
//! is told.
//!
//! - [`Processor::accept`]: what links call; returns after the commit
//! - [`intake`]: reading, on the caller's task
//! - [`plan`]: the decisions of one batch, pure: what was loaded in, what is to be written out
//! - [`applier`]: the one task that owns the database's writer; forms batches by arrival, without a timer
//! - [`wording`]: an ending in the customer's words

mod applier;
mod intake;
mod plan;
mod wording;

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::domain::{Clock, InboundSms, NumberingPlan, Outcome, Rules};
use crate::grammar::GrammarSet;
use crate::store::Store;
use crate::text::templates::Templates;

use intake::{Job, Reader};
pub use wording::{UnfitTemplates, Wording};

/// How a message ended, and what its sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The ending.
    pub outcome: Outcome,
    /// The reply; `None` where the sender cannot be written to.
    pub reply: Option<String>,
    /// The message had been answered before; this is that answer.
    pub replayed: bool,
}

/// Why a message was not taken. Nothing of it was kept: its sender keeps it, and may try again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// As many messages wait as may.
    #[error("the queue is full; try again in a moment")]
    QueueFull,
    /// The program is about to end.
    #[error("shutting down; try again on the next connection")]
    Stopping,
    /// The database did not take it.
    #[error("the message could not be stored ({0}); try again later")]
    Store(String),
    /// There is a message of another content under the same key.
    #[error("a message of other content was sent under the same identifier; give each message its own")]
    Conflict,
}

/// What a processor works with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The grammars; they may be exchanged at any time.
    pub grammars: Arc<ArcSwap<GrammarSet>>,
    /// The numbering plan.
    pub plan: Arc<NumberingPlan>,
    /// The replies' templates.
    pub templates: Arc<Templates>,
    /// What decisions obey.
    pub rules: Rules,
    /// The time.
    pub clock: Clock,
}

/// Takes messages in. A clone is the same processor; when the last one is gone, the applier ends what has queued and stops.
#[derive(Debug, Clone)]
pub struct Processor {
    reader: Reader,
    queue: mpsc::Sender<Job>,
}

impl Processor {
    /// Starts the applier.
    pub fn start(parts: Parts, queue_max: usize, batch_max: usize) -> (Self, JoinHandle<()>) {
        let (queue, jobs) = mpsc::channel(queue_max.max(1));
        let reader = Reader::new(parts.grammars.clone(), parts.plan.clone());
        let applier = applier::Applier::new(parts, batch_max.max(1));
        (Self { reader, queue }, tokio::spawn(applier.run(jobs)))
    }

    /// Takes one message in and returns when it is committed.
    ///
    /// # Errors
    /// [`NotAccepted`]; nothing was kept.
    pub async fn accept(&self, message: InboundSms) -> Result<Answer, NotAccepted> {
        let (sender, answer) = oneshot::channel();
        let job = self.reader.read(message, sender);
        self.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotAccepted::QueueFull,
            mpsc::error::TrySendError::Closed(_) => NotAccepted::Stopping,
        })?;
        answer.await.unwrap_or(Err(NotAccepted::Stopping))
    }
}
