//! One side of an SMPP session, for both roles: a pure state machine.
//!
//! `(state, event) → (state, actions)`: [`Session::handle`] takes an [`Event`] with its time, changes the state and
//! appends to [`Actions`] what the shell must do: write octets, serve requests, report outcomes of our own requests,
//! close. The shell owns socket, clock and tasks; nothing here waits.
//!
//! ```text
//!            bind                 accepted                  Drain            idle or late
//!   Open ----------> Binding ----------------> Bound ----------> Draining ----------------> Unbinding
//!                       | refused                | unbind from the peer                          |
//!                       v                        v                                               v unbind_resp
//!                     Closed <------------- PeerUnbinding                                      Closed
//! ```
//!
//! Invariants, whatever the peer sends: a request is answered at most once; a response or a nack is never answered; an
//! unreadable PDU costs its sender an error response and has no other effect; the two windows bound the memory.
//!
//! | file | content |
//! | --- | --- |
//! | [`settings`], [`event`] | windows and timers; events, actions, outcomes |
//! | `receive` | effects of a PDU from the peer |
//! | `send` | our requests, our answers, bind and unbind |
//! | `timers` | effects of the passing of time |
//! | `outstanding` | our requests that wait for a response, sequence numbers |

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Connected, not bound.
    Open,
    /// A bind waits for its response: the SMSC's, or our shell's.
    Binding(BindMode),
    /// Messages may be sent.
    Bound(BindMode),
    /// Bound, but no new request is begun. Unbinds when idle, or at this time.
    Draining(BindMode, Duration),
    /// Our unbind waits for its response.
    Unbinding,
    /// The peer's unbind with this sequence number waits until the requests of both sides are answered, or until this
    /// time.
    PeerUnbinding { sequence: u32, until: Duration },
    /// Ended: events have no effect.
    Closed,
}

/// A request of the peer that was handed to the shell.
#[derive(Debug, Clone, Copy)]
struct Pending {
    sequence: u32,
    response: CommandId,
}

/// One side of a session. `T` is the shell's token for a request of its own; the outcome is reported with it.
#[derive(Debug)]
pub struct Session<T> {
    settings: Settings,
    state: State,
    outstanding: Outstanding<T>,
    /// Requests of the peer that the shell has not answered.
    pending: HashMap<Ticket, Pending>,
    next_ticket: u64,
    /// Requests that followed a bind immediately and wait for its decision.
    held: VecDeque<Frame>,
    /// Number of PDUs that were invalid before a bind.
    strange: u8,
    peer_version: Option<u8>,
    started: Duration,
    last_received: Duration,
    last_message: Duration,
    partial_since: Option<Duration>,
    /// Time by which the peer must send something, if the session is probed.
    probed_until: Option<Duration>,
}

impl<T> Session<T> {
    /// A new connection. `now` is on the clock that all events use.
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

    /// Handles an event; appends what the shell must do to `actions`.
    pub fn handle(&mut self, now: Duration, event: Event<T>, actions: &mut Actions<T>) {
        match event {
            Event::Received(frame) => {
                // An incomplete PDU behind this one began after it: reads from a busy peer may always end within a PDU.
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

    /// The mode of the session while it may send messages.
    pub const fn bound(&self) -> Option<BindMode> {
        match self.state {
            State::Bound(mode) => Some(mode),
            _ => None,
        }
    }

    /// Version of SMPP that the peer announced.
    pub const fn peer_version(&self) -> Option<u8> {
        self.peer_version
    }

    /// Returns true if the session has ended.
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Number of our requests that wait for a response, `enquire_link` and the like included.
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Number of the peer's requests that wait for our response.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    fn write(&self, pdu: &Pdu, actions: &mut Actions<T>) {
        if self.is_closed() {
            return;
        }
        if encode(pdu, &mut actions.out).is_err() {
            // The response is too long for any peer: the requester gets an error instead.
            let refusal = pdu.command().code() & !crate::smpp::command::RESPONSE_BIT;
            let refusal = CommandId::from_code(refusal).and_then(|command| {
                Pdu::error_response(command, crate::smpp::CommandStatus::SYSTEM_ERROR, pdu.sequence)
            });
            if let Some(refusal) = refusal {
                // The fields of a refusal are empty, so it fits.
                let _fits = encode(&refusal, &mut actions.out);
            }
        }
    }

    /// Ends the session. Requests that wait for a response get the outcome that none was received.
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
