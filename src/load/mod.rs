//! The load generator: plays an SMSC, a bank or a bank's machine as fast as asked, and judges every reply.
//!
//! - [`LoadSmsc`], [`LoadEsme`]: the two sides of SMPP; [`LoadHttp`]: `POST /v1/topups`
//! - `session`: one bound session; `wire`: a connection before it is bound; `composer`: the PDU of a message; `content`: the text of a reply
//! - `identity`: the name that both sides of SMPP bind with; `status`: the status of an answer
//! - `engine`: which message is sent when, and what became of it; `flight`: the state of one; `judge`: to which message a reply belongs
//! - `plan`: the settings; `template`, `numbers`: the texts and the numbers of the messages
//! - `run`: from the start to the report; `shared`: what all sessions of a run share
//! - `tally`, `histogram`, `report`: counters, times and their presentation; `watch`: CPU time and memory of processes

mod composer;
mod content;
mod engine;
mod esme;
mod flight;
mod histogram;
mod http;
mod identity;
mod judge;
mod numbers;
mod plan;
mod report;
mod run;
mod session;
mod shared;
mod smsc;
mod status;
mod tally;
mod template;
mod watch;
mod wire;

pub use esme::LoadEsme;
pub use http::LoadHttp;
pub use identity::Identity;
pub use numbers::Numbers;
pub use plan::{Pace, Plan, Right, Texts, Watched};
pub use report::Report;
pub use run::{Control, NotRun};
pub use smsc::LoadSmsc;
pub use template::BadTemplate;
