//! Addresses that a start listens on. They have to be different, and addresses of this machine.

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::net::TcpSocket;

use super::Findings;

/// Configuration key of an address, and the address.
type Listener = (&'static str, SocketAddr);

/// Reports servers that would share an address.
pub(super) fn twice(listeners: &[Listener]) -> Vec<String> {
    let mut problems = Vec::new();
    for (place, (key, address)) in listeners.iter().enumerate() {
        for (other, taken) in listeners.iter().take(place) {
            if overlap(*address, *taken) {
                problems.push(format!("{key} = \"{address}\": {other} = \"{taken}\" has this port: give each its own"));
            }
        }
    }
    problems
}

/// Returns whether the two addresses exclude each other. Port 0 is any free port.
fn overlap(a: SocketAddr, b: SocketAddr) -> bool {
    let everywhere = a.ip().is_unspecified() || b.ip().is_unspecified();
    a.port() != 0 && a.port() == b.port() && (everywhere || a.ip().to_canonical() == b.ip().to_canonical())
}

/// Checks that each address is one of this machine, without listening. An address in use is not an error, because a
/// server may be running.
pub(in crate::cli) fn try_out(listeners: &[Listener], findings: &mut Findings) {
    for &(key, address) in listeners {
        match bind(address) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                findings.warnings.push(format!("{key} = \"{address}\": it is in use, perhaps by a running server"));
            }
            Err(error) => {
                findings.errors.push(format!("{key} = \"{address}\": {error}: choose a free port of this machine"));
            }
        }
    }
}

fn bind(address: SocketAddr) -> std::io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As for a listener, so that an address with recently closed connections counts as free.
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_listeners_at_one_port_are_found_on_every_address() {
        for (a, b, is_so) in [
            ("127.0.0.1:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "0.0.0.0:80", true),
            ("[::]:80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            ("127.0.0.1:80", "127.0.0.1:81", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
        ] {
            assert_eq!(overlap(a.parse().unwrap(), b.parse().unwrap()), is_so, "{a} {b}");
        }
    }
}
