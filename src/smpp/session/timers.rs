//! Effects of the passing of time.

use std::time::Duration;

use super::event::{Action, Actions, CloseReason, Completion, Unanswered};
use super::outstanding::Purpose;
use super::{Session, State};
use crate::smpp::command::CommandId;
use crate::smpp::pdu::Body;

impl<T> Session<T> {
    /// Time at which the shell must send the next [`Event::Tick`](super::Event::Tick), at the latest.
    pub fn deadline(&self) -> Option<Duration> {
        if self.is_closed() {
            return None;
        }
        let init = matches!(self.state, State::Open | State::Binding(_)).then(|| self.init_deadline());
        let partial = self.partial_since.map(|since| since + self.settings.partial_pdu);
        let end = match self.state {
            State::Draining(_, until) | State::PeerUnbinding { until, .. } => Some(until),
            _ => None,
        };
        let all = [init, partial, end, self.probed_until, self.enquire_deadline(), self.inactivity_deadline()];
        all.into_iter().chain([self.outstanding.deadline()]).flatten().min()
    }

    pub(super) fn pass_time(&mut self, now: Duration, actions: &mut Actions<T>) {
        self.expire_requests(now, actions);
        if matches!(self.state, State::Open | State::Binding(_)) && self.init_deadline() <= now {
            return self.close(CloseReason::SessionInit, actions);
        }
        if self.partial_since.is_some_and(|since| since + self.settings.partial_pdu <= now) {
            return self.close(CloseReason::PartialPdu, actions);
        }
        if self.probed_until.is_some_and(|until| until <= now) {
            return self.close(CloseReason::NoAnswer(CommandId::EnquireLink), actions);
        }
        if self.inactivity_deadline().is_some_and(|deadline| deadline <= now) {
            self.drain(now, actions);
        }
        if self.enquire_deadline().is_some_and(|deadline| deadline <= now) {
            self.request(now, Body::EnquireLink, Purpose::Session, actions);
        }
    }

    /// Sends an `enquire_link` on request of the shell.
    pub(super) fn probe(&mut self, now: Duration, wait: Duration, actions: &mut Actions<T>) {
        if !matches!(self.state, State::Bound(_)) || self.probed_until.is_some() {
            return;
        }
        if !self.outstanding.awaits(CommandId::EnquireLink) {
            self.request(now, Body::EnquireLink, Purpose::Session, actions);
        }
        self.probed_until = Some(now + wait);
    }

    fn expire_requests(&mut self, now: Duration, actions: &mut Actions<T>) {
        while let Some(late) = self.outstanding.take_late(now) {
            match late.purpose {
                Purpose::Message(token) => {
                    actions.push(Action::Completed(token, Completion::Unknown(Unanswered::TimedOut)));
                }
                Purpose::Session => return self.close(CloseReason::NoAnswer(late.command), actions),
            }
        }
    }

    fn init_deadline(&self) -> Duration {
        self.started + self.settings.session_init
    }

    /// Time of the next `enquire_link` after a silence, unless one is outstanding.
    fn enquire_deadline(&self) -> Option<Duration> {
        let alive = matches!(self.state, State::Bound(_) | State::Draining(..));
        (alive && !self.outstanding.awaits(CommandId::EnquireLink))
            .then(|| self.last_received + self.settings.enquire_link)
    }

    fn inactivity_deadline(&self) -> Option<Duration> {
        let waiting = self.outstanding.messages() + self.pending.len();
        match self.state {
            State::Bound(_) if waiting == 0 => self.settings.inactivity.map(|limit| self.last_message + limit),
            _ => None,
        }
    }
}
