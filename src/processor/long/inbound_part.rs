//! A part of a long message, as a link hands it in.

use chrono::{DateTime, Utc};

use crate::domain::{AddressType, ReportWanted};
use crate::text::data_coding::DefaultAlphabet;
use crate::text::udh;

/// A part of a long message, as a link hands it in.
#[derive(Clone)]
pub struct InboundPart {
    /// Name of the link.
    pub link: String,
    /// Source address.
    pub from: String,
    /// The type that the network gives it.
    pub from_type: Option<AddressType>,
    /// Destination address.
    pub to: String,
    /// Its place in the message.
    pub place: udh::Part,
    /// Key of the message that it came as.
    pub key: String,
    /// Its sender gave the key. Otherwise all parts of the message are known by the key of the one that came first.
    pub key_is_given: bool,
    /// User data as it came.
    pub octets: Vec<u8>,
    /// A user data header opens the octets.
    pub has_header: bool,
    /// Alphabet of the text.
    pub data_coding: u8,
    /// The alphabet that its sender means by data coding 0.
    pub alphabet: DefaultAlphabet,
    /// After which endings its sender wants a report.
    pub report: ReportWanted,
    /// Its arrival.
    pub received_at: DateTime<Utc>,
    /// The bind of the session that it came on.
    pub session_since: Option<DateTime<Utc>>,
}

/// A body may hold a PIN or a voucher code, so that it is never printed.
impl std::fmt::Debug for InboundPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InboundPart").field("key", &self.key).field("place", &self.place).finish_non_exhaustive()
    }
}
