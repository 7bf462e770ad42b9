//! Protection of the three servers (SMPP, HTTP, ISO 8583) against strangers.
//!
//! - [`Gate`]: limits of the number of connections, in all and from one address
//! - [`Strangers`]: waits after wrong secrets, kept by `penalties`
//! - [`is_secret`]: comparison of a secret in constant time
//!
//! [`Gate`] and [`Strangers`] log through a `FaultLog` of strangers, so that no peer can fill the disk with log lines.

mod address;
mod gate;
mod penalties;
mod secret;
mod strangers;

pub use gate::{Door, Full, Gate, Pass};
pub use secret::is_secret;
pub use strangers::Strangers;
