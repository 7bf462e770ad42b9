//! The layout that `submit_sm` and `deliver_sm` share (sections 4.4.1 and 4.6.1), and that of responses with a message
//! identifier.

use bytes::{BufMut, Bytes, BytesMut};

use crate::smpp::address::{Address, DESTINATION, SOURCE, put_string};
use crate::smpp::fault::Fault;
use crate::smpp::octets::Octets;
use crate::smpp::parse::{FieldError, Parsed, Rules, fail, integer, short_message, string_to_cut};
use crate::smpp::status::CommandStatus;
use crate::smpp::time;
use crate::smpp::tlv::{Tlvs, tag};

/// A short message to an SMSC (`submit_sm`) or from one (`deliver_sm`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sm {
    /// Empty, or a service such as `USSD`.
    pub service_type: Octets<6>,
    pub source: Address,
    pub destination: Address,
    /// Mode, kind, and whether a user data header opens the text (section 5.2.12).
    pub esm_class: u8,
    /// GSM protocol identifier.
    pub protocol_id: u8,
    /// 0 (bulk) to 3 (very urgent).
    pub priority_flag: u8,
    /// Time of delivery; empty for immediate delivery.
    pub schedule_delivery_time: Octets<17>,
    /// Time after which delivery is not attempted; empty for the SMSC's default.
    pub validity_period: Octets<17>,
    /// Receipts that the sender asks for (section 5.2.17).
    pub registered_delivery: u8,
    /// 1 to replace an earlier message.
    pub replace_if_present_flag: u8,
    /// Alphabet of the text (section 5.2.19).
    pub data_coding: u8,
    /// Index of a text that the SMSC stores, or 0.
    pub sm_default_msg_id: u8,
    /// The text, or empty if it is in `message_payload`.
    pub short_message: ShortMessage,
    pub tlvs: Tlvs,
}

/// The octets of a `short_message`: at most 255, the maximum of `sm_length` (SMPP 3.4 says 254).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ShortMessage(Bytes);

impl ShortMessage {
    /// Most octets.
    pub const LIMIT: usize = 255;

    /// Returns `None` if there are more than [`Self::LIMIT`] octets.
    pub fn new(octets: Bytes) -> Option<Self> {
        (octets.len() <= Self::LIMIT).then_some(Self(octets))
    }

    pub const fn octets(&self) -> &Bytes {
        &self.0
    }

    /// A `short_message` that the parser found: `octets` is a slice of the frame.
    pub(in crate::smpp) fn slice_of(frame: &Bytes, octets: &[u8]) -> Self {
        Self(if octets.is_empty() { Bytes::new() } else { frame.slice_ref(octets) })
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        // At most LIMIT, by construction.
        out.put_u8(u8::try_from(self.0.len()).unwrap_or(u8::MAX));
        out.put_slice(&self.0);
    }
}

/// Never printed, because a text may hold a PIN or a voucher code.
impl std::fmt::Debug for ShortMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({} octets)", self.0.len())
    }
}

impl Sm {
    /// `sm = service_type source destination esm_class:u8 protocol_id:u8 priority_flag:u8 schedule_delivery_time
    /// validity_period registered_delivery:u8 replace_if_present_flag:u8 data_coding:u8 sm_default_msg_id:u8
    /// short_message { tlv }`
    #[inline]
    pub(in crate::smpp) fn decode<'a>(rules: Rules, frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        let start = input;
        let (input, service_type) = string_to_cut(rules, "service_type", CommandStatus::INVALID_SERVICE_TYPE)(input)?;
        let (input, source) = Address::decode(input, &SOURCE)?;
        let (flags, destination) = Address::decode(input, &DESTINATION)?;
        let (input, esm_class) = integer("esm_class")(flags)?;
        let (input, protocol_id) = integer("protocol_id")(input)?;
        let (times, priority_flag) = integer("priority_flag")(input)?;
        let (input, schedule_delivery_time) =
            string_to_cut(rules, "schedule_delivery_time", CommandStatus::INVALID_SCHEDULE)(times)?;
        let (input, validity_period) = string_to_cut(rules, "validity_period", CommandStatus::INVALID_EXPIRY)(input)?;
        let (input, registered_delivery) = integer("registered_delivery")(input)?;
        let (input, replace_if_present_flag) = integer("replace_if_present_flag")(input)?;
        let (input, data_coding) = integer("data_coding")(input)?;
        let (input, sm_default_msg_id) = integer("sm_default_msg_id")(input)?;
        let (input, octets) = short_message(input)?;
        let (rest, tlvs) = Tlvs::decode(rules, frame, input)?;
        check_single_text(rules, input, octets, &tlvs)?;
        let sm = Self {
            service_type,
            source,
            destination,
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
        if rules == Rules::Submit {
            sm.check_addresses(start)?;
            sm.terms().check(flags, times)?;
        }
        Ok((rest, sm))
    }

