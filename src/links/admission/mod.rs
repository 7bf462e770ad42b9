//! Protection of the three servers (SMPP, HTTP, ISO 8583) against strangers.
//!
//! - [`ConnectionLimits`]: limits of the number of connections, in all and from one address
//! - [`AuthFailures`]: waits after wrong secrets, kept by `penalties`
//! - [`is_secret`]: comparison of a secret in constant time
//!
//! [`ConnectionLimits`] and [`AuthFailures`] log through a `FaultLog` of strangers, so that no peer can fill the disk with log lines.

mod address;
mod failures;
mod limits;
mod penalties;
mod secret;

pub use failures::AuthFailures;
pub use limits::{Admitted, ConnectionLimits, Full, Listener};
pub use secret::is_secret;
