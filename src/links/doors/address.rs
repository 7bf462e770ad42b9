//! What counts as one address.

use std::net::{IpAddr, Ipv6Addr};

/// What counts as one address: of IPv6 a network of 64 bits, of which everybody has as many addresses as there are.
pub(super) fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}
