//! Settings in the form of the protocol, and limits that both roles share.

use std::time::Duration;

use super::tls::TlsError;
use crate::config::link::DefaultAlphabet as AlphabetSetting;
use crate::smpp::address::Address;
use crate::smpp::octets::InvalidOctets;
use crate::text::data_coding::DefaultAlphabet;

/// Longest wait for requests in flight before a session ends, if the link stops or the peer unbinds.
pub(super) const DRAIN: Duration = Duration::from_secs(10);

/// Longest wait for the answer to our `unbind` when the link stops.
pub(super) const UNBIND_WAIT: Duration = Duration::from_secs(5);

/// Unanswered requests beyond the window before a peer is throttled. The peer's own window may be larger than the one
/// that is configured here.
pub(super) const WINDOW_SLACK: usize = 256;

/// A setting that the protocol cannot carry.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLink {
    /// A text that does not fit its field.
    #[error("{key}: {problem}")]
    Field {
        /// Key of the setting.
        key: &'static str,
        problem: InvalidOctets,
    },
    /// The password cannot be read.
    #[error("{0}")]
    Password(String),
    /// Certificates that cannot be used.
    #[error("tls: {0}")]
    Tls(#[from] TlsError),
}

pub(super) const fn alphabet(setting: AlphabetSetting) -> DefaultAlphabet {
    match setting {
        AlphabetSetting::Gsm7 => DefaultAlphabet::Gsm7Unpacked,
        AlphabetSetting::Gsm7Packed => DefaultAlphabet::Gsm7Packed,
        AlphabetSetting::Latin1 => DefaultAlphabet::Latin1,
    }
}

/// Returns an address as the link sends it. The plus of an international number is expressed by the type of number.
pub(super) fn address(ton: u8, npi: u8, value: &str) -> Result<Address, InvalidOctets> {
    Address::new(ton, npi, value.strip_prefix('+').unwrap_or(value))
}
