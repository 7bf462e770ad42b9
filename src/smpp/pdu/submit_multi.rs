//! `submit_multi`: one text to several destinations (section 4.5).

use bytes::{BufMut, Bytes, BytesMut};

use super::sm::{ShortMessage, Terms, check_destination, check_single_text, name_and_tlvs, put_name};
use crate::smpp::address::{Address, DESTINATION, SOURCE, put_string};
use crate::smpp::fault::Fault;
use crate::smpp::octets::Octets;
use crate::smpp::parse::{Parsed, Rules, fail, integer, integer_of_four, short_message, string};
use crate::smpp::status::CommandStatus;
use crate::smpp::tlv::Tlvs;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// An address (`dest_flag` 1).
    Address(Address),
    /// A distribution list of the SMSC (`dest_flag` 2).
    List(Octets<21>),
}

/// Destinations of one PDU, at most 255, the maximum of `number_of_dests` (SMPP 3.4 says 254).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Destinations(Vec<Destination>);

impl Destinations {
    /// Returns `None` if there are more than 255.
    pub fn new(all: Vec<Destination>) -> Option<Self> {
        u8::try_from(all.len()).is_ok().then_some(Self(all))
    }

    pub fn all(&self) -> &[Destination] {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubmitMulti {
    /// Empty, or a service such as `USSD`.
    pub service_type: Octets<6>,
    pub source: Address,
    pub destinations: Destinations,
    /// As in [`Sm`](super::Sm).
    pub esm_class: u8,
    /// As in [`Sm`](super::Sm).
    pub protocol_id: u8,
    /// As in [`Sm`](super::Sm).
    pub priority_flag: u8,
    /// As in [`Sm`](super::Sm).
    pub schedule_delivery_time: Octets<17>,
    /// As in [`Sm`](super::Sm).
    pub validity_period: Octets<17>,
    /// As in [`Sm`](super::Sm).
    pub registered_delivery: u8,
    /// As in [`Sm`](super::Sm).
    pub replace_if_present_flag: u8,
    /// As in [`Sm`](super::Sm).
    pub data_coding: u8,
    /// As in [`Sm`](super::Sm).
    pub sm_default_msg_id: u8,
    pub short_message: ShortMessage,
    pub tlvs: Tlvs,
}

impl SubmitMulti {
    /// `submit_multi = service_type source number_of_dests:u8 { destination } … as sm from esm_class on`
    pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        let (start, service_type) = string("service_type", CommandStatus::INVALID_SERVICE_TYPE)(input)?;
        let (input, source) = Address::decode(start, &SOURCE)?;
        source.check(start, &SOURCE)?;
        let (flags, destinations) = destinations(input)?;
        let (input, esm_class) = integer("esm_class")(flags)?;
        let (input, protocol_id) = integer("protocol_id")(input)?;
        let (times, priority_flag) = integer("priority_flag")(input)?;
        let (input, schedule_delivery_time) = string("schedule_delivery_time", CommandStatus::INVALID_SCHEDULE)(times)?;
        let (input, validity_period) = string("validity_period", CommandStatus::INVALID_EXPIRY)(input)?;
        let (input, registered_delivery) = integer("registered_delivery")(input)?;
        let (input, replace_if_present_flag) = integer("replace_if_present_flag")(input)?;
        let (input, data_coding) = integer("data_coding")(input)?;
        let (input, sm_default_msg_id) = integer("sm_default_msg_id")(input)?;
        let (tail, octets) = short_message(input)?;
        let (input, tlvs) = Tlvs::decode(Rules::Submit, frame, tail)?;
        check_single_text(Rules::Submit, tail, octets, &tlvs)?;
        let (schedule, validity) = (schedule_delivery_time.as_bytes(), validity_period.as_bytes());
        let terms =
            Terms { esm_class, priority_flag, schedule, validity, registered_delivery, replace_if_present_flag };
        terms.check(flags, times)?;
        let multi = Self {
            service_type,
            source,
            destinations,
            esm_class,
            protocol_id,
            priority_flag,
            schedule_delivery_time,
            validity_period,
            registered_delivery,
            replace_if_present_flag,
            data_coding,
            sm_default_msg_id,
            short_message: ShortMessage::slice_of(frame, octets),
            tlvs,
        };
        Ok((input, multi))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.service_type, out);
        self.source.put(out);
        // At most 255, by construction.
        out.put_u8(u8::try_from(self.destinations.0.len()).unwrap_or(u8::MAX));
        for destination in self.destinations.all() {
            match destination {
                Destination::Address(address) => {
                    out.put_u8(1);
                    address.put(out);
                }
                Destination::List(name) => {
                    out.put_u8(2);
                    put_string(name, out);
                }
            }
        }
        out.put_slice(&[self.esm_class, self.protocol_id, self.priority_flag]);
        put_string(&self.schedule_delivery_time, out);
        put_string(&self.validity_period, out);
        out.put_slice(&[
            self.registered_delivery,
            self.replace_if_present_flag,
            self.data_coding,
            self.sm_default_msg_id,
        ]);
        self.short_message.put(out);
        self.tlvs.put(out);
    }
}

