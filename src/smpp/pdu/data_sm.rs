//! `data_sm`: a message in `message_payload`, in either direction (section 4.7).

use bytes::{BufMut, Bytes, BytesMut};

use super::sm::may_be_submitted;
use crate::smpp::address::{Address, DESTINATION, SOURCE, put_string};
use crate::smpp::octets::Octets;
use crate::smpp::parse::{Parsed, Rules, integer, status_of, string_to_cut};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::Tlvs;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataSm {
    /// Empty, or a service such as `USSD`.
    pub service_type: Octets<6>,
    pub source: Address<65>,
    pub destination: Address<65>,
    /// As in [`Sm`](super::Sm).
    pub esm_class: u8,
    /// As in [`Sm`](super::Sm).
    pub registered_delivery: u8,
    /// Alphabet of the text.
    pub data_coding: u8,
    /// Optional parameters, the text among them.
    pub tlvs: Tlvs,
}

impl DataSm {
    /// `data_sm = service_type source destination esm_class:u8 registered_delivery:u8 data_coding:u8 { tlv }`
    pub(in crate::smpp) fn decode<'a>(rules: Rules, frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        let (input, service_type) = string_to_cut(rules, "service_type", CommandStatus::INVALID_SERVICE_TYPE)(input)?;
        let (input, source) = Address::decode(input, &SOURCE)?;
        let (input, destination) = Address::decode(input, &DESTINATION)?;
        let (input, esm_class) = integer("esm_class")(input)?;
        let (input, registered_delivery) = integer("registered_delivery")(input)?;
        let (input, data_coding) = integer("data_coding")(input)?;
        let (input, tlvs) = Tlvs::decode(rules, frame, input)?;
        Ok((input, Self { service_type, source, destination, esm_class, registered_delivery, data_coding, tlvs }))
    }

    /// Checks the fields of a submitted `data_sm` as in a `submit_sm`. A delivered one is not checked: values that are
    /// odd but harmless are no reason to refuse a customer's message.
    ///
    /// # Errors
    /// The status of the first field that the specification does not allow.
    pub fn check(&self) -> Result<(), CommandStatus> {
        self.source.check(&[], &SOURCE).map_err(|error| status_of(&error))?;
        self.destination.check(&[], &DESTINATION).map_err(|error| status_of(&error))?;
        if self.destination.value.is_empty() {
            return Err(CommandStatus::INVALID_DESTINATION);
        }
        if !may_be_submitted(self.esm_class) {
            return Err(CommandStatus::INVALID_ESM_CLASS);
        }
        if self.registered_delivery > 0x1F { Err(CommandStatus::INVALID_REGISTERED_DELIVERY) } else { Ok(()) }
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.service_type, out);
        self.source.put(out);
        self.destination.put(out);
        out.put_slice(&[self.esm_class, self.registered_delivery, self.data_coding]);
        self.tlvs.put(out);
    }
}
