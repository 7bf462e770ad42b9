//! The application's side of a connection, and the reasons for its end.

use super::handle::Handle;
use crate::smpp::pdu::{Bind, BindMode, Pdu};
use crate::smpp::session::{CloseReason, Notice, Ticket};

/// The application's side of a session. It is called on the connection's task and must not block.
pub trait Peer: Send {
    /// The peer wants to bind. Decide with [`Handle::decide`].
    fn authenticate(&mut self, ticket: Ticket, bind: Bind, handle: &Handle);
    /// The session is bound.
    fn bound(&mut self, mode: BindMode, handle: &Handle);
    /// The peer sent a request. Answer it with [`Handle::answer`].
    fn request(&mut self, ticket: Ticket, pdu: Pdu, handle: &Handle);
    /// The session has an event for the log.
    fn notice(&mut self, notice: Notice);
}

/// The reason that a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The session ended it.
    #[error("{0}")]
    Session(CloseReason),
    /// The peer did not read what was sent to it.
    #[error("the peer does not read")]
    SlowReader,
    /// The socket failed.
    #[error("{0}")]
    Socket(#[from] std::io::Error),
}
