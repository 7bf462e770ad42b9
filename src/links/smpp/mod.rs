//! Sessions over SMPP, in both roles: a tokio shell around [`crate::smpp::Session`].
//!
//! | file | what is there |
//! | --- | --- |
//! | [`driver`] | one connection: socket ↔ framer ↔ session, for either role |
//! | [`SmscLink`] | one configured SMSC: one session as a transceiver, or a transmitter and a receiver |
//! | [`server`] | banks and aggregators bind to us |
//! | `tls` | TLS and mutual TLS, on both sides |
//! | [`meter`] | what each session has done so far |
//! | `sessions` | connect, bind, come back after a loss |
//! | `backoff` | how long to wait before that |
//! | `accepted` | what became of a message, and the status that says so |
//! | `content` | what a message carries: a text, what was dialled, a part of a long text |
//! | `identifier` | what peers' messages are known by |
//! | [`Application`] | what sessions work for; who waits for an answer gets one in time, also where the database does not |
//! | `settings` | settings as the protocol has them, and limits that both roles share |
//! | `inbound`, `waiter` | a message PDU, or a part of one → commit → its response |
//! | `outbound`, `pace` | reply → segments → `submit_sm` or `deliver_sm` → outcome; throttle and pauses |
//! | [`receipts`], `settling` | what an SMSC says became of a reply, and its answer |
//! | `reports` | what those who submit to us are told about the ending of their messages |
//! | `ussd` | what is dialled becomes a message, its reply the answer that closes the dialogue |
//! | `conversation`, `dialogue` | dialogues through a menu: answers so far → screen, or the message that they come to |
//!
//! What is promised here: a message, or a part of one, is answered OK only after it is committed; a message of ours without an answer is reported as unknown and never sent again
//! from here; a PDU that cannot be read costs its sender an error and nobody else anything.

mod accepted;
mod application;
mod backoff;
mod content;
mod conversation;
mod dialogue;
pub mod driver;
mod identifier;
mod inbound;
mod link;
pub mod meter;
mod outbound;
mod pace;
pub mod receipts;
mod reports;
pub mod server;
mod sessions;
mod settings;
mod settling;
pub mod tls;
mod ussd;
mod waiter;

pub use accepted::Accepted;
pub use application::Application;
pub use link::{PreparedLink, SmscLink};
pub use server::{PreparedServer, SmppServer};
pub use settings::InvalidLink;
pub use tls::TlsError;
