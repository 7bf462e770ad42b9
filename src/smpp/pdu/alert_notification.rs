//! `alert_notification`: a subscriber can be reached again (section 4.12). Never answered.

use bytes::{Bytes, BytesMut};

use crate::smpp::address::{Address, DESTINATION, SOURCE};
use crate::smpp::parse::{Parsed, Rules};
use crate::smpp::tlv::Tlvs;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertNotification {
    pub source: Address<65>,
    /// The ESME that asked for the notification.
    pub esme: Address<65>,
    /// `ms_availability_status` and any others.
    pub tlvs: Tlvs,
}

impl AlertNotification {
    /// `alert_notification = source esme { tlv }`
    pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        let (input, source) = Address::decode(input, &SOURCE)?;
        let (input, esme) = Address::decode(input, &DESTINATION)?;
        let (input, tlvs) = Tlvs::decode(Rules::Submit, frame, input)?;
        Ok((input, Self { source, esme, tlvs }))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        self.source.put(out);
        self.esme.put(out);
        self.tlvs.put(out);
    }
}
