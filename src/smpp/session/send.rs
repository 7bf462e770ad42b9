//! Our requests, responses, bind and unbind.

use std::time::Duration;

use bytes::Bytes;

use super::event::{Action, Actions, CloseReason, Completion, Refusal, Ticket};
use super::outstanding::{Entry, Purpose};
use super::receive::we_may_send;
use super::settings::INTERFACE_VERSION;
use super::{Role, Session, State};
use crate::smpp::encode::encode;
use crate::smpp::pdu::{Bind, BindResp, Body, Pdu, Sm};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::{Tlvs, tag};

impl<T> Session<T> {
    pub(super) fn bind(&mut self, now: Duration, bind: Bind, actions: &mut Actions<T>) {
        if self.state == State::Open && self.settings.role == Role::Esme {
            self.state = State::Binding(bind.mode);
            self.request(now, Body::Bind(bind), Purpose::Session, actions);
        }
    }

    pub(super) fn send(&mut self, now: Duration, token: T, body: Body, actions: &mut Actions<T>) {
        let command = body.command();
        let refusal = match self.state {
            _ if command.response().is_none() => Some(Refusal::NotARequest),
            State::Bound(mode) if we_may_send(self.settings.role, mode, command) => {
                (self.outstanding.messages() >= self.settings.window).then_some(Refusal::WindowFull)
            }
            _ => Some(Refusal::NotBound),
        };
        if let Some(refusal) = refusal {
            return actions.push(Action::Completed(token, Completion::Refused(refusal)));
        }
        self.last_message = now;
        let body = if self.peer_takes_tlvs() { body } else { without_tlvs(body) };
        self.request(now, body, Purpose::Message(token), actions);
    }

    /// Section 3.1.2: optional parameters require version 3.4 or later. Many SMSCs do not announce their version.
    const fn peer_takes_tlvs(&self) -> bool {
        matches!((self.settings.role, self.peer_version), (Role::Esme, _) | (Role::Smsc, Some(INTERFACE_VERSION..)))
    }

    /// Sends a request and expects its response.
    pub(super) fn request(&mut self, now: Duration, body: Body, purpose: Purpose<T>, actions: &mut Actions<T>) {
        let pdu = Pdu::request(self.outstanding.next_sequence(), body);
        match (encode(&pdu, &mut actions.out), purpose) {
            (Err(_), Purpose::Message(token)) => {
                actions.push(Action::Completed(token, Completion::Refused(Refusal::TooLong)));
            }
            // The session's own requests are short. If one were not sent, the missing response would end the session.
            (_, purpose) => self.outstanding.push(Entry {
                sequence: pdu.sequence,
                command: pdu.command(),
                deadline: now + self.settings.response,
                purpose,
            }),
        }
    }

    /// Answers a request once. A ticket that was used before is ignored.
    pub(super) fn answer(
        &mut self,
        ticket: Ticket,
        status: CommandStatus,
        body: Option<Body>,
        actions: &mut Actions<T>,
    ) {
        let bind = matches!(self.pending.get(&ticket), Some(pending) if is_bind_resp(pending.response));
        if bind {
            // A bind is answered by `BindDecision`, which also changes the state.
            return;
        }
        let Some(pending) = self.pending.remove(&ticket) else { return };
        let body = match body {
            Some(body) if body.command() == pending.response => body,
            _ => Body::refusal(pending.response),
        };
        self.write(&Pdu { status, sequence: pending.sequence, body }, actions);
    }

    pub(super) fn decide_bind(
        &mut self,
        now: Duration,
        ticket: Ticket,
        verdict: Result<(), CommandStatus>,
        actions: &mut Actions<T>,
    ) {
        let State::Binding(mode) = self.state else { return };
        if !matches!(self.pending.get(&ticket), Some(pending) if is_bind_resp(pending.response)) {
            return;
        }
        let Some(pending) = self.pending.remove(&ticket) else { return };
        if let Err(status) = verdict {
            let resp = BindResp::refusal(mode);
            self.write(&Pdu { status, sequence: pending.sequence, body: Body::BindResp(resp) }, actions);
            return self.close(CloseReason::BindRefused(status), actions);
        }
        let resp = self.bind_resp(mode);
        self.write(&Pdu::request(pending.sequence, Body::BindResp(resp)), actions);
        self.state = State::Bound(mode);
        self.last_message = now;
        actions.push(Action::Bound { mode, peer_version: self.peer_version, system_id: Bytes::new() });
        self.serve_held(now, actions);
    }

    fn bind_resp(&self, mode: crate::smpp::pdu::BindMode) -> BindResp {
        let system_id = Bytes::copy_from_slice(self.settings.system_id.as_bytes());
        let version = || Tlvs::default().with(tag::SC_INTERFACE_VERSION, &[INTERFACE_VERSION]).unwrap_or_default();
        let tlvs = if self.peer_takes_tlvs() { version() } else { Tlvs::default() };
        BindResp { mode, system_id, tlvs }
    }

    pub(super) fn drain(&mut self, now: Duration, actions: &mut Actions<T>) {
        match self.state {
            State::Bound(mode) => self.state = State::Draining(mode, now + self.settings.drain),
            State::Open | State::Binding(_) => self.close(CloseReason::Unbound, actions),
            _ => {}
        }
    }

    /// Completes an orderly end once no request is in flight.
    pub(super) fn finish_if_idle(&mut self, now: Duration, actions: &mut Actions<T>) {
        let idle = self.pending.is_empty() && self.outstanding.messages() == 0;
        match self.state {
            State::Draining(_, until) if idle || until <= now => {
                self.state = State::Unbinding;
                self.request(now, Body::Unbind, Purpose::Session, actions);
            }
            State::PeerUnbinding { sequence, until } if idle || until <= now => {
                self.write(&Pdu::request(sequence, Body::UnbindResp), actions);
                self.close(CloseReason::UnboundByPeer, actions);
            }
            _ => {}
        }
    }
}

/// Removes the optional parameters of a message, with two exceptions: a text that is in one, and an answer within a
/// USSD dialogue, because a peer that sent `ussd_service_op` can read them.
fn without_tlvs(body: Body) -> Body {
    match body {
        Body::DeliverSm(sm)
            if sm.tlvs.get(tag::MESSAGE_PAYLOAD).is_none() && sm.tlvs.get(tag::USSD_SERVICE_OP).is_none() =>
        {
            Body::DeliverSm(Sm { tlvs: Tlvs::default(), ..sm })
        }
        other => other,
    }
}

fn is_bind_resp(command: crate::smpp::command::CommandId) -> bool {
    crate::smpp::pdu::BindMode::of(command).is_some()
}
