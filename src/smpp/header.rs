//! The 16 octets at the start of every PDU (SMPP 3.4 section 3.2).

use bytes::{BufMut, BytesMut};
use nom::Parser;
use nom::number::complete::be_u32;

use super::command::{CommandId, RESPONSE_BIT};
use super::status::CommandStatus;

/// Octets of a header, and of the shortest PDU.
pub const HEADER_LENGTH: usize = 16;

/// Octets of the longest PDU that is accepted or sent. A `message_payload` may fill almost all of it.
pub const PDU_LENGTH_MAX: usize = 64 * 1024;

/// A PDU's header without its length, which the framer has already checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// `command_id` as received, known or not.
    pub command: u32,
    /// `command_status`; 0 in a request.
    pub status: CommandStatus,
    /// `sequence_number`, which the response repeats.
    pub sequence: u32,
}

impl Header {
    /// Splits a frame into header and body; `None` if it is shorter than a header.
    ///
    /// `header = command_length:u32 command_id:u32 command_status:u32 sequence_number:u32`
    pub fn split(frame: &[u8]) -> Option<(Self, &[u8])> {
        let fields = (be_u32::<_, ()>, be_u32, be_u32, be_u32);
        let (body, (_, command, status, sequence)) = { fields }.parse(frame).ok()?;
        Some((Self { command, status: CommandStatus(status), sequence }, body))
    }

    pub const fn known(&self) -> Option<CommandId> {
        CommandId::from_code(self.command)
    }

    /// Returns true for a response or a `generic_nack`, even if its command is unknown.
    pub const fn is_response(&self) -> bool {
        self.command & RESPONSE_BIT != 0
    }

    /// Appends the header with this `command_length`.
    pub fn put(&self, command_length: u32, out: &mut BytesMut) {
        let words = [command_length, self.command, self.status.0, self.sequence].map(u32::to_be_bytes);
        out.put_slice(words.as_flattened());
    }
}
