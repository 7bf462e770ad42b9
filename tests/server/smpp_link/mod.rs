//! Links to an SMSC over real sockets: our ESME link on one end, the simulated SMSC on the other, and in the
//! processor's place a till that says when something is committed.
//!
//! - `inbound`: what an SMSC delivers, and when it is answered
//! - `odd`: what an SMSC delivers that no specification has, octet by octet
//! - `ussd`: what is dialled at an SMSC, and the answers
//! - `spoken`: an SMSC that writes octets and reads PDUs, and does nothing by itself
//! - `outbound`: what we submit, and what the dispatcher learns
//! - `languages`: replies in UCS-2 and of several parts, from the processor to the phone
//! - `sessions`: bind, loss, return, farewell
//! - `receipts`: what an SMSC says became of a reply
//! - `server`: banks that bind to us

mod inbound;
mod languages;
mod odd;
mod outbound;
mod receipts;
mod server;
mod sessions;
mod spoken;
mod till;
mod ussd;
