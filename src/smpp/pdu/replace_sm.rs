//! `replace_sm`: changes a message that is not delivered yet (section 4.10).

use bytes::{BufMut, Bytes, BytesMut};

use super::sm::ShortMessage;
use crate::smpp::address::{Address, SOURCE, put_string};
use crate::smpp::octets::Octets;
use crate::smpp::parse::{Parsed, Rules, integer, short_message, string};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::Tlvs;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplaceSm {
    pub message_id: Octets<65>,
    pub source: Address,
    /// As in [`Sm`](super::Sm).
    pub schedule_delivery_time: Octets<17>,
    /// As in [`Sm`](super::Sm).
    pub validity_period: Octets<17>,
    /// As in [`Sm`](super::Sm).
    pub registered_delivery: u8,
    /// As in [`Sm`](super::Sm).
    pub sm_default_msg_id: u8,
    pub short_message: ShortMessage,
    /// Optional parameters (SMPP 5.0).
    pub tlvs: Tlvs,
}

impl ReplaceSm {
    /// `replace_sm = message_id source schedule_delivery_time validity_period registered_delivery:u8
    /// sm_default_msg_id:u8 short_message { tlv }`
    pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        let (input, message_id) = string("message_id", CommandStatus::INVALID_MESSAGE_ID)(input)?;
        let (input, source) = Address::decode(input, &SOURCE)?;
        let (input, schedule_delivery_time) = string("schedule_delivery_time", CommandStatus::INVALID_SCHEDULE)(input)?;
        let (input, validity_period) = string("validity_period", CommandStatus::INVALID_EXPIRY)(input)?;
        let (input, registered_delivery) = integer("registered_delivery")(input)?;
        let (input, sm_default_msg_id) = integer("sm_default_msg_id")(input)?;
        let (input, octets) = short_message(input)?;
        let (input, tlvs) = Tlvs::decode(Rules::Submit, frame, input)?;
        let replace = Self {
            message_id,
            source,
            schedule_delivery_time,
            validity_period,
            registered_delivery,
            sm_default_msg_id,
            short_message: ShortMessage::slice_of(frame, octets),
            tlvs,
        };
        Ok((input, replace))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.message_id, out);
        self.source.put(out);
        put_string(&self.schedule_delivery_time, out);
        put_string(&self.validity_period, out);
        out.put_slice(&[self.registered_delivery, self.sm_default_msg_id]);
        self.short_message.put(out);
        self.tlvs.put(out);
    }
}
