//! A request of the peer that waits for its answer, and the form of that answer in either role.

use bytes::Bytes;

use super::accepted::Accepted;
use super::driver::Handle;
use crate::smpp::pdu::{Body, MessageResp};
use crate::smpp::session::{Role, Ticket};
use crate::smpp::{CommandId, CommandStatus};

/// A request of the peer that waits for its answer.
#[derive(Debug)]
pub(super) struct Waiter {
    handle: Handle,
    ticket: Ticket,
    command: CommandId,
    role: Role,
}

impl Waiter {
    /// `command` is the command of the request. `role` is our role.
    pub(super) const fn new(handle: Handle, ticket: Ticket, command: CommandId, role: Role) -> Self {
        Self { handle, ticket, command, role }
    }

    /// Answers with the outcome of the message. `message_id` is the identifier by which its sender may query it.
    pub(super) fn answer(self, verdict: Accepted, message_id: &str) {
        let status = match self.role {
            Role::Esme => verdict.status(),
            Role::Smsc => verdict.status_of_submission(),
        };
        let named = status.is_ok() && self.role == Role::Smsc;
        let body = if named { self.named(message_id) } else { None };
        self.handle.answer(self.ticket, status, body);
    }

    /// Refuses the request. The fields of the response are empty.
    pub(super) fn refuse(self, status: CommandStatus) {
        self.handle.answer(self.ticket, status, None);
    }

    /// Refuses a short code that the peer may not speak for.
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
