//! Settings as the protocol has them, and limits that both roles share.

use std::time::Duration;

use super::tls::TlsError;
use crate::config::link::DefaultAlphabet as AlphabetSetting;
use crate::smpp::address::Address;
use crate::smpp::octets::InvalidOctets;
use crate::text::data_coding::DefaultAlphabet;

/// How long what is in flight may take when the link stops, before its sessions unbind.
pub(super) const DRAIN: Duration = Duration::from_secs(10);

/// How long a peer may then take to answer our leave, when we stop.
pub(super) const UNBIND_WAIT: Duration = Duration::from_secs(5);

/// Requests beyond the window that a peer may have unanswered before it is asked to send less: its own window need not
/// be the one that is configured here.
pub(super) const WINDOW_SLACK: usize = 256;

/// A setting that the protocol cannot carry.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLink {
    /// A text that does not fit its field.
    #[error("{key}: {problem}")]
    Field {
        /// Key of the setting.
        key: &'static str,
        /// What is wrong.
        problem: InvalidOctets,
    },
    /// The password cannot be had.
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

/// An address as the link sends it: the plus of an international number is in the type of number.
pub(super) fn address(ton: u8, npi: u8, value: &str) -> Result<Address, InvalidOctets> {
    Address::new(ton, npi, value.strip_prefix('+').unwrap_or(value))
}
