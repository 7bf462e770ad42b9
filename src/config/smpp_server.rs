//! `[smpp_server]`, the server that banks and aggregators bind to, and `[links.NAME]` with `kind = "esme"`, its ESMEs.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use garde::Validate;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::link::DefaultAlphabet;
use super::secret::Carrier;
use super::tls::ServerTls;
use super::values;

/// `[smpp_server]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct SmppServer {
    /// Port 0 takes a free port. The server runs if a link of kind `esme` is configured.
    #[garde(skip)]
    pub listen: SocketAddr,
    /// Name in the response to a bind, at most 15 characters.
    #[garde(length(max = 15), custom(values::ascii))]
    pub system_id: String,
    /// `None` for sessions without TLS.
    #[garde(dive)]
    pub tls: Option<ServerTls>,
    /// Most connections, bound or not.
    #[garde(range(min = 1, max = 100_000))]
    pub connections_max: usize,
    /// Most connections from one address.
    #[garde(range(min = 1, max = 100_000))]
    pub connections_per_address_max: usize,
    /// Longest time from the connection to the bind, in seconds.
    #[garde(range(min = 5, max = 30))]
    pub session_init_seconds: u32,
    /// Silence after which an `enquire_link` is sent, in seconds.
    #[garde(range(min = 1, max = 3_600))]
    pub enquire_link_seconds: u32,
    /// Longest wait for a response, in seconds.
    #[garde(range(min = 1, max = 600))]
    pub response_timeout_seconds: u32,
    /// Time without a message after which a session is unbound, in seconds; 0 for never.
    #[garde(range(max = 604_800))]
    pub inactivity_seconds: u32,
    /// Longest time from the first octet of a PDU to its last, in seconds.
    #[garde(range(min = 1, max = 300))]
    pub partial_seconds: u32,
    /// Longest time for requests in progress when the server stops or the peer unbinds, in seconds.
    #[garde(range(min = 1, max = 300))]
    pub drain_seconds: u32,
    /// Report whether the name or the password was wrong (0x0F, 0x0E), instead of 0x0D for both.
    #[garde(skip)]
    pub tell_bind_errors: bool,
    /// First wait after a failed bind, in milliseconds, for its address and for its name at this address; it doubles.
    #[garde(range(max = 60_000))]
    pub bind_backoff_first_ms: u32,
    /// Longest wait after a failed bind, in milliseconds.
    #[garde(range(min = self.bind_backoff_first_ms, max = 3_600_000))]
    pub bind_backoff_max_ms: u32,
}

impl Default for SmppServer {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 2775)),
            system_id: "mbush".to_owned(),
            tls: None,
            connections_max: 2_000,
            connections_per_address_max: 50,
            session_init_seconds: 10,
            enquire_link_seconds: 30,
            response_timeout_seconds: 30,
            inactivity_seconds: 0,
            partial_seconds: 10,
            drain_seconds: 10,
            tell_bind_errors: false,
            bind_backoff_first_ms: 500,
            bind_backoff_max_ms: 60_000,
        }
    }
}

/// A bank or an aggregator that binds to the server.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Esme {
    /// Always `esme`.
    #[serde(rename = "kind")]
    #[garde(skip)]
    _kind: String,
    /// Name in the bind. At most 15 characters by the specification; up to 64 are accepted.
    #[garde(length(min = 1, max = 64), custom(values::ascii))]
    pub system_id: String,
    /// At most 8 characters by the specification; up to 64 are accepted.
    #[garde(skip)]
    password: Option<SecretString>,
    /// File with the password.
    #[garde(skip)]
    password_file: Option<PathBuf>,
    /// Addresses or networks (`10.1.0.0/16`) that it may bind from; empty for all.
    #[serde(default, deserialize_with = "networks")]
    #[garde(skip)]
    pub addresses: Vec<IpNet>,
    /// Short codes that it may use.
    #[serde(default)]
    #[garde(inner(custom(values::short_code)))]
    pub short_codes: Vec<String>,
    /// Banks that it may send for, on all of their short codes. If `short_codes` and `banks` are empty, it may use all.
    #[serde(default)]
    #[garde(skip)]
    pub banks: Vec<String>,
    /// Most sessions at once.
    #[serde(default = "default_binds_max")]
    #[garde(range(min = 1, max = 1_000))]
    pub binds_max: usize,
    /// Most requests of one session that wait for a response, in each direction.
    #[serde(default = "default_window")]
    #[garde(range(min = 1, max = 10_000))]
    pub window: u16,
    /// Most segments a second, in each direction; more from the peer are refused as throttled.
    #[serde(default = "default_rate")]
    #[garde(range(min = 1, max = 100_000))]
    pub throttle_segments_per_second: u32,
    #[serde(default, deserialize_with = "super::word")]
    #[garde(skip)]
    pub default_alphabet: DefaultAlphabet,
    /// Type of number of the short code, as source address.
    #[serde(default)]
    #[garde(range(max = 6))]
    pub source_ton: u8,
    /// Numbering plan of the short code, as source address.
    #[serde(default)]
    #[garde(range(max = 18))]
    pub source_npi: u8,
    /// Type of number of the phone, as destination address.
    #[serde(default = "default_one")]
    #[garde(range(max = 6))]
    pub dest_ton: u8,
    /// Numbering plan of the phone, as destination address.
    #[serde(default = "default_one")]
    #[garde(range(max = 18))]
    pub dest_npi: u8,
    /// Destination of replies: the phone's number in international form, or the source address as received.
    #[serde(default, deserialize_with = "super::word")]
    #[garde(skip)]
    pub reply_address: super::link::ReplyAddress,
    /// Tag of the TLV in which it sends a unique identifier of each message (516 is `user_message_reference`).
    #[serde(default)]
    #[garde(skip)]
    pub message_id_tlv: Option<u16>,
    /// Short codes by the USSD service code that is dialled for them, as in `{ "123" = "50005" }`.
    #[serde(default)]
    #[garde(custom(values::ussd_codes))]
    pub ussd_codes: std::collections::BTreeMap<String, String>,
    /// Send the operation (`ussd_service_op`) in every step of a dialogue, not only if the network sends it.
    #[serde(default)]
    #[garde(skip)]
    pub ussd_service_op: bool,
}

const fn default_binds_max() -> usize {
    4
}

const fn default_window() -> u16 {
    64
}

const fn default_rate() -> u32 {
    100
}

const fn default_one() -> u8 {
    1
}

impl Esme {
    /// The file with the password, if one is configured.
    pub(super) fn password_file(&self) -> Option<&std::path::Path> {
        self.password_file.as_deref()
    }

    /// # Errors
    /// The password is missing or given twice, or its file cannot be read.
    pub fn password(&self) -> Result<SecretString, String> {
        super::secret::resolve(Carrier::Bind, "password", self.password.clone(), self.password_file.as_ref())
    }
}

/// `network = address [ "/" length ]`
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    use serde::de::Error;
    let texts = Vec::<String>::deserialize(deserializer)?;
    let network = |text: &String| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let named =
        |text: &String| network(text).map_err(|_| D::Error::custom(format!("`{text}` is not an address or a network")));
    texts.iter().map(named).collect()
}
