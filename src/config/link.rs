//! `[links.NAME]` with `kind = "smsc"`: this program binds to an operator's SMSC as an ESME.

use std::path::PathBuf;

use super::secret::Carrier;
use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;

use super::values;

/// Number of sessions of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bind {
    /// One session, `bind_transceiver`.
    #[default]
    Transceiver,
    /// Two sessions, `bind_transmitter` and `bind_receiver`.
    Pair,
}

/// The peer's meaning of `data_coding` 0, "SMSC default alphabet".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultAlphabet {
    /// GSM 03.38, one septet in an octet.
    #[default]
    Gsm7,
    /// GSM 03.38, eight septets in seven octets.
    Gsm7Packed,
    /// ISO 8859-1.
    Latin1,
}

/// Destination address of replies to a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyAddress {
    /// The phone's number in international form (E.164), in whatever form the source address was.
    #[default]
    International,
    /// The source address as received, with its type of number and numbering plan.
    AsReceived,
}

/// A link to an SMSC.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Smsc {
    /// Always `smsc`.
    #[serde(rename = "kind")]
    #[garde(skip)]
    _kind: String,
    /// `host:port`, tried in this order.
    #[garde(length(min = 1), inner(custom(values::host_and_port)))]
    pub hosts: Vec<String>,
    /// Name in the bind, at most 15 characters.
    #[garde(length(min = 1, max = 15), custom(values::ascii))]
    pub system_id: String,
    /// At most 8 characters by the specification; some SMSCs accept more.
    #[garde(skip)]
    password: Option<SecretString>,
    /// File with the password.
    #[garde(skip)]
    password_file: Option<PathBuf>,
    /// `system_type` of the bind, at most 12 characters.
    #[serde(default)]
    #[garde(length(max = 12), custom(values::ascii))]
    pub system_type: String,
    /// One session or two.
    #[serde(default, deserialize_with = "super::word")]
    #[garde(skip)]
    pub bind: Bind,
    /// Short codes that the SMSC may use; empty for all.
    #[serde(default)]
    #[garde(inner(custom(values::short_code)))]
    pub short_codes: Vec<String>,
    /// Most requests that wait for a response, in each direction. The link begins with 64 and goes on until the SMSC
    /// throttles it.
    #[serde(default = "default_window")]
    #[garde(range(min = 1, max = 10_000))]
    pub window: u16,
    /// Most segments submitted in a second.
    #[serde(default = "default_throttle")]
    #[garde(range(min = 1, max = 100_000))]
    pub throttle_segments_per_second: u32,
    /// Silence after which an `enquire_link` is sent, in seconds.
    #[serde(default = "default_enquire_link")]
    #[garde(range(min = 1, max = 3_600))]
    pub enquire_link_seconds: u32,
    /// Longest wait for a response, in seconds.
    #[serde(default = "default_response_timeout")]
    #[garde(range(min = 1, max = 600))]
    pub response_timeout_seconds: u32,
    /// First wait before a reconnection, in milliseconds. It doubles, with jitter, up to `reconnect_max_ms`.
    #[serde(default = "default_reconnect_first")]
    #[garde(range(min = 10, max = 60_000))]
    pub reconnect_first_ms: u32,
    /// Longest wait before a reconnection, in milliseconds.
    #[serde(default = "default_reconnect_max")]
    #[garde(range(min = self.reconnect_first_ms, max = 3_600_000))]
    pub reconnect_max_ms: u32,
    #[serde(default, deserialize_with = "super::word")]
    #[garde(skip)]
    pub default_alphabet: DefaultAlphabet,
    /// Send texts with the national language tables that their files name. Without it they are sent in UCS-2.
    #[serde(default = "default_true")]
    #[garde(skip)]
    pub national_tables: bool,
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
    pub reply_address: ReplyAddress,
    /// Tag of the TLV in which the SMSC sends a unique identifier of each message (30 is `receipted_message_id`).
    /// Without it, a redelivery is recognised by the content of the request.
    #[serde(default)]
    #[garde(skip)]
    pub message_id_tlv: Option<u16>,
    /// Ask for a delivery receipt for every reply, to keep its state up to date.
    #[serde(default)]
    #[garde(skip)]
    pub receipts: bool,
    /// Short codes by the USSD service code that is dialled for them, as in `{ "123" = "50005" }`.
    #[serde(default)]
    #[garde(custom(values::ussd_codes))]
    pub ussd_codes: std::collections::BTreeMap<String, String>,
    /// Send the operation (`ussd_service_op`) in every step of a dialogue, not only if the network sends it.
    #[serde(default)]
    #[garde(skip)]
    pub ussd_service_op: bool,
    /// `None` for a connection without TLS.
    #[serde(default)]
    #[garde(dive)]
    pub tls: Option<super::tls::ClientTls>,
}

const fn default_window() -> u16 {
    1_024
}

const fn default_throttle() -> u32 {
    100
}

const fn default_enquire_link() -> u32 {
    30
}

const fn default_response_timeout() -> u32 {
    30
}

const fn default_reconnect_first() -> u32 {
    500
}

const fn default_reconnect_max() -> u32 {
    30_000
}

const fn default_true() -> bool {
    true
}

const fn default_one() -> u8 {
    1
}

impl Smsc {
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
