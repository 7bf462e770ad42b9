//! `[iso8583]`: the server for switches of cash machines.

use std::net::SocketAddr;
use std::path::PathBuf;

use garde::Validate;
use serde::Deserialize;

use super::tls::ServerTls;
use crate::iso8583::Framing;

/// `[iso8583]`. The server runs if a client has an `acquirer_id`.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Iso8583 {
    /// Port 0 takes a free port.
    #[garde(skip)]
    pub listen: SocketAddr,
    /// `None` for connections without TLS.
    #[garde(dive)]
    pub tls: Option<ServerTls>,
    /// Encoding of the length before each message.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub framing: Framing,
    /// File with the encoding of fields; `None` for ISO 8583:1987 in ASCII.
    #[garde(skip)]
    pub spec_file: Option<PathBuf>,
    /// Longest message, in octets.
    #[garde(range(min = 128, max = 65_535))]
    pub message_bytes_max: usize,
    /// Most connections.
    #[garde(range(min = 1, max = 10_000))]
    pub connections_max: usize,
    /// Most connections from one address. Above this number, a connection without a sign-on is closed for a new one.
    #[garde(range(min = 1, max = 10_000))]
    pub connections_per_address_max: usize,
    /// Longest time from the connection to the sign-on, in seconds.
    #[garde(range(min = 1, max = 300))]
    pub sign_on_seconds: u32,
    /// First wait of an address after a failed sign-on, in milliseconds; it doubles with each further one.
    #[garde(range(max = 60_000))]
    pub sign_on_backoff_first_ms: u32,
    /// Longest wait after a failed sign-on, in milliseconds.
    #[garde(range(min = self.sign_on_backoff_first_ms, max = 3_600_000))]
    pub sign_on_backoff_max_ms: u32,
    /// Most requests of one connection that wait for an answer. Above this number, nothing is read from the connection.
    #[garde(range(min = 1, max = 4_096))]
    pub window: usize,
    /// Silence after which a connection is closed, in seconds. Switches send an echo about once a minute.
    #[garde(range(min = 5, max = 86_400))]
    pub idle_seconds: u32,
    /// Longest time from the first octet of a message to its last, and for the peer to take an answer, in seconds.
    #[garde(range(min = 1, max = 300))]
    pub partial_seconds: u32,
    /// Longest time for requests in progress when the server stops, in seconds.
    #[garde(range(min = 1, max = 300))]
    pub drain_seconds: u32,
}

impl Default for Iso8583 {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8583)),
            tls: None,
            framing: Framing::Binary2,
            spec_file: None,
            message_bytes_max: 4_096,
            connections_max: 100,
            connections_per_address_max: 50,
            sign_on_seconds: 30,
            sign_on_backoff_first_ms: 500,
            sign_on_backoff_max_ms: 60_000,
            window: 64,
            idle_seconds: 180,
            partial_seconds: 10,
            drain_seconds: 10,
        }
    }
}