/// `destinations = number_of_dests:u8 { destination }`, at least one
fn destinations(input: &[u8]) -> Parsed<'_, Destinations> {
    let (mut rest, count) = integer("number_of_dests")(input)?;
    if count == 0 {
        return Err(fail(input, "number_of_dests", Fault::InvalidValue, CommandStatus::INVALID_DESTINATION_COUNT));
    }
    let mut all = Vec::new();
    for _ in 0..count {
        let (after, one) = destination(rest)?;
        all.push(one);
        rest = after;
    }
    Ok((rest, Destinations(all)))
}

/// `destination = 1:u8 address | 2:u8 dl_name`
fn destination(input: &[u8]) -> Parsed<'_, Destination> {
    let (rest, flag) = integer("dest_flag")(input)?;
    match flag {
        1 => {
            let (after, address) = Address::decode(rest, &DESTINATION)?;
            check_destination(&address, rest)?;
            Ok((after, Destination::Address(address)))
        }
        2 => string("dl_name", CommandStatus::INVALID_LIST_NAME)(rest)
            .map(|(rest, name)| (rest, Destination::List(name))),
        _ => Err(fail(input, "dest_flag", Fault::InvalidValue, CommandStatus::INVALID_DESTINATION_FLAG)),
    }
}

/// The response, with the destinations that were refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubmitMultiResp {
    /// Identifier that the SMSC gave the message.
    pub message_id: Bytes,
    /// Refused destinations, each with its status.
    pub unsuccessful: Unsuccessful,
    /// Optional parameters (SMPP 5.0).
    pub tlvs: Tlvs,
}

/// Refused destinations of one PDU, at most 255.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unsuccessful(Vec<(Address, CommandStatus)>);

impl Unsuccessful {
    /// Returns `None` if there are more than 255.
    pub fn new(all: Vec<(Address, CommandStatus)>) -> Option<Self> {
        u8::try_from(all.len()).is_ok().then_some(Self(all))
    }

    pub fn all(&self) -> &[(Address, CommandStatus)] {
        &self.0
    }
}

impl SubmitMultiResp {
    /// `submit_multi_resp = [ message_id no_unsuccess:u8 { address error_status_code:u32 } { tlv } ]`
    pub(in crate::smpp) fn decode<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        let (message_id, _) = name_and_tlvs(frame, input);
        let body = input.get(message_id.len() + 1..).unwrap_or_default();
        if body.is_empty() {
            return Ok((body, Self { message_id, ..Self::default() }));
        }
        let (mut rest, count) = integer("no_unsuccess")(body)?;
        let mut all = Vec::new();
        for _ in 0..count {
            let (after, address) = Address::decode_as_it_is(rest, &DESTINATION)?;
            let (after, status) = integer_of_four("error_status_code")(after)?;
            all.push((address, CommandStatus(status)));
            rest = after;
        }
        let tlvs = Tlvs::decode_leniently(frame, rest);
        Ok((&[], Self { message_id, unsuccessful: Unsuccessful(all), tlvs }))
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_name(&self.message_id, out);
        // At most 255, by construction.
        out.put_u8(u8::try_from(self.unsuccessful.0.len()).unwrap_or(u8::MAX));
        for (address, status) in self.unsuccessful.all() {
            address.put(out);
            out.put_u32(status.0);
        }
        self.tlvs.put(out);
    }
}
