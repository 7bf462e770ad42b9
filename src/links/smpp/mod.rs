//! Sessions over SMPP, in both roles: a tokio shell around [`crate::smpp::Session`].
//!
//! | file | content |
//! | --- | --- |
//! | [`driver`] | one connection: socket ↔ framer ↔ session, for either role |
//! | [`SmscLink`] | one configured SMSC: one session as a transceiver, or a transmitter and a receiver |
//! | [`server`] | the server that banks and aggregators bind to |
//! | `tls` | TLS and mutual TLS, on both sides |
//! | [`meter`] | counters of each session |
//! | `sessions` | connecting, binding, and reconnecting after a loss |
//! | `trouble` | the last reason why a link has no session |
//! | `backoff` | the wait before the next attempt to connect |
//! | `accepted` | the outcome of a message, and its `command_status` |
//! | `content` | the content of a message: a text, a dialled code, a part of a long text |
//! | `identifier` | identifiers that peers give their messages |
//! | [`Application`] | the services that sessions use, with a limit for each wait |
//! | `settings` | settings in the form of the protocol, and limits that both roles share |
//! | `inbound`, `parts`, `waiter` | a message PDU, or a part of one → commit → its response |
//! | `doubt` | the time since which a peer may repeat what was done |
//! | `outbound`, `outcome`, `pace` | reply → segments → `submit_sm` or `deliver_sm` → outcome; throttling and pauses |
//! | [`receipts`], `settling` | delivery receipts of SMSCs, and their answers |
//! | `reports` | receipts and states for peers that submit to us |
//! | `ussd` | a dialled code becomes a message, and the reply closes the dialogue |
//! | `conversation`, `dialogue` | dialogues through a menu: answers so far → a screen, or a message |
//!
//! Guarantees of this module:
//!
//! - A message, or a part of one, is answered OK only after it is committed.
//! - A message of ours without an answer is reported as unknown and is never sent again from here.
//! - A PDU that cannot be read costs its sender an error. It has no effect on other peers.

mod accepted;
mod application;
mod backoff;
mod content;
mod conversation;
mod dialogue;
mod doubt;
pub mod driver;
mod identifier;
mod inbound;
mod link;
pub mod meter;
mod outbound;
mod outcome;
mod pace;
mod parts;
pub mod receipts;
mod reports;
pub mod server;
mod sessions;
mod settings;
mod settling;
pub mod tls;
mod trouble;
mod ussd;
mod waiter;

pub use accepted::Accepted;
pub use application::Application;
pub use link::{PreparedLink, SmscLink};
pub use server::{PreparedServer, SmppServer};
pub use settings::InvalidLink;
pub use tls::TlsError;
