//! Effects of a PDU from the peer.

use std::time::Duration;

use super::event::{Action, Actions, CloseReason, Completion, Notice, Ticket};
use super::outstanding::Purpose;
use super::{Pending, Role, Session, State};
use crate::smpp::command::CommandId;
use crate::smpp::decode::{decode, decode_delivered};
use crate::smpp::error::Recoverable;
use crate::smpp::frame::Frame;
use crate::smpp::pdu::{BindMode, Body, Pdu};
use crate::smpp::status::CommandStatus;

/// PDUs that are invalid before a bind, after which the session is closed.
const STRANGE_MAX: u8 = 5;

impl<T> Session<T> {
    pub(super) fn receive(&mut self, now: Duration, frame: &Frame, actions: &mut Actions<T>) {
        if self.is_closed() {
            return;
        }
        self.last_received = now;
        self.probed_until = None;
        if self.hold(frame) {
            return;
        }
        let before_bind = self.settings.role == Role::Smsc && matches!(self.state, State::Open | State::Binding(_));
        if frame.header().is_response() {
            self.receive_response(now, frame, actions);
        } else {
            self.receive_request(now, frame, actions);
        }
        if before_bind {
            self.judge_stranger(frame, actions);
        }
    }

    fn receive_request(&mut self, now: Duration, frame: &Frame, actions: &mut Actions<T>) {
        match frame.header().known() {
            None => self.refuse_unreadable(frame, actions),
            Some(CommandId::EnquireLink) => {
                let resp = Pdu::request(frame.header().sequence, Body::EnquireLinkResp);
                self.write(&resp, actions);
            }
            Some(CommandId::Unbind) => self.receive_unbind(now, frame.header().sequence, actions),
            Some(command @ (CommandId::Outbind | CommandId::AlertNotification)) => {
                actions.push(Action::Notice(Notice::Unanswerable(command)));
            }
            Some(command) => match BindMode::of(command) {
                Some(mode) => self.receive_bind(mode, command, frame, actions),
                None => self.receive_message(now, command, frame, actions),
            },
        }
    }

    fn receive_bind(&mut self, mode: BindMode, command: CommandId, frame: &Frame, actions: &mut Actions<T>) {
        match self.state {
            State::Open if self.settings.role == Role::Smsc => {}
            State::Open => return self.refuse(command, CommandStatus::WRONG_BIND_STATUS, frame, actions),
            _ => return self.refuse(command, CommandStatus::ALREADY_BOUND, frame, actions),
        }
        match decode(frame) {
            Ok(Pdu { sequence, body: Body::Bind(bind), .. }) => {
                self.state = State::Binding(mode);
                self.peer_version = Some(bind.interface_version);
                let ticket = self.expect_answer(sequence, mode.response());
                actions.push(Action::Authenticate(ticket, Box::new(bind)));
            }
            Ok(_) => {}
            Err(error) => self.answer_unreadable(error, actions),
        }
    }

    fn receive_unbind(&mut self, now: Duration, sequence: u32, actions: &mut Actions<T>) {
        match self.state {
            State::Bound(_) | State::Draining(..) | State::Unbinding => {
                // Requests in progress are answered first; otherwise they would have to be sent again. The responses to
                // ours may be on their way, and a reply without one is sent twice.
                self.state = State::PeerUnbinding { sequence, until: now + self.settings.drain };
            }
            _ => {
                let refusal = Pdu::error_response(CommandId::Unbind, CommandStatus::WRONG_BIND_STATUS, sequence);
                if let Some(refusal) = refusal {
                    self.write(&refusal, actions);
                }
            }
        }
    }

    fn receive_message(&mut self, now: Duration, command: CommandId, frame: &Frame, actions: &mut Actions<T>) {
        let allowed = |mode| peer_may_send(self.settings.role, mode, command);
        match self.state {
            State::Bound(mode) if allowed(mode) => {}
            State::Unbinding => return self.refuse(command, self.unavailable(), frame, actions),
            State::Draining(mode, _) if allowed(mode) => {
                return self.refuse(command, self.unavailable(), frame, actions);
            }
            // More requests than may wait for the bind.
            State::Binding(_) => return self.refuse(command, CommandStatus::QUEUE_FULL, frame, actions),
            _ => return self.refuse(command, CommandStatus::WRONG_BIND_STATUS, frame, actions),
        }
        self.last_message = now;
        if self.pending.len() >= self.settings.peer_window {
            return self.refuse(command, CommandStatus::QUEUE_FULL, frame, actions);
        }
        let read = match self.settings.role {
            Role::Smsc => decode(frame),
            Role::Esme => decode_delivered(frame),
        };
        match (read, command.response()) {
            (Ok(pdu), Some(response)) => {
                let ticket = self.expect_answer(pdu.sequence, response);
                actions.push(Action::Request(ticket, Box::new(pdu)));
            }
            (Ok(_), None) => {}
            (Err(error), _) => self.answer_unreadable(error, actions),
        }
    }

    /// Keeps a request that follows a bind immediately until the bind is decided; returns true if it was kept. As many
    /// wait as the peer's window allows, and one unbind in addition, because it would otherwise be lost with the rest.
    fn hold(&mut self, frame: &Frame) -> bool {
        let header = frame.header();
        // An SMSC may send an `enquire_link` before it answers our bind.
        let answered_at_once = header.known() == Some(CommandId::EnquireLink) && self.settings.role == Role::Esme;
        if header.is_response() || answered_at_once || !matches!(self.state, State::Binding(_)) {
            return false;
        }
        let room = self.settings.peer_window + usize::from(header.known() == Some(CommandId::Unbind));
        let waits = self.held.len() < room;
        if waits {
            self.held.push_back(frame.clone());
        }
        waits
    }