    fn terms(&self) -> Terms<'_> {
        Terms {
            esm_class: self.esm_class,
            priority_flag: self.priority_flag,
            schedule: self.schedule_delivery_time.as_bytes(),
            validity: self.validity_period.as_bytes(),
            registered_delivery: self.registered_delivery,
            replace_if_present_flag: self.replace_if_present_flag,
        }
    }

    fn check_addresses(&self, start: &[u8]) -> Result<(), nom::Err<FieldError>> {
        let source = start.get(self.service_type.as_bytes().len() + 1..).unwrap_or_default();
        self.source.check(source, &SOURCE)?;
        let destination = source.get(self.source.value.as_bytes().len() + 3..).unwrap_or_default();
        check_destination(&self.destination, destination)
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_string(&self.service_type, out);
        self.source.put(out);
        self.destination.put(out);
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

/// Refuses a destination that is empty or of an unknown numbering.
pub(super) fn check_destination(destination: &Address, input: &[u8]) -> Result<(), nom::Err<FieldError>> {
    destination.check(input, &DESTINATION)?;
    if destination.value.is_empty() {
        let field = skip(input, 2);
        return Err(fail(field, "destination_addr", Fault::Missing, CommandStatus::INVALID_DESTINATION));
    }
    Ok(())
}

/// Returns true if an ESME may submit a message of this `esm_class` (section 5.2.12). The specification also allows
/// acknowledgements. They are refused: nothing here asks for one, and an OK would promise to keep it.
pub(super) const fn may_be_submitted(esm_class: u8) -> bool {
    esm_class & 0x3C == 0
}

/// The fields that say how a submitted message is handled. Each is checked for its allowed values.
pub(super) struct Terms<'a> {
    pub esm_class: u8,
    pub priority_flag: u8,
    pub schedule: &'a [u8],
    pub validity: &'a [u8],
    pub registered_delivery: u8,
    pub replace_if_present_flag: u8,
}

impl Terms<'_> {
    /// `flags` begins at `esm_class`, `times` at `schedule_delivery_time`.
    pub(super) fn check(&self, flags: &[u8], times: &[u8]) -> Result<(), nom::Err<FieldError>> {
        let invalid = |at: &[u8], field, status| Err(fail(at, field, Fault::InvalidValue, status));
        if !may_be_submitted(self.esm_class) {
            return invalid(flags, "esm_class", CommandStatus::INVALID_ESM_CLASS);
        }
        if self.priority_flag > 4 {
            return invalid(skip(flags, 2), "priority_flag", CommandStatus::INVALID_PRIORITY);
        }
        if !time::is_valid(self.schedule) {
            return invalid(times, "schedule_delivery_time", CommandStatus::INVALID_SCHEDULE);
        }
        let times = skip(times, self.schedule.len() + 1);
        if !time::is_valid(self.validity) {
            return invalid(times, "validity_period", CommandStatus::INVALID_EXPIRY);
        }
        let octets = skip(times, self.validity.len() + 1);
        if self.registered_delivery > 0x1F {
            return invalid(octets, "registered_delivery", CommandStatus::INVALID_REGISTERED_DELIVERY);
        }
        if self.replace_if_present_flag > 1 {
            return invalid(skip(octets, 1), "replace_if_present_flag", CommandStatus::INVALID_REPLACE_FLAG);
        }
        Ok(())
    }
}

fn skip(input: &[u8], octets: usize) -> &[u8] {
    input.get(octets..).unwrap_or_default()
}

/// Refuses a `short_message` and a `message_payload` that differ. An empty `short_message`, or a NUL that is counted at
/// its end, makes no difference.
pub(super) fn check_single_text(
    rules: Rules,
    input: &[u8],
    short: &[u8],
    tlvs: &Tlvs,
) -> Result<(), nom::Err<FieldError>> {
    let without_nul = |text: &[u8]| text.strip_suffix(&[0]).unwrap_or(text).to_vec();
    match tlvs.get(tag::MESSAGE_PAYLOAD) {
        None => Ok(()),
        Some(payload) if short.is_empty() || payload == short => Ok(()),
        Some(payload)
            if rules == Rules::Deliver && (payload.is_empty() || without_nul(payload) == without_nul(short)) =>
        {
            Ok(())
        }
        Some(_) => Err(fail(input, "message_payload", Fault::InvalidValue, CommandStatus::INVALID_MESSAGE_LENGTH)),
    }
}

/// `submit_sm_resp`, `deliver_sm_resp` and `data_sm_resp`, which carry the identifier that the SMSC gave the message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageResp {
    /// Empty in a `deliver_sm_resp`, and in most errors. Some SMSCs send more than the 64 octets of the specification.
    pub message_id: Bytes,
    pub tlvs: Tlvs,
}

impl MessageResp {
    pub fn new(message_id: impl Into<Bytes>) -> Self {
        Self { message_id: message_id.into(), tlvs: Tlvs::default() }
    }

    /// Returns the identifier read as Latin-1.
    pub fn message_id(&self) -> String {
        self.message_id.iter().copied().map(char::from).collect()
    }

    /// `message_resp = [ message_id { tlv } ]`; never refused, because a response cannot be answered
    pub(in crate::smpp) fn decode(frame: &Bytes, input: &[u8]) -> Self {
        let (message_id, tlvs) = name_and_tlvs(frame, input);
        Self { message_id, tlvs }
    }

    pub(in crate::smpp) fn put(&self, out: &mut BytesMut) {
        put_name(&self.message_id, out);
        self.tlvs.put(out);
    }
}

/// Splits input into a NUL-terminated name of any length and the parameters after it. Without a NUL, all of it is the
/// name.
pub(super) fn name_and_tlvs(frame: &Bytes, input: &[u8]) -> (Bytes, Tlvs) {
    let end = input.iter().position(|&octet| octet == 0).unwrap_or(input.len());
    let name = input.get(..end).filter(|name| !name.is_empty());
    let tlvs = Tlvs::decode_leniently(frame, skip(input, end + 1));
    (name.map_or_else(Bytes::new, |name| frame.slice_ref(name)), tlvs)
}

/// Appends a name up to its first NUL.
pub(super) fn put_name(name: &[u8], out: &mut BytesMut) {
    out.put_slice(name.split(|&octet| octet == 0).next().unwrap_or_default());
    out.put_u8(0);
}
