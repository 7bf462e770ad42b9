//! The result of a message.

use chrono::{DateTime, Utc};

use crate::domain::{Contradiction, Outcome};

/// The ending of a message, and the reply to its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub outcome: Outcome,
    /// The reply; `None` if the sender has no address for it, or if it is withheld.
    pub reply: Option<String>,
    /// The arrival of the message; of a replayed answer, its first arrival.
    pub at: DateTime<Utc>,
    /// The message was answered before, and this is the earlier answer.
    pub replayed: bool,
}

/// The state of a client's order.
#[derive(Debug, Clone, Default)]
pub struct OrderState {
    /// The ending of the order; `None` if it has not arrived.
    pub order: Option<Answer>,
    /// The ending of its withdrawal; `None` if none has arrived.
    pub withdrawal: Option<Answer>,
    /// Its transfers were reversed, by its withdrawal or by staff.
    pub is_reversed: bool,
}

/// A message was not accepted. Nothing was stored, except perhaps after [`NotAccepted::Unknown`]. The sender may send
/// it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// The limit of waiting messages is reached.
    #[error("the queue is full; try again in a moment")]
    QueueFull,
    #[error("shutting down; try again on the next connection")]
    Stopping,
    /// The database rejected the message or failed at a look-up. Its error is in the log, and is not shown to senders.
    #[error("the database did not accept the message, and nothing was done; send the same message again later")]
    Store,
    /// The database was asked to commit and did not confirm. The message may or may not be stored.
    #[error(
        "the database did not confirm the commit; send the same request under the same identifier: it is carried out once, \
         and you get its result"
    )]
    Unknown,
    /// The client has sent too many wrong card codes.
    #[error("too many wrong card codes; try again in {seconds} seconds")]
    Throttled {
        /// Seconds until the next code is checked.
        seconds: u32,
    },
    /// A message with other content has the same key.
    #[error("this identifier was used for a message with other content; give each message its own")]
    Conflict,
    /// A withdrawal states another amount or number than its order.
    #[error("the request contradicts the order: repeat its amount and number, or leave them out")]
    Contradiction(Contradiction),
}

impl NotAccepted {
    /// Logs a problem that is not shown to senders.
    pub(crate) fn failed(problem: &dyn std::fmt::Display) -> Self {
        tracing::error!(%problem, "a request was not accepted; its sender may send it again");
        Self::Store
    }
}