    /// Serves the requests that waited for a bind.
    pub(super) fn serve_held(&mut self, now: Duration, actions: &mut Actions<T>) {
        while let Some(frame) = self.held.pop_front() {
            self.receive(now, &frame, actions);
        }
    }

    /// Before its bind, a peer may send only `enquire_link` and a bind. Requests beyond those that may wait for the
    /// bind do not count as invalid: they are answered, and so is the bind.
    fn judge_stranger(&mut self, frame: &Frame, actions: &mut Actions<T>) {
        let known = frame.header().known();
        let has_bound = known.is_some() && matches!(self.state, State::Binding(_));
        if has_bound || known == Some(CommandId::EnquireLink) {
            return;
        }
        self.strange += 1;
        if self.strange >= STRANGE_MAX {
            self.close(CloseReason::Stranger, actions);
        }
    }

    fn receive_response(&mut self, now: Duration, frame: &Frame, actions: &mut Actions<T>) {
        let header = *frame.header();
        let nacked = header.known() == Some(CommandId::GenericNack);
        let fits =
            |command: CommandId| nacked || (command.response().is_some() && command.response() == header.known());
        let Some(entry) = self.outstanding.take(header.sequence, fits) else {
            let (command, sequence, status) = (header.command, header.sequence, header.status);
            return actions.push(Action::Notice(Notice::UnexpectedResponse { command, sequence, status }));
        };
        match entry.purpose {
            Purpose::Message(token) => {
                self.last_message = now;
                let completion = if nacked {
                    Completion::Nacked(header.status)
                } else {
                    Completion::Answered(Box::new(readable_or_empty(frame, actions)))
                };
                actions.push(Action::Completed(token, completion));
            }
            Purpose::Session => self.receive_session_response(now, entry.command, frame, actions),
        }
    }

    fn receive_session_response(&mut self, now: Duration, command: CommandId, frame: &Frame, actions: &mut Actions<T>) {
        match (command, self.state) {
            (CommandId::EnquireLink, _) => {}
            (CommandId::Unbind, _) => self.close(CloseReason::Unbound, actions),
            (_, State::Binding(mode)) => match decode(frame) {
                Ok(Pdu { status: CommandStatus::OK, body: Body::BindResp(resp), .. }) => {
                    self.state = State::Bound(mode);
                    self.last_message = now;
                    self.peer_version = resp.interface_version();
                    let (peer_version, system_id) = (self.peer_version, resp.system_id);
                    actions.push(Action::Bound { mode, peer_version, system_id });
                    self.serve_held(now, actions);
                }
                _ => self.close(CloseReason::BindRefused(frame.header().status), actions),
            },
            _ => {}
        }
    }

    pub(super) fn expect_answer(&mut self, sequence: u32, response: CommandId) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.pending.insert(ticket, Pending { sequence, response });
        ticket
    }

    fn refuse_unreadable(&self, frame: &Frame, actions: &mut Actions<T>) {
        if let Err(error) = decode(frame) {
            self.answer_unreadable(error, actions);
        }
    }

    fn answer_unreadable(&self, error: Recoverable, actions: &mut Actions<T>) {
        if let Some(reply) = error.reply() {
            self.write(&reply, actions);
        }
        actions.push(Action::Notice(Notice::Malformed(error)));
    }

    fn refuse(&self, command: CommandId, status: CommandStatus, frame: &Frame, actions: &mut Actions<T>) {
        if let Some(reply) = Pdu::error_response(command, status, frame.header().sequence) {
            self.write(&reply, actions);
        }
        actions.push(Action::Notice(Notice::Refused(command, status)));
    }

    /// Status for a message that is received while the session ends: the peer may send it again on another session.
    const fn unavailable(&self) -> CommandStatus {
        match self.settings.role {
            Role::Smsc => CommandStatus::SYSTEM_ERROR,
            Role::Esme => CommandStatus::TEMPORARY_APPLICATION_ERROR,
        }
    }
}

/// Decodes a response. If its fields cannot be read, its status still counts.
fn readable_or_empty<T>(frame: &Frame, actions: &mut Actions<T>) -> Pdu {
    decode(frame).unwrap_or_else(|error| {
        let header = frame.header();
        let body = header.known().map_or(Body::GenericNack, Body::refusal);
        actions.push(Action::Notice(Notice::Malformed(error)));
        Pdu { status: header.status, sequence: header.sequence, body }
    })
}

/// Returns true if the peer may send this request in this mode (section 2.3, table 2-1). Some SMSCs deliver the
/// receipts for a transmitter's messages on that transmitter; if they were refused there, they would be lost.
fn peer_may_send(role: Role, mode: BindMode, command: CommandId) -> bool {
    match role {
        Role::Smsc => mode.transmits() && esme_sends(command),
        Role::Esme => smsc_sends(command),
    }
}

/// Returns true if we may send this request in this mode.
pub(super) fn we_may_send(role: Role, mode: BindMode, command: CommandId) -> bool {
    match role {
        Role::Esme => mode.transmits() && esme_sends(command),
        Role::Smsc => mode.receives() && smsc_sends(command),
    }
}

const fn esme_sends(command: CommandId) -> bool {
    matches!(
        command,
        CommandId::SubmitSm
            | CommandId::SubmitMulti
            | CommandId::DataSm
            | CommandId::QuerySm
            | CommandId::CancelSm
            | CommandId::ReplaceSm
    )
}

const fn smsc_sends(command: CommandId) -> bool {
    matches!(command, CommandId::DeliverSm | CommandId::DataSm)
}
