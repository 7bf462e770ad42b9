//! The status of an answer.

use std::fmt;

use crate::smpp::CommandStatus;

/// A `command_status`, or the status of an HTTP response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Status {
    Smpp(CommandStatus),
    Http(u16),
}

impl Status {
    pub(super) const fn is_ok(self) -> bool {
        match self {
            Self::Smpp(status) => status.is_ok(),
            Self::Http(status) => status == 200,
        }
    }

    /// The same message may be accepted later.
    pub(super) const fn is_transient(self) -> bool {
        match self {
            Self::Smpp(status) => status.is_transient(),
            Self::Http(status) => status == 429 || status >= 500,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smpp(status) => match status.name() {
                Some(name) => f.write_str(name),
                None => write!(f, "{:#x}", status.0),
            },
            Self::Http(status) => write!(f, "{status}"),
        }
    }
}
