//! `cancel_sm`: cancels messages that are not delivered yet (section 4.9).

use bytes::BytesMut;

use crate::smpp::address::{Address, DESTINATION, SOURCE, put_string};
use crate::smpp::octets::Octets;
use crate::smpp::parse::{Parsed, string};
use crate::smpp::status::CommandStatus;

/// Cancels the message with this identifier or, if it is empty, all messages between these addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CancelSm {
    /// Empty, or a service such as `USSD`.
    pub service_type: Octets<6>,
    /// Empty for all messages that match.
    pub message_id: Octets<65>,
    pub source: Address,
    pub destination: Address,
}

impl CancelSm {
    /// `cancel_sm = service_type message_id source destination`
    pub(in crate::smpp) fn decode(input: &[u8]) -> Parsed<'_, Self> {
        let (input, service_type) = string("service_type", CommandStatus::INVALID_SERVICE_TYPE)(input)?;
        let (input, message_id) = string("message_id", CommandStatus::INVALID_MESSAGE_ID)(input)?;
        let (input, source) = Address::decode(input, &SOURCE)?;
        let (input, destination) = Address::decode(input, &DESTINATION)?;
        Ok((input, Self { service_type, message_id, source, destination }))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.service_type, out);
        put_string(&self.message_id, out);
        self.source.put(out);
        self.destination.put(out);
    }
}
