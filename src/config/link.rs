//! `[links.NAME]` with `kind = "smsc"`: we bind to an operator's SMSC as an ESME.

use std::path::PathBuf;

use super::secret::Carrier;
use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;

use super::values;

/// How many sessions make the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bind {
    /// One session, `bind_transceiver`.
    #[default]
    Transceiver,
    /// Two sessions, `bind_transmitter` and `bind_receiver`.
    Pair,
}

/// What `data_coding` 0, "SMSC default alphabet", means at this peer.
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

/// The address that a reply to a phone goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyAddress {
    /// The phone's number in international form (E.164), however the message's sender was written.
    #[default]
    International,
    /// The sender exactly as it came, with its type of number and numbering plan.
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
    /// Name that we bind with, at most 15 characters.
    #[garde(length(min = 1, max = 15), custom(values::ascii))]
    pub system_id: String,
    /// Password, at most 8 characters by the specification; some SMSCs take more.
    #[garde(skip)]
    password: Option<SecretString>,
    /// A file that holds the password.
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
    /// Short codes that the SMSC may speak for; empty for all.
    #[serde(default)]
    #[garde(inner(custom(values::short_code)))]
    pub short_codes: Vec<String>,
    /// Most requests without an answer, each way.
    #[serde(default = "default_window")]
    #[garde(range(min = 1, max = 10_000))]
    pub window: u16,
    /// Most segments a second that we submit.
    #[serde(default = "default_throttle")]
    #[garde(range(min = 1, max = 100_000))]
    pub throttle_segments_per_second: u32,
    /// Silence after which we send `enquire_link`, in seconds.
    #[serde(default = "default_enquire_link")]
    #[garde(range(min = 1, max = 3_600))]
    pub enquire_link_seconds: u32,
    /// Longest wait for an answer, in seconds.
    #[serde(default = "default_response_timeout")]
    #[garde(range(min = 1, max = 600))]
    pub response_timeout_seconds: u32,
    /// First wait before we connect again, in milliseconds; it doubles, with jitter, up to `reconnect_max_ms`.
    #[serde(default = "default_reconnect_first")]
    #[garde(range(min = 10, max = 60_000))]
    pub reconnect_first_ms: u32,
    /// Longest wait before we connect again, in milliseconds.
    #[serde(default = "default_reconnect_max")]
    #[garde(range(min = self.reconnect_first_ms, max = 3_600_000))]
    pub reconnect_max_ms: u32,
    /// Meaning of `data_coding` 0.
    #[serde(default, deserialize_with = "super::word")]
    #[garde(skip)]
    pub default_alphabet: DefaultAlphabet,
    /// Type of number of the short code that we send from.
    #[serde(default)]
    #[garde(range(max = 6))]
    pub source_ton: u8,
    /// Numbering plan of the short code that we send from.
    #[serde(default)]
    #[garde(range(max = 18))]
    pub source_npi: u8,
    /// Type of number of the phone that we send to.
    #[serde(default = "default_one")]
    #[garde(range(max = 6))]
    pub dest_ton: u8,
    /// Numbering plan of the phone that we send to.
    #[serde(default = "default_one")]
    #[garde(range(max = 18))]
    pub dest_npi: u8,
    /// Where replies go: to the phone's number in international form, or to the address that the message came from.
    #[serde(default, deserialize_with = "super::word")]
    #[garde(skip)]
    pub reply_address: ReplyAddress,
    /// Tag of the TLV in which the SMSC gives each message an identifier of its own (30 is `receipted_message_id`);
    /// without it a message that is delivered again is recognised by what it asks for.
    #[serde(default)]
    #[garde(skip)]
    pub message_id_tlv: Option<u16>,
    /// Ask for a delivery receipt for every reply, so that its state follows what became of it.
    #[serde(default)]
    #[garde(skip)]
    pub receipts: bool,
    /// Short codes by the USSD service code that is dialled for them, as in `{ "123" = "50005" }`.
    #[serde(default)]
    #[garde(custom(values::ussd_codes))]
    pub ussd_codes: std::collections::BTreeMap<String, String>,
    /// Name the operation (`ussd_service_op`) in every step of a dialogue, and not only where the network names it.
    #[serde(default)]
    #[garde(skip)]
    pub ussd_service_op: bool,
    /// TLS; without it the link is in the clear.
    #[serde(default)]
    #[garde(dive)]
    pub tls: Option<super::tls::ClientTls>,
}

const fn default_window() -> u16 {
    64
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

const fn default_one() -> u8 {
    1
}

impl Smsc {
    /// The file that the password is in, where it is in one.
    pub(super) fn password_file(&self) -> Option<&std::path::Path> {
        self.password_file.as_deref()
    }

    /// The password.
    ///
    /// # Errors
    /// It is not given, is given twice, or its file cannot be read.
    pub fn password(&self) -> Result<SecretString, String> {
        super::secret::resolve(Carrier::Bind, "password", self.password.clone(), self.password_file.as_ref())
    }
}
