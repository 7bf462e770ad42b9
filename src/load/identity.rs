//! The identity of a side of SMPP.

use secrecy::SecretString;

use crate::smpp::address::Address;
use crate::smpp::octets::InvalidOctets;

/// Name and password that a client binds with, and what its messages have in common.
#[derive(Debug, Clone)]
pub struct Identity {
    pub system_id: String,
    pub password: SecretString,
    /// The short code that messages are sent to.
    pub short_code: String,
    /// Beginning of the identifiers of this run's messages.
    pub run: String,
}

impl Identity {
    /// The short code as an address.
    pub(super) fn short_code(&self) -> Result<Address, InvalidOctets> {
        Address::new(0, 1, &self.short_code)
    }
}
