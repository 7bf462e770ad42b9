//! The content of a message PDU, independent of its kind: addresses, octets of the text, and their encoding.

use bytes::Bytes;

use super::octets::Octets;
use super::pdu::{Body, DataSm, Sm};
use super::tlv::{Sar, Tlvs, tag};

/// Bit 6 of `esm_class`: the text begins with a user data header.
pub const ESM_CLASS_UDHI: u8 = 0x40;

/// Kind of a message (`esm_class`, bits 5 to 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// A text that a person or program sent.
    Message,
    /// A delivery receipt or an intermediate notification about an earlier message. Never a customer's request.
    Receipt,
    /// An acknowledgement by the receiving user or device, or the end of a conversation. This program asks for none.
    Acknowledgement,
    /// A kind that the specification reserves.
    Reserved,
}

impl MessageKind {
    /// Returns the kind of an `esm_class` (section 5.2.12).
    pub const fn of(esm_class: u8) -> Self {
        match esm_class & 0x3C {
            0x00 => Self::Message,
            0x04 | 0x20 => Self::Receipt,
            0x08 | 0x10 | 0x18 => Self::Acknowledgement,
            _ => Self::Reserved,
        }
    }
}

/// A message, independent of the PDU that carried it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub from: String,
    pub to: String,
    /// Type of number and numbering plan of the source.
    pub from_numbering: (u8, u8),
    /// Type of number and numbering plan of the destination.
    pub to_numbering: (u8, u8),
    /// Empty, or a service such as `USSD`.
    pub service_type: Octets<6>,
    pub kind: MessageKind,
    /// Octets of the text, a user data header included.
    pub octets: Bytes,
    /// True if the octets are those of `message_payload`.
    pub in_payload: bool,
    /// Alphabet of the text.
    pub data_coding: u8,
    /// True if the octets begin with a user data header.
    pub has_udh: bool,
    /// Place in a long message, if optional parameters tell it.
    pub sar: Option<Sar>,
    /// Receipts that the sender asks for (section 5.2.17).
    pub registered_delivery: u8,
    pub tlvs: Tlvs,
}

impl Message {
    /// Returns the message of a `submit_sm`, `deliver_sm` or `data_sm`; `None` for other PDUs.
    pub fn of(body: &Body) -> Option<Self> {
        match body {
            Body::SubmitSm(sm) | Body::DeliverSm(sm) => Some(Self::of_sm(sm)),
            Body::DataSm(data) => Some(Self::of_data(data)),
            _ => None,
        }
    }

    fn of_sm(sm: &Sm) -> Self {
        let payload = || sm.tlvs.get_shared(tag::MESSAGE_PAYLOAD);
        let short = sm.short_message.octets();
        let octets = if short.is_empty() { payload().unwrap_or_default() } else { short.clone() };
        let (from, to) = (sm.source.value.to_string(), sm.destination.value.to_string());
        let message = Self::new((from, to), sm.esm_class, sm.data_coding, octets, &sm.tlvs);
        let (service_type, in_payload) = (sm.service_type, short.is_empty());
        Self {
            from_numbering: (sm.source.ton, sm.source.npi),
            to_numbering: (sm.destination.ton, sm.destination.npi),
            service_type,
            in_payload,
            registered_delivery: sm.registered_delivery,
            ..message
        }
    }

    fn of_data(data: &DataSm) -> Self {
        let octets = data.tlvs.get_shared(tag::MESSAGE_PAYLOAD).unwrap_or_default();
        let (from, to) = (data.source.value.to_string(), data.destination.value.to_string());
        let message = Self::new((from, to), data.esm_class, data.data_coding, octets, &data.tlvs);
        Self {
            from_numbering: (data.source.ton, data.source.npi),
            to_numbering: (data.destination.ton, data.destination.npi),
            service_type: data.service_type,
            in_payload: true,
            registered_delivery: data.registered_delivery,
            ..message
        }
    }

    fn new((from, to): (String, String), esm_class: u8, data_coding: u8, octets: Bytes, tlvs: &Tlvs) -> Self {
        Self {
            from,
            to,
            from_numbering: (0, 0),
            to_numbering: (0, 0),
            service_type: Octets::default(),
            kind: MessageKind::of(esm_class),
            octets,
            in_payload: false,
            data_coding,
            has_udh: esm_class & ESM_CLASS_UDHI != 0,
            sar: tlvs.sar(),
            registered_delivery: 0,
            tlvs: tlvs.clone(),
        }
    }
}
