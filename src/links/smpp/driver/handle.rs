//! Access to a connection from other tasks. Their commands wait in a queue, and the connection's task takes them
//! between reads and writes.

use std::fmt;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{mpsc, oneshot};

use crate::smpp::pdu::{Bind, Body};
use crate::smpp::session::{Completion, Refusal, Ticket, Unanswered};
use crate::smpp::status::CommandStatus;

/// Longest wait for the last octets to be written before the connection is closed.
pub(super) const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// A command from another task to the connection.
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

/// Access to a connection from other tasks. The session's two windows bound the length of the queue.
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

    /// Binds as an ESME. If it succeeds, [`super::Peer::bound`] is called.
    pub fn bind(&self, bind: Bind) {
        self.tell(Command::Bind(Box::new(bind)));
    }

    /// Sends a request and waits for its outcome.
    pub async fn request(&self, body: Body) -> Completion {
        let (sender, outcome) = oneshot::channel();
        if !self.tell(Command::Request(Box::new(body), sender)) {
            return Completion::Refused(Refusal::NotBound);
        }
        // The connection reports an outcome for every request. If it vanishes, the request may have been sent.
        tokio::select! {
            biased;
            told = outcome => told.unwrap_or(Completion::Unknown(Unanswered::Closed)),
            // If the connection's task is dropped, the request may remain in its queue without an outcome.
            () = self.0.closed().then(|()| tokio::time::sleep(FLUSH_TIMEOUT)) => Completion::Unknown(Unanswered::Closed),
        }
    }

    /// Answers a request of the peer. Without a body, the fields of the response are empty.
    pub fn answer(&self, ticket: Ticket, status: CommandStatus, body: Option<Body>) {
        self.tell(Command::Answer(ticket, status, body.map(Box::new)));
    }

    /// Accepts a bind, or refuses it with a status.
    pub fn decide(&self, ticket: Ticket, verdict: Result<(), CommandStatus>) {
        self.tell(Command::Decide(ticket, verdict));
    }

    /// Changes the windows: the most unanswered messages of ours, and the most unanswered requests of the peer.
    pub fn limit(&self, window: usize, peer_window: usize) {
        self.tell(Command::Limit(window, peer_window));
    }

    /// Sends an `enquire_link`. If nothing comes from the peer within `wait`, the session ends.
    pub fn probe(&self, wait: Duration) {
        self.tell(Command::Probe(wait));
    }

    /// Ends the session in good order.
    pub fn drain(&self) {
        self.tell(Command::Drain);
    }

    /// Returns true if the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// Returns true if both handles belong to the same connection.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.same_channel(&other.0)
    }

    /// Sends a command. If the connection has ended, the command is dropped, because there is no peer to answer.
    fn tell(&self, command: Command) -> bool {
        self.0.send(command).is_ok()
    }
}
