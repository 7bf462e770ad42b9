//! The way to a connection from other tasks: what they want of it queues up, and its task takes it in between reading
//! and writing.

use std::fmt;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};

use crate::smpp::pdu::{Bind, Body};
use crate::smpp::session::{Completion, Refusal, Ticket, Unanswered};
use crate::smpp::status::CommandStatus;

/// How long the last octets may take before the connection is closed.
pub(super) const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// What other tasks want of a connection.
#[derive(Debug)]
pub(super) enum Command {
    Bind(Box<Bind>),
    Request(Box<Body>, oneshot::Sender<Completion>),
    Answer(Ticket, CommandStatus, Option<Box<Body>>),
    Decide(Ticket, Result<(), CommandStatus>),
    Limit(usize, usize),
    Probe(Duration),
    Drain,
}

/// Reaches a connection from other tasks. What waits in it is bounded by the session's two windows.
#[derive(Clone)]
pub struct Handle(mpsc::UnboundedSender<Command>);

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}

impl Handle {
    pub(super) const fn new(commands: mpsc::UnboundedSender<Command>) -> Self {
        Self(commands)
    }

    /// Binds as an ESME; [`super::Peer::bound`] says when it worked.
    pub fn bind(&self, bind: Bind) {
        self.tell(Command::Bind(Box::new(bind)));
    }

    /// Sends a request and waits for what becomes of it.
    pub async fn request(&self, body: Body) -> Completion {
        let (sender, outcome) = oneshot::channel();
        if !self.tell(Command::Request(Box::new(body), sender)) {
            return Completion::Refused(Refusal::NotBound);
        }
        // The connection tells every request its outcome; were it to vanish, the request may have been sent.
        tokio::select! {
            biased;
            told = outcome => told.unwrap_or(Completion::Unknown(Unanswered::Closed)),
            // A task that is dropped in the midst of its work may leave the request in its queue, untold for ever.
            () = self.0.closed().then(|()| tokio::time::sleep(FLUSH_TIMEOUT)) => Completion::Unknown(Unanswered::Closed),
        }
    }

    /// Answers a request of the peer's; without a body the response's fields are empty.
    pub fn answer(&self, ticket: Ticket, status: CommandStatus, body: Option<Body>) {
        self.tell(Command::Answer(ticket, status, body.map(Box::new)));
    }

    /// Accepts a bind, or refuses it with a status.
    pub fn decide(&self, ticket: Ticket, verdict: Result<(), CommandStatus>) {
        self.tell(Command::Decide(ticket, verdict));
    }

    /// Sets other windows: messages of ours, and requests of the peer's, that may wait for an answer at once.
    pub fn limit(&self, window: usize, peer_window: usize) {
        self.tell(Command::Limit(window, peer_window));
    }

    /// Asks the peer whether it lives; without a sign of it for so long, the session ends.
    pub fn probe(&self, wait: Duration) {
        self.tell(Command::Probe(wait));
    }

    /// Ends the session in good order.
    pub fn drain(&self) {
        self.tell(Command::Drain);
    }

    /// The connection is gone, or another one is meant.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Both reach the same connection.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.same_channel(&other.0)
    }

    /// A connection that is gone needs to be told nothing: it has no peer to answer.
    fn tell(&self, command: Command) -> bool {
        self.0.send(command).is_ok()
    }
}
