//! Errors in received PDUs, by their consequence: [`Recoverable`] costs one PDU an error response, [`Fatal`] costs the
//! connection.

use super::command::CommandId;
use super::fault::Fault;
use super::header::{HEADER_LENGTH, Header, PDU_LENGTH_MAX};
use super::pdu::Pdu;
use super::status::CommandStatus;

/// One PDU cannot be read; the stream is intact. Answer [`Recoverable::reply`] and go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}: {field} at octet {offset}: {fault}", Command(.header))]
pub struct Recoverable {
    pub header: Header,
    /// Name of the field in the specification.
    pub field: &'static str,
    /// Position of the field, in octets from the start of the PDU.
    pub offset: usize,
    pub fault: Fault,
    /// The `command_status` to answer.
    pub status: CommandStatus,
}

struct Command<'a>(&'a Header);

impl std::fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.known() {
            Some(command) => write!(f, "{command} {}", self.0.sequence),
            None => write!(f, "command {:#010x} {}", self.0.command, self.0.sequence),
        }
    }
}

impl Recoverable {
    /// The answer: the command's own response, or a `generic_nack` for an unknown command. `None` if the PDU is itself
    /// a response, or is never answered.
    pub fn reply(&self) -> Option<Pdu> {
        match self.header.known() {
            Some(command) => Pdu::error_response(command, self.status, self.header.sequence),
            None if self.header.is_response() => None,
            None => Some(Pdu::generic_nack(CommandStatus::INVALID_COMMAND_ID, self.header.sequence)),
        }
    }
}

/// PDU boundaries in the stream are lost. Answer [`Fatal::reply`] and close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fatal {
    /// `command_length` is shorter than a header or above the limit.
    #[error("command_length {length} is not from {HEADER_LENGTH} to {PDU_LENGTH_MAX}")]
    CommandLength {
        length: u32,
        /// Sequence number of the PDU, if enough octets were received to read it.
        sequence: Option<u32>,
    },
}

impl Fatal {
    /// The `generic_nack` to send before closing.
    pub fn reply(&self) -> Pdu {
        let Self::CommandLength { sequence, .. } = *self;
        // Section 4.3.1: a sequence number that cannot be read is answered as 0.
        Pdu::generic_nack(CommandStatus::INVALID_COMMAND_LENGTH, sequence.unwrap_or(0))
    }
}

impl Pdu {
    /// The response that refuses a request; `None` if the command is never answered.
    pub fn error_response(command: CommandId, status: CommandStatus, sequence: u32) -> Option<Self> {
        let body = super::pdu::Body::refusal(command.response()?);
        Some(Self { status, sequence, body })
    }
}
