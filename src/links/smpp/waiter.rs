//! A request of the peer's that waits for its answer, and the words of that answer in either role.

use bytes::Bytes;

use super::accepted::Accepted;
use super::driver::Handle;
use crate::smpp::pdu::{Body, MessageResp};
use crate::smpp::session::{Role, Ticket};
use crate::smpp::{CommandId, CommandStatus};

/// A request of the peer's that waits for its answer.
#[derive(Debug)]
pub(super) struct Waiter {
    handle: Handle,
    ticket: Ticket,
    command: CommandId,
    role: Role,
}

impl Waiter {
    /// `command` is the request's, `role` is ours.
    pub(super) const fn new(handle: Handle, ticket: Ticket, command: CommandId, role: Role) -> Self {
        Self { handle, ticket, command, role }
    }

    /// Says what became of the message; `message_id` is what its sender may ask about it by.
    pub(super) fn answer(self, verdict: Accepted, message_id: &str) {
        let status = match self.role {
            Role::Esme => verdict.status(),
            Role::Smsc => verdict.status_of_submission(),
        };
        let named = status.is_ok() && self.role == Role::Smsc;
        let body = if named { self.named(message_id) } else { None };
        self.handle.answer(self.ticket, status, body);
    }

    /// Refuses the request; its response's fields are empty.
    pub(super) fn refuse(self, status: CommandStatus) {
        self.handle.answer(self.ticket, status, None);
    }

    /// The short code is not one that the peer may speak for.
    pub(super) fn refuse_destination(self) {
        let status = match self.role {
            Role::Esme => CommandStatus::MESSAGE_REFUSED,
            Role::Smsc => CommandStatus::INVALID_DESTINATION,
        };
        self.refuse(status);
    }

    fn named(&self, message_id: &str) -> Option<Body> {
        let resp = MessageResp::new(Bytes::copy_from_slice(message_id.as_bytes()));
        match self.command {
            CommandId::SubmitSm => Some(Body::SubmitSmResp(resp)),
            CommandId::DataSm => Some(Body::DataSmResp(resp)),
            _ => None,
        }
    }
}
