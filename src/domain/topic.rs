//! The subject of a message that was answered and moved no money.

use super::closed_set::closed_set;

closed_set! {
    /// The subject of [`super::Outcome::Informed`].
    pub enum Topic ("a subject of an answer") {
        /// The form of messages to a short code.
        Help = "help",
        /// The sender's balance.
        Balance = "balance",
        /// The language of replies.
        LanguageSet = "language_set",
        /// No more messages.
        Stop = "stop",
        /// The PIN was changed.
        PinChanged = "pin_changed",
        /// Credit is sent once its sender confirms.
        TransferOffered = "transfer_offered",
        /// An order was withdrawn before it came.
        Cancelled = "cancelled",
        /// An order was tried out, and would be carried out.
        Trial = "trial",
        /// A request was kept, and is handed on.
        Forwarded = "forwarded",
    }
}
