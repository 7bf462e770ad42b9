//! What a message PDU says, whichever PDU it came in: addresses, octets of the text and how to read them.

use bytes::Bytes;

use super::pdu::{Body, DataSm, Sm};
use super::tlv::{Sar, Tlvs, tag};

/// Bit 6 of `esm_class`: a user data header opens the text.
pub const ESM_CLASS_UDHI: u8 = 0x40;

/// What a message is (`esm_class`, bits 5 to 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// A text that somebody sent.
    Message,
    /// What became of an earlier message: a receipt or an intermediate notification. Never a customer's request.
    Receipt,
    /// An acknowledgement by the receiving user or device, or the end of a conversation. Never a customer's request.
    Acknowledgement,
}

impl MessageKind {
    /// Reads an `esm_class` (section 5.2.12). Reserved kinds are taken as receipts: whatever they are, no customer
    /// wrote them.
    pub const fn of(esm_class: u8) -> Self {
        match esm_class & 0x3C {
            0x00 => Self::Message,
            0x08 | 0x10 | 0x18 => Self::Acknowledgement,
            _ => Self::Receipt,
        }
    }
}

/// A message, whichever PDU it came in.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Source address.
    pub from: String,
    /// Type of number and numbering plan of the source address.
    pub from_type: (u8, u8),
    /// Destination address.
    pub to: String,
    /// What kind of message.
    pub kind: MessageKind,
    /// Octets of the text, a user data header included.
    pub octets: Bytes,
    /// Alphabet of the text.
    pub data_coding: u8,
    /// A user data header opens the octets.
    pub has_udh: bool,
    /// Place in a long message, where optional parameters tell it.
    pub sar: Option<Sar>,
    /// Whether its sender wants to hear what becomes of it (section 5.2.17).
    pub registered_delivery: u8,
    /// Optional parameters.
    pub tlvs: Tlvs,
}

impl Message {
    /// The message of a `submit_sm`, `deliver_sm` or `data_sm`; nothing in other PDUs.
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
        let from_type = (sm.source.ton, sm.source.npi);
        Self { from_type, registered_delivery: sm.registered_delivery, ..message }
    }

    fn of_data(data: &DataSm) -> Self {
        let octets = data.tlvs.get_shared(tag::MESSAGE_PAYLOAD).unwrap_or_default();
        let (from, to) = (data.source.value.to_string(), data.destination.value.to_string());
        let message = Self::new((from, to), data.esm_class, data.data_coding, octets, &data.tlvs);
        let from_type = (data.source.ton, data.source.npi);
        Self { from_type, registered_delivery: data.registered_delivery, ..message }
    }

    fn new((from, to): (String, String), esm_class: u8, data_coding: u8, octets: Bytes, tlvs: &Tlvs) -> Self {
        Self {
            from,
            from_type: (0, 0),
            to,
            kind: MessageKind::of(esm_class),
            octets,
            data_coding,
            has_udh: esm_class & ESM_CLASS_UDHI != 0,
            sar: tlvs.sar(),
            registered_delivery: 0,
            tlvs: tlvs.clone(),
        }
    }
}
