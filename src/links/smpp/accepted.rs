//! What became of a message or a receipt, named by what its peer is answered.

use crate::processor::NotAccepted;
use crate::smpp::CommandStatus;

/// What became of a message or a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is on disk.
    Committed,
    /// As many messages wait as may: the peer is to send less.
    Busy,
    /// It could not be stored now: the peer is to send it again later.
    Unavailable,
    /// The same again would be refused again.
    Refused,
}

impl Accepted {
    /// The `command_status` that says so in a `deliver_sm_resp`.
    pub const fn status(self) -> CommandStatus {
        match self {
            Self::Committed => CommandStatus::OK,
            Self::Busy => CommandStatus::QUEUE_FULL,
            Self::Unavailable => CommandStatus::TEMPORARY_APPLICATION_ERROR,
            Self::Refused => CommandStatus::MESSAGE_REFUSED,
        }
    }

    /// The `command_status` that says so in a `submit_sm_resp`.
    pub(super) const fn status_of_submission(self) -> CommandStatus {
        match self {
            Self::Committed => CommandStatus::OK,
            Self::Busy => CommandStatus::QUEUE_FULL,
            Self::Unavailable => CommandStatus::SYSTEM_ERROR,
            Self::Refused => CommandStatus::SUBMIT_FAILED,
        }
    }
}

impl From<NotAccepted> for Accepted {
    fn from(refusal: NotAccepted) -> Self {
        match refusal {
            NotAccepted::QueueFull | NotAccepted::Throttled { .. } => Self::Busy,
            NotAccepted::Stopping | NotAccepted::Store | NotAccepted::Unknown => Self::Unavailable,
            NotAccepted::Conflict | NotAccepted::Contradiction(_) => Self::Refused,
        }
    }
}
