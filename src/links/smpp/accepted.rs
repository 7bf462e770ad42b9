//! The outcome of a message or a receipt, named by the answer to its peer.

use crate::processor::NotAccepted;
use crate::smpp::CommandStatus;

/// The outcome of a message or a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// The message is on disk.
    Committed,
    /// As many messages wait as may. The peer has to send less.
    Busy,
    /// The message could not be stored now. The peer has to send it again later.
    Unavailable,
    /// The message is refused for good.
    Refused,
}

impl Accepted {
    /// The `command_status` for a `deliver_sm_resp`.
    pub const fn status(self) -> CommandStatus {
        match self {
            Self::Committed => CommandStatus::OK,
            Self::Busy => CommandStatus::QUEUE_FULL,
            Self::Unavailable => CommandStatus::TEMPORARY_APPLICATION_ERROR,
            Self::Refused => CommandStatus::MESSAGE_REFUSED,
        }
    }

    /// The `command_status` for a `submit_sm_resp`.
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
