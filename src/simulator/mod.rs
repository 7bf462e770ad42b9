//! The other end, played: an SMSC that delivers texts, a bank that submits them; what comes back is shown.
//!
//! - [`Smsc`]: a real SMPP server on a socket, with the same session engine as the links, in the other role
//! - [`Esme`]: a bank that binds to a server and submits, on the same engine again
//! - [`load`]: such a bank under way, with a report
//! - [`faults`]: what it does wrong when told to
//! - `client`: one session of somebody who bound; `shared`: what all of them share; `reader`: what a phone shows
//! - [`console`]: texts from a file in, what happened as lines out

mod client;
pub mod console;
pub mod esme;
pub mod faults;
pub mod load;
mod reader;
mod shared;
mod smsc;

pub use esme::{Esme, EsmeSettings, NotBound, Submission};
pub use faults::{Faults, ReceiptStyle};
pub use load::{Load, Report};
pub use shared::{Counters, Submitted};
pub use smsc::{NotDelivered, Smsc, SmscSettings, Text};
