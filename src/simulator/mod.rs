//! The other end, played: an SMSC that delivers texts and shows what comes back.
//!
//! - [`Smsc`]: a real SMPP server on a socket, with the same session engine as the links, in the other role
//! - [`faults`]: what it does wrong when told to
//! - `client`: one session of somebody who bound; `shared`: what all of them share
//! - [`console`]: texts from a file in, what happened as lines out

mod client;
pub mod console;
pub mod faults;
mod shared;
mod smsc;

pub use faults::Faults;
pub use shared::{Counters, Submitted};
pub use smsc::{NotDelivered, Smsc, SmscSettings, Text};
