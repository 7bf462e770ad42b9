//! What the three doors (SMPP server, HTTP server, ISO 8583) keep strangers out with, in one way.
//!
//! - [`Gate`]: how many connections there are, in all and of one address
//! - [`Strangers`]: who waits after a wrong secret, by `penalties`
//! - [`is_secret`]: whether a secret is right, in constant time
//!
//! Both write through a `FaultLog` of strangers, so nobody can fill a disk with lines about himself.

mod address;
mod gate;
mod penalties;
mod secret;
mod strangers;

pub use gate::{Door, Full, Gate, Pass};
pub use secret::is_secret;
pub use strangers::Strangers;
