//! Links to an SMSC over real sockets: our ESME link on one end, the simulated SMSC on the other, and in the
//! processor's place a till that says when something is committed.
//!
//! - `inbound`: what an SMSC delivers, and when it is answered
//! - `outbound`: what we submit, and what the dispatcher learns
//! - `sessions`: bind, loss, return, farewell
//! - `receipts`: what an SMSC says became of a reply
//! - `server`: banks that bind to us

mod inbound;
mod outbound;
mod receipts;
mod server;
mod sessions;
mod till;
#[path = "../common/wait.rs"]
mod wait;
