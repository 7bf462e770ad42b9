//! The SMPP server over real sockets: simulated banks, and clients that speak octets, on one end; in the processor's
//! place a till that says when something is committed.
//!
//! - `binds`: who may bind, and how many
//! - `abuse`: clients that mean harm, or are broken
//! - `submissions`: what banks submit, and when it is answered
//! - `replies`: what goes back
//! - `secure`: TLS, mutual TLS, new certificates
//! - `ussd`: what is dialled, and the answer that closes the dialogue

mod abuse;
pub(crate) mod bank;
mod binds;
pub(crate) mod raw;
mod replies;
mod secure;
mod submissions;
mod ussd;
