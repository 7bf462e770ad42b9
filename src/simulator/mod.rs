//! The other end, played: an SMSC that delivers texts, a bank that submits them; what comes back is shown.
//!
//! - [`Smsc`]: a real SMPP server on a socket, with the same session engine as the links, in the other role
//! - [`Esme`]: a bank that binds to a server and submits, on the same engine again
//! - [`Atm`]: a switch of cash machines, which reverses what was not answered
//! - [`load`]: such a bank under way; [`report`]: what either peer counts
//! - [`message`]: a text as PDUs, in each style of long messages; `reader`: PDUs as what a phone shows
//! - [`faults`]: what it does wrong when told to
//! - `client`: one session of somebody who bound; `shared`: what all of them share
//! - [`console`]: texts from a file in, what happened as lines out

pub mod atm;
mod client;
pub mod console;
pub mod esme;
pub mod faults;
pub mod load;
pub mod message;
mod reader;
pub mod report;
mod settings;
mod shared;
mod smsc;

pub use atm::{Atm, AtmCustomer, AtmReport, AtmSettings, Customers};
pub use esme::{Esme, EsmeSettings, NotBound, Submission};
pub use faults::{ErrorRate, Faults, ReceiptMark, ReceiptStyle};
pub use load::Load;
pub use message::{DEFAULT_SENDER, LongStyle, NoText, NotDelivered, Text};
pub use report::Report;
pub use settings::SmscSettings;
pub use shared::{Counters, Submitted};
pub use smsc::Smsc;
