//! One side of an SMPP session, for both roles: a pure state machine.
//!
//! `(state, event) → (state, actions)`: [`Session::handle`] takes an [`Event`] with the time at which it happened,
//! moves the state and appends what the shell must do to [`Actions`]: octets to write, requests to serve, outcomes of
//! our own requests, whether to close. The shell owns socket, clock and tasks; nothing here waits.
//!
//! ```text
//!            bind                 accepted                  Drain            idle or late
//!   Open ----------> Binding ----------------> Bound ----------> Draining ----------------> Unbinding
//!                       | refused                | unbind from the peer                          |
//!                       v                        v                                               v unbind_resp
//!                     Closed <------------- PeerUnbinding                                      Closed
//! ```
//!
//! What it keeps, whatever the peer sends: a request is answered at most once; a response or a nack is never answered;
//! an unreadable PDU costs its sender an error and nobody else anything; memory is bounded by the two windows.
//!
//! | file | what is there |
//! | --- | --- |
//! | [`settings`], [`event`] | windows and timers; events, actions, outcomes |
//! | `receive` | what a PDU of the peer's does |
//! | `send` | our requests, our answers, bind and unbind |
//! | `timers` | what the passing of time does |
//! | `outstanding` | our requests that wait for an answer, sequence numbers |

pub mod event;
mod outstanding;
mod receive;
mod send;
pub mod settings;
mod timers;

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod ending_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod script_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod witness_tests;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::smpp::command::CommandId;
use crate::smpp::encode::encode;
use crate::smpp::frame::Frame;
use crate::smpp::pdu::{BindMode, Pdu};

pub use event::{Action, Actions, CloseReason, Completion, Event, Notice, Refusal, Ticket, Unanswered};
use outstanding::Outstanding;
pub use settings::{INTERFACE_VERSION, Role, Settings};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Connected, nobody bound.
    Open,
    /// A bind waits for its answer: the SMSC's, or our shell's.
    Binding(BindMode),
    /// Messages flow.
    Bound(BindMode),
    /// Bound, but nothing new is begun; unbinds when idle, or at this time.
    Draining(BindMode, Duration),
    /// Our unbind waits for its answer.
    Unbinding,
    /// The peer's unbind of this sequence number waits until its requests are answered, or until this time.
    PeerUnbinding { sequence: u32, until: Duration },
    /// Over: events change nothing.
    Closed,
}

/// A request of the peer's that was handed to the shell.
#[derive(Debug, Clone, Copy)]
struct Pending {
    sequence: u32,
    response: CommandId,
}

/// One side of a session. `T` is the shell's handle on a request of its own; it comes back with the outcome.
#[derive(Debug)]
pub struct Session<T> {
    settings: Settings,
    state: State,
    outstanding: Outstanding<T>,
    /// Requests of the peer's that the shell has not answered.
    pending: HashMap<Ticket, Pending>,
    next_ticket: u64,
    /// Requests that came on the heels of a bind and wait for it.
    held: VecDeque<Frame>,
    /// PDUs that came before a bind and mean nothing there.
    strange: u8,
    peer_version: Option<u8>,
    started: Duration,
    last_received: Duration,
    last_message: Duration,
    partial_since: Option<Duration>,
    /// Until when the peer has to show that it lives, where somebody asked.
    probed_until: Option<Duration>,
}

impl<T> Session<T> {
    /// A fresh connection, at `now` on the clock that every later event uses.
    pub fn new(settings: Settings, now: Duration) -> Self {
        Self {
            settings,
            state: State::Open,
            outstanding: Outstanding::new(),
            pending: HashMap::new(),
            next_ticket: 0,
            held: VecDeque::new(),
            strange: 0,
            peer_version: None,
            started: now,
            last_received: now,
            last_message: now,
            partial_since: None,
            probed_until: None,
        }
    }

    /// Takes an event; appends what is to be done.
    pub fn handle(&mut self, now: Duration, event: Event<T>, actions: &mut Actions<T>) {
        match event {
            Event::Received(frame) => {
                // What is partial behind it has begun after it: a busy peer's reads may end within a PDU every time.
                self.partial_since = None;
                self.receive(now, &frame, actions);
            }
            Event::Broken(fatal) => {
                self.write(&fatal.reply(), actions);
                self.close(CloseReason::Broken(fatal), actions);
            }
            Event::Partial(partial) => {
                self.partial_since = partial.then(|| self.partial_since.unwrap_or(now));
            }
            Event::Bind(bind) => self.bind(now, *bind, actions),
            Event::Send(token, body) => self.send(now, token, *body, actions),
            Event::Answer { ticket, status, body } => self.answer(ticket, status, body.map(|body| *body), actions),
            Event::BindDecision { ticket, verdict } => self.decide_bind(now, ticket, verdict, actions),
            Event::Limit { window, peer_window } => {
                self.settings.window = window;
                self.settings.peer_window = peer_window;
            }
            Event::Probe(wait) => self.probe(now, wait, actions),
            Event::Drain => self.drain(now, actions),
            Event::Tick => {}
            Event::Disconnected => self.close(CloseReason::Disconnected, actions),
        }
        self.pass_time(now, actions);
        self.finish_if_idle(now, actions);
    }

    /// What the session is bound for, while messages flow.
    pub const fn bound(&self) -> Option<BindMode> {
        match self.state {
            State::Bound(mode) => Some(mode),
            _ => None,
        }
    }

    /// The version of SMPP that the peer said it speaks.
    pub const fn peer_version(&self) -> Option<u8> {
        self.peer_version
    }

    /// Nothing will happen any more.
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Requests of ours that wait for an answer, `enquire_link` and the like included.
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Requests of the peer's that wait for ours.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    fn write(&self, pdu: &Pdu, actions: &mut Actions<T>) {
        if self.is_closed() {
            return;
        }
        if encode(pdu, &mut actions.out).is_err() {
            // Too long for any peer: the requester learns that it failed.
            let refusal = pdu.command().code() & !crate::smpp::command::RESPONSE_BIT;
            let refusal = CommandId::from_code(refusal).and_then(|command| {
                Pdu::error_response(command, crate::smpp::CommandStatus::SYSTEM_ERROR, pdu.sequence)
            });
            if let Some(refusal) = refusal {
                // A refusal has empty fields, so that it fits.
                let _fits = encode(&refusal, &mut actions.out);
            }
        }
    }

    /// Nothing is answered or sent from here on; whoever waits for an answer learns that none will come.
    fn close(&mut self, reason: CloseReason, actions: &mut Actions<T>) {
        if self.is_closed() {
            return;
        }
        self.state = State::Closed;
        self.pending.clear();
        self.held.clear();
        for token in self.outstanding.take_all() {
            actions.push(Action::Completed(token, Completion::Unknown(Unanswered::Closed)));
        }
        actions.push(Action::Close(reason));
    }
}
