//! State of one message.

/// Nanoseconds in the unit of [`Flight::replied`].
pub(super) const REPLIED_UNIT: u64 = 100_000;

/// A message from the instant at which it was due.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flight {
    pub(super) due: u64,
    /// Instant of its reply, in units of 0.1 milliseconds.
    pub(super) replied: u32,
    /// A hash of the reply's text.
    pub(super) hash: u32,
    /// Times that it was sent.
    pub(super) sends: u8,
    /// Replies that said that it had been done before.
    pub(super) notices: u8,
    /// It was answered OK.
    pub(super) is_answered: bool,
    pub(super) is_redelivered: bool,
    pub(super) ending: Ending,
}

/// The end of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Ending {
    /// Its reply has not come.
    #[default]
    Open,
    /// It was not sent, because its subscriber had another message in flight.
    Skipped,
    Replied,
    /// Its reply was not the expected one.
    Wrong,
    Refused,
}
