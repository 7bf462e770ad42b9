//! The end of a message, as its sender hears of it.

use chrono::{DateTime, Utc};

use crate::domain::{Contradiction, Outcome};

/// The ending of a message, and the words that its sender gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The ending.
    pub outcome: Outcome,
    /// The reply; `None` if the sender cannot be written to, or the reply is withheld.
    pub reply: Option<String>,
    /// The arrival of the message; of one that was answered before, its first arrival.
    pub at: DateTime<Utc>,
    /// The message had been answered before; this is that answer.
    pub replayed: bool,
}

/// An order of a client as it stands.
#[derive(Debug, Clone, Default)]
pub struct OrderState {
    /// The ending of the order itself; `None` if it has not come.
    pub order: Option<Answer>,
    /// The ending of its withdrawal; `None` if none has come.
    pub withdrawal: Option<Answer>,
    /// Its transfers were taken back, by its withdrawal or by staff.
    pub is_taken_back: bool,
}

/// A message was not taken. Nothing of it was kept, except for [`NotAccepted::Unknown`]: its sender keeps it, and may try
/// again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAccepted {
    /// As many messages wait as may.
    #[error("the queue is full; try again in a moment")]
    QueueFull,
    /// The program is about to end.
    #[error("shutting down; try again on the next connection")]
    Stopping,
    /// The database did not take it, or did not answer a look-up. Its error is in the log, and for no sender.
    #[error("the database does not take messages now; try again later")]
    Store,
    /// The database was asked to commit it, and did not say that it has. It may be kept, and may not.
    #[error("the database did not say whether it was done; the same under the same identifier is done once, and tells")]
    Unknown,
    /// Too many wrong codes of cards came this way.
    #[error("too many wrong codes of cards; try again in {seconds} seconds")]
    Throttled {
        /// Seconds until the next is looked at.
        seconds: u32,
    },
    /// There is a message of another content under the same key.
    #[error("a message of other content was sent under the same identifier; give each message its own")]
    Conflict,
    /// A withdrawal says another amount or number than its order.
    #[error("it says something else of the order than was done; say what was done, or nothing")]
    Contradiction(Contradiction),
}

impl NotAccepted {
    /// Logs the problem, which the sender is not told.
    pub(crate) fn failed(problem: &dyn std::fmt::Display) -> Self {
        tracing::error!(%problem, "a request was not taken; its sender may send it again");
        Self::Store
    }
}
