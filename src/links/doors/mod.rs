//! What the three doors (SMPP server, HTTP server, ISO 8583) keep strangers out with, in one way.
//!
//! - [`Gate`]: how many connections there are, in all and of one address
//! - [`Strangers`]: who waits after a wrong secret, by `penalties`
//! - [`is_secret`]: whether a secret is right, in constant time
//!
//! Both write through a `FaultLog` of strangers, so nobody can fill a disk with lines about himself.

mod gate;
mod penalties;
mod secret;
mod strangers;

use std::net::{IpAddr, Ipv6Addr};

pub use gate::{Door, Full, Gate, Pass};
use penalties::Penalties;
pub use secret::is_secret;
pub use strangers::Strangers;

/// What counts as one address: of IPv6 a network of 64 bits, of which everybody has as many addresses as there are.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}
