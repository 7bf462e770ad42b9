//! The unit in which addresses are counted.

use std::net::{IpAddr, Ipv6Addr};

/// The unit in which addresses are counted. For IPv6 it is the network of 64 bits, because anybody can use all
/// addresses of one.
pub(super) fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address => address,
    }
}
