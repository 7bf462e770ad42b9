//! `outbind`: an SMSC asks an ESME to bind as a receiver (section 4.1.7). Never answered.

use std::fmt;

use bytes::BytesMut;

use crate::smpp::address::put_string;
use crate::smpp::octets::Octets;
use crate::smpp::parse::{Parsed, string};
use crate::smpp::status::CommandStatus;

#[derive(Clone, PartialEq, Eq, Default)]
pub struct Outbind {
    /// Name of the SMSC.
    pub system_id: Octets<65>,
    /// Never printed.
    pub password: Octets<65>,
}

impl Outbind {
    /// `outbind = system_id password`
    pub(in crate::smpp) fn decode(input: &[u8]) -> Parsed<'_, Self> {
        let (input, system_id) = string("system_id", CommandStatus::INVALID_SYSTEM_ID)(input)?;
        let (input, password) = string("password", CommandStatus::INVALID_PASSWORD)(input)?;
        Ok((input, Self { system_id, password }))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.system_id, out);
        put_string(&self.password, out);
    }
}

impl fmt::Debug for Outbind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbind").field("system_id", &self.system_id).field("password", &"***").finish()
    }
}
