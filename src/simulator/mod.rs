//! Simulated peers of the server: an SMSC that delivers texts, a bank that submits them, and a switch for cash
//! machines.
//!
//! - [`Smsc`]: a real SMPP server on a socket, with the same session engine as the links, in the other role
//! - [`Esme`]: a bank that binds to a server and submits, on the same engine
//! - [`Atm`]: a switch for cash machines, which reverses top-ups that were not answered
//! - [`play()`]: such a bank at work; [`report`]: the results of either peer
//! - [`message`]: a text as PDUs, in each form of long messages; `reader`: PDUs as a phone shows them
//! - [`faults`]: faults on request
//! - `client`: one session of a client; `shared`: state that all sessions share
//! - [`console`]: reads texts from a file, writes events as lines

pub mod atm;
mod client;
pub mod console;
pub mod esme;
pub mod faults;
pub mod message;
mod play;
mod reader;
pub mod report;
mod settings;
mod shared;
mod smsc;

pub use atm::{Atm, AtmCustomer, AtmReport, AtmSettings, Customers};
pub use esme::{Esme, NotBound, Submission};
pub use faults::{ErrorRate, Faults, ReceiptMark, ReceiptStyle, is_chosen};
pub use message::{LongStyle, NoText, NotDelivered, Text};
pub use play::play;
pub use report::Report;
pub use settings::{EsmeSettings, SmscSettings};
pub use shared::{Counters, Submitted};
pub use smsc::Smsc;
