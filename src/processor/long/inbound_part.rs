//! A part of a long message, as received from a link.

use chrono::{DateTime, Utc};

use crate::domain::{AddressType, ReportWanted};
use crate::text::data_coding::DefaultAlphabet;
use crate::text::udh;

/// A part of a long message, as received from a link.
#[derive(Clone)]
pub struct InboundPart {
    pub link: String,
    pub from: String,
    /// Type of the source address that the network states.
    pub from_type: Option<AddressType>,
    pub to: String,
    /// Reference, number and total of the part.
    pub place: udh::Part,
    /// Key of the short message that carried the part.
    pub key: String,
    /// The sender gave the key. Otherwise all parts of the message have the key of the first one.
    pub key_is_given: bool,
    /// User data as received.
    pub octets: Vec<u8>,
    /// The octets begin with a user data header.
    pub has_header: bool,
    /// Alphabet of the text.
    pub data_coding: u8,
    /// The alphabet that the sender uses for data coding 0.
    pub alphabet: DefaultAlphabet,
    /// Endings for which the sender wants a report.
    pub report: ReportWanted,
    pub received_at: DateTime<Utc>,
    /// As [`crate::domain::InboundSms::redelivery_doubt_since`].
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

/// Not printed, because a body may hold a PIN or a voucher code.
impl std::fmt::Debug for InboundPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboundPart").field("key", &self.key).field("place", &self.place).finish_non_exhaustive()
    }
}
