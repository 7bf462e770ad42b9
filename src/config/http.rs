//! `[http]`: the HTTP server.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::secret::Carrier;
use garde::Validate;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;

/// `[http]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port of the HTTP server; port 0 takes a free one.
    #[garde(skip)]
    pub listen: SocketAddr,
    /// Longest request body, in bytes.
    #[garde(range(min = 1_024, max = 16_777_216))]
    pub body_bytes_max: usize,
    /// Longest time for one request, in seconds: an answer comes by then, whatever the database does.
    #[garde(range(min = 1, max = 300))]
    pub timeout_seconds: u64,
    /// Longest time for the head of a request, and between two requests of a connection, in seconds.
    #[garde(range(min = 1, max = 300))]
    pub head_timeout_seconds: u64,
    /// Most connections. Above it, one that waits for the head of a request leaves for the next; where none does, the next
    /// is closed at once.
    #[garde(range(min = 1, max = 100_000))]
    pub connections_max: usize,
    /// Most connections of one address, or of one IPv6 network of 64 bits.
    #[garde(range(min = 1, max = 100_000))]
    pub connections_per_address_max: usize,
    /// Addresses and networks of reverse proxies, whose `X-Forwarded-For` is believed where wrong secrets make an address
    /// wait.
    #[serde(deserialize_with = "super::smpp_server::networks")]
    #[garde(skip)]
    pub proxies: Vec<IpNet>,
    /// First wait of an address after wrong secrets, in milliseconds; it doubles.
    #[garde(range(max = 60_000))]
    pub auth_backoff_first_ms: u32,
    /// Longest wait after wrong secrets, in milliseconds.
    #[garde(range(min = self.auth_backoff_first_ms, max = 3_600_000))]
    pub auth_backoff_max_ms: u32,
    /// Bearer secret of staff; without it there is nothing for them over HTTP.
    #[garde(skip)]
    admin_secret: Option<SecretString>,
    /// A file that holds the secret.
    #[garde(skip)]
    admin_secret_file: Option<PathBuf>,
}

impl Http {
    /// The file that the secret of staff is in, where it is in one.
    pub(super) fn secret_file(&self) -> Option<&std::path::Path> {
        self.admin_secret_file.as_deref()
    }

    /// The secret of staff, where there is one.
    ///
    /// # Errors
    /// It is given twice, or its file cannot be read.
    pub fn admin_secret(&self) -> Result<Option<SecretString>, String> {
        if self.admin_secret.is_none() && self.admin_secret_file.is_none() {
            return Ok(None);
        }
        super::secret::resolve(
            Carrier::Header,
            "admin_secret",
            self.admin_secret.clone(),
            self.admin_secret_file.as_ref(),
        )
        .map(Some)
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            body_bytes_max: 65_536,
            timeout_seconds: 10,
            head_timeout_seconds: 30,
            connections_max: 1_024,
            connections_per_address_max: 512,
            proxies: vec![loopback([127, 0, 0, 0].into(), 8), loopback(std::net::Ipv6Addr::LOCALHOST.into(), 128)],
            auth_backoff_first_ms: 500,
            auth_backoff_max_ms: 60_000,
            admin_secret: None,
            admin_secret_file: None,
        }
    }
}

/// A network that is a constant.
fn loopback(address: std::net::IpAddr, length: u8) -> IpNet {
    IpNet::new_assert(address, length)
}
