//! Events that a session handles, and actions that its shell must do.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::smpp::command::CommandId;
use crate::smpp::error::{Fatal, Recoverable};
use crate::smpp::frame::Frame;
use crate::smpp::pdu::{Bind, BindMode, Body, Pdu};
use crate::smpp::status::CommandStatus;

#[derive(Debug)]
pub enum Event<T> {
    /// A whole PDU was received.
    Received(Frame),
    /// PDU boundaries in the stream are lost.
    Broken(Fatal),
    /// A read ended; true if a PDU has begun and is not complete.
    Partial(bool),
    /// Bind to the SMSC (as an ESME).
    Bind(Box<Bind>),
    /// Send this request; its outcome is reported with the token.
    Send(T, Box<Body>),
    /// The shell's answer to [`Action::Request`]. Without a body, the fields of the response are empty.
    Answer {
        ticket: Ticket,
        /// `command_status` of the response.
        status: CommandStatus,
        /// Fields of the response.
        body: Option<Box<Body>>,
    },
    /// The shell's answer to [`Action::Authenticate`].
    BindDecision {
        ticket: Ticket,
        /// Accepted, or the status that refuses it.
        verdict: Result<(), CommandStatus>,
    },
    /// New windows, as in [`Settings`](super::Settings).
    Limit {
        /// Our messages that may wait for a response at once.
        window: usize,
        /// Requests of the peer that may wait for our response at once.
        peer_window: usize,
    },
    /// Send an `enquire_link` now. The session ends if the peer sends nothing for this long.
    Probe(Duration),
    /// End the session in order: finish requests in flight, unbind, close.
    Drain,
    Tick,
    /// The connection was lost.
    Disconnected,
}

/// Identifies a request of the peer until it is answered. Unique within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub(super) u64);

/// Output of a session for its shell.
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

    /// Takes all actions but not the octets.
    pub fn drain(&mut self) -> impl Iterator<Item = Action<T>> + '_ {
        self.todo.drain(..)
    }
}

/// A single action for the shell.
#[derive(Debug)]
pub enum Action<T> {
    /// Check the credentials of a bind, then send [`Event::BindDecision`].
    Authenticate(Ticket, Box<Bind>),
    /// The session is bound; messages may be sent.
    Bound {
        mode: BindMode,
        /// Version of SMPP that the peer announced, if any.
        peer_version: Option<u8>,
        /// Name of the peer.
        system_id: Bytes,
    },
    /// Serve a request of the peer, then send [`Event::Answer`].
    Request(Ticket, Box<Pdu>),
    /// A request of ours has its outcome.
    Completed(T, Completion),
    /// For logs and counters.
    Notice(Notice),
    /// Write the remaining octets, then close the connection.
    Close(CloseReason),
}

/// Outcome of a request of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completion {
    /// The peer responded, with any status.
    Answered(Box<Pdu>),
    /// The peer sent a `generic_nack`: it could not read the request.
    Nacked(CommandStatus),
    /// The request was not sent.
    Refused(Refusal),
    /// The request was sent and not answered. The peer may have acted on it.
    Unknown(Unanswered),
}

/// Reason for which a request was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The session is not bound, or not in a mode that allows the request.
    NotBound,
    /// The window is full of requests that wait for a response.
    WindowFull,
    /// The PDU is not a request that has a response.
    NotARequest,
    /// The PDU is longer than allowed.
    TooLong,
}

/// Reason for which no response was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// The response timer expired.
    TimedOut,
    Closed,
}

/// An observation for logs and counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A PDU of the peer could not be decoded. If it can be answered, it was answered with the error.
    Malformed(Recoverable),
    /// A request was refused without asking the shell.
    Refused(CommandId, CommandStatus),
    /// A response that matches no outstanding request: late, or never requested.
    UnexpectedResponse {
        /// `command_id`, known or not.
        command: u32,
        sequence: u32,
        status: CommandStatus,
    },
    /// `outbind` or `alert_notification`, which have no response.
    Unanswerable(CommandId),
}

/// Reason for which a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    #[error("{0}")]
    Broken(Fatal),
    /// The SMSC, or our shell, refused the bind.
    #[error("bind refused: {0}")]
    BindRefused(CommandStatus),
    /// The peer sent several PDUs that are invalid before a bind.
    #[error("too many invalid PDUs before a bind")]
    Stranger,
    #[error("no bind within the session_init timer")]
    SessionInit,
    /// The peer did not answer an `enquire_link`, a bind or an unbind.
    #[error("no answer to {0}")]
    NoAnswer(CommandId),
    /// A PDU was begun and not finished in time.
    #[error("a PDU was begun and not finished")]
    PartialPdu,
    /// We sent an unbind, and the peer answered.
    #[error("unbound")]
    Unbound,
    /// The peer sent an unbind.
    #[error("unbound by the peer")]
    UnboundByPeer,
    #[error("disconnected")]
    Disconnected,
}
