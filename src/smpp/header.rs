//! The 16 octets that open every PDU (SMPP 3.4 section 3.2).

use bytes::{BufMut, BytesMut};
use nom::Parser;
use nom::number::complete::be_u32;

use super::command::{CommandId, RESPONSE_BIT};
use super::status::CommandStatus;

/// Octets of a header, and so of the shortest PDU.
pub const HEADER_LENGTH: usize = 16;

/// Octets of the longest PDU that is taken or sent: a `message_payload` may fill almost all of it.
pub const PDU_LENGTH_MAX: usize = 64 * 1024;

/// A PDU's header without its length, which the framer has already checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// `command_id` as it came, known or not.
    pub command: u32,
    /// `command_status`; 0 in a request.
    pub status: CommandStatus,
    /// `sequence_number`, which an answer repeats.
    pub sequence: u32,
}

impl Header {
    /// Header and body of a whole frame; nothing where it is shorter than a header.
    ///
    /// `header = command_length:u32 command_id:u32 command_status:u32 sequence_number:u32`
    pub fn split(frame: &[u8]) -> Option<(Self, &[u8])> {
        let fields = (be_u32::<_, ()>, be_u32, be_u32, be_u32);
        let (body, (_, command, status, sequence)) = { fields }.parse(frame).ok()?;
        Some((Self { command, status: CommandStatus(status), sequence }, body))
    }

    /// The command, where we know it.
    pub const fn known(&self) -> Option<CommandId> {
        CommandId::from_code(self.command)
    }

    /// A response or a nack, known or not.
    pub const fn is_response(&self) -> bool {
        self.command & RESPONSE_BIT != 0
    }

    /// Writes it with this `command_length`.
    pub fn put(&self, command_length: u32, out: &mut BytesMut) {
        let words = [command_length, self.command, self.status.0, self.sequence].map(u32::to_be_bytes);
        out.put_slice(words.as_flattened());
    }
}
