//! What happens to a session, and what it asks its shell to do.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::smpp::command::CommandId;
use crate::smpp::error::{Fatal, Recoverable};
use crate::smpp::frame::Frame;
use crate::smpp::pdu::{Bind, BindMode, Body, Pdu};
use crate::smpp::status::CommandStatus;

/// Something happened.
#[derive(Debug)]
pub enum Event<T> {
    /// A whole PDU came.
    Received(Frame),
    /// The stream cannot be followed any more.
    Broken(Fatal),
    /// After a read: whether a PDU has begun that is not whole.
    Partial(bool),
    /// Bind to the SMSC (ESME).
    Bind(Box<Bind>),
    /// Send this request; its outcome comes back with the token.
    Send(T, Box<Body>),
    /// The shell's answer to [`Action::Request`]. Without a body the response's fields are empty.
    Answer {
        /// Which request.
        ticket: Ticket,
        /// `command_status` of the response.
        status: CommandStatus,
        /// Fields of the response.
        body: Option<Box<Body>>,
    },
    /// The shell's answer to [`Action::Authenticate`].
    BindDecision {
        /// Which bind.
        ticket: Ticket,
        /// Accepted, or the status that refuses it.
        verdict: Result<(), CommandStatus>,
    },
    /// Other windows from here on: ours and the peer's, as in [`Settings`](super::Settings).
    Limit {
        /// Messages of ours that may wait for an answer at once.
        window: usize,
        /// Requests of the peer's that may wait for ours at once.
        peer_window: usize,
    },
    /// Ask the peer at once whether it lives; without a sign of it for so long, the session ends.
    Probe(Duration),
    /// End the session in good order: finish what is in flight, unbind, close.
    Drain,
    /// Time passed.
    Tick,
    /// The connection is gone.
    Disconnected,
}

/// Names a request of the peer's until it is answered. Never used twice within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub(super) u64);

/// What the shell has to do.
#[derive(Debug)]
pub struct Actions<T> {
    /// Octets to write to the peer, in this order, before the connection is closed.
    pub out: BytesMut,
    todo: Vec<Action<T>>,
}

impl<T> Default for Actions<T> {
    fn default() -> Self {
        Self { out: BytesMut::new(), todo: Vec::new() }
    }
}

impl<T> Actions<T> {
    pub(super) fn push(&mut self, action: Action<T>) {
        self.todo.push(action);
    }

    /// Takes all but the octets.
    pub fn drain(&mut self) -> impl Iterator<Item = Action<T>> + '_ {
        self.todo.drain(..)
    }
}

/// One thing to do.
#[derive(Debug)]
pub enum Action<T> {
    /// Check who wants to bind, then [`Event::BindDecision`].
    Authenticate(Ticket, Box<Bind>),
    /// The session is bound: messages may be sent.
    Bound {
        /// What for.
        mode: BindMode,
        /// The peer's version of SMPP, if it said.
        peer_version: Option<u8>,
        /// The peer's name.
        system_id: Bytes,
    },
    /// Serve a request of the peer's, then [`Event::Answer`].
    Request(Ticket, Box<Pdu>),
    /// What became of a request of ours.
    Completed(T, Completion),
    /// For logs and counters.
    Notice(Notice),
    /// Write what is left, then close the connection.
    Close(CloseReason),
}

/// What became of a request of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// The peer's response, whatever its status.
    Answered(Box<Pdu>),
    /// A `generic_nack`: the peer could not read the request.
    Nacked(CommandStatus),
    /// It was never sent.
    Refused(Refusal),
    /// It was sent and no answer came: the peer may have acted on it.
    Unknown(Unanswered),
}

/// Why a request was never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not bound, or not for this.
    NotBound,
    /// As many requests as the window holds wait for an answer.
    WindowFull,
    /// It is no request that has an answer.
    NotARequest,
    /// Longer than a PDU may be.
    TooLong,
}

/// Why no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The response timer ran out.
    TimedOut,
    /// The session ended.
    Closed,
}

/// Something for logs and counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A PDU of the peer's could not be read; it was answered so, where it can be answered.
    Malformed(Recoverable),
    /// A request was refused without the shell being asked.
    Refused(CommandId, CommandStatus),
    /// A response to nothing that waits for one: late, or never asked for.
    UnexpectedResponse {
        /// `command_id`, known or not.
        command: u32,
        /// `sequence_number`.
        sequence: u32,
        /// `command_status`.
        status: CommandStatus,
    },
    /// `outbind` or `alert_notification`, which nobody answers.
    Unanswerable(CommandId),
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// The stream cannot be followed.
    #[error("{0}")]
    Broken(Fatal),
    /// The SMSC, or our shell, refused the bind.
    #[error("bind refused: {0}")]
    BindRefused(CommandStatus),
    /// A peer sent what means nothing before a bind, again and again.
    #[error("only nonsense before a bind")]
    Stranger,
    /// Nobody bound in time.
    #[error("no bind within the session_init timer")]
    SessionInit,
    /// The peer did not answer an `enquire_link`, a bind or an unbind.
    #[error("no answer to {0}")]
    NoAnswer(CommandId),
    /// A PDU that was begun was not finished in time.
    #[error("a PDU was begun and not finished")]
    PartialPdu,
    /// We unbound, and the peer answered.
    #[error("unbound")]
    Unbound,
    /// The peer unbound.
    #[error("unbound by the peer")]
    UnboundByPeer,
    /// The connection was gone.
    #[error("disconnected")]
    Disconnected,
}
