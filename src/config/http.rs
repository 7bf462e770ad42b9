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
    /// Port 0 takes a free port.
    #[garde(skip)]
    pub listen: SocketAddr,
    /// Longest request body, in bytes.
    #[garde(range(min = 1_024, max = 16_777_216))]
    pub body_bytes_max: usize,
    /// Seconds until every request is answered, whatever the database does.
    #[garde(range(min = 1, max = 300))]
    pub timeout_seconds: u64,
    /// Longest time for the head of a request, and between two requests of a connection, in seconds.
    #[garde(range(min = 1, max = 300))]
    pub head_timeout_seconds: u64,
    /// Most connections. Above this number, a connection that waits for the head of a request is closed for a new one.
    /// If there is none, the new one is closed at once.
    #[garde(range(min = 1, max = 100_000))]
    pub connections_max: usize,
    /// Most connections from one address, or from one IPv6 network of 64 bits.
    #[garde(range(min = 1, max = 100_000))]
    pub connections_per_address_max: usize,
    /// Addresses and networks of reverse proxies. Their `X-Forwarded-For` names the address that waits after wrong
    /// secrets.
    #[serde(deserialize_with = "super::smpp_server::networks")]
    #[garde(skip)]
    pub proxies: Vec<IpNet>,
    /// First wait of an address after wrong secrets, in milliseconds; it doubles with each further one.
    #[garde(range(max = 60_000))]
    pub auth_backoff_first_ms: u32,
    /// Longest wait after wrong secrets, in milliseconds.
    #[garde(range(min = self.auth_backoff_first_ms, max = 3_600_000))]
    pub auth_backoff_max_ms: u32,
    /// Bearer secret of staff; `None` to refuse staff over HTTP.
    #[garde(skip)]
    admin_secret: Option<SecretString>,
    /// File with the secret.
    #[garde(skip)]
    admin_secret_file: Option<PathBuf>,
}

impl Http {
    /// The file with the secret of staff, if one is configured.
    pub(super) fn secret_file(&self) -> Option<&std::path::Path> {
        self.admin_secret_file.as_deref()
    }

    /// The secret of staff, if one is configured.
    ///
    /// # Errors
    /// The secret is given twice, or its file cannot be read.
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

fn loopback(address: std::net::IpAddr, length: u8) -> IpNet {
    IpNet::new_assert(address, length)
}
