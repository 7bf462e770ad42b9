//! Whom a connection works for, and how it ends.

use super::handle::Handle;
use crate::smpp::pdu::{Bind, BindMode, Pdu};
use crate::smpp::session::{CloseReason, Notice, Ticket};

/// What the application does with what a session brings. Called on the connection's task: must not wait.
pub trait Peer: Send {
    /// Somebody wants to bind: say so with [`Handle::decide`].
    fn authenticate(&mut self, ticket: Ticket, bind: Bind, handle: &Handle);
    /// The session is bound.
    fn bound(&mut self, mode: BindMode, handle: &Handle);
    /// A request of the peer's: answer it with [`Handle::answer`].
    fn request(&mut self, ticket: Ticket, pdu: Pdu, handle: &Handle);
    /// Something for the log.
    fn notice(&mut self, notice: Notice);
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The session said so.
    #[error("{0}")]
    Session(CloseReason),
    /// The peer did not read what was sent to it.
    #[error("the peer does not read")]
    SlowReader,
    /// The socket failed.
    #[error("{0}")]
    Socket(#[from] std::io::Error),
}
