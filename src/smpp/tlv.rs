//! Optional parameters: tag, length, value (SMPP 3.4 section 5.3, SMPP 5.0 section 4.8).

use bytes::{BufMut, Bytes, BytesMut};
use nom::Parser;
use nom::multi::length_data;
use nom::number::complete::be_u16;

use super::fault::Fault;
use super::parse::{FieldError, Parsed, Rules, fail};
use super::status::CommandStatus;

/// Tags that this program reads or writes. All others are kept as received.
pub mod tag {
    /// Identifier of the message that a receipt is about.
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
    pub const USER_MESSAGE_REFERENCE: u16 = 0x0204;
    pub const SOURCE_PORT: u16 = 0x020A;
    pub const DESTINATION_PORT: u16 = 0x020B;
    /// Reference that all parts of a long message share.
    pub const SAR_MSG_REF_NUM: u16 = 0x020C;
    /// Number of parts of the long message.
    pub const SAR_TOTAL_SEGMENTS: u16 = 0x020E;
    /// Number of the part, from 1.
    pub const SAR_SEGMENT_SEQNUM: u16 = 0x020F;
    /// Version of SMPP that an SMSC supports.
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
    /// `network_error_code`: a kind of network and two octets (section 5.3.2.31).
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    /// A text that is too long for `short_message`.
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    /// State of the message that a receipt is about (section 5.2.28).
    pub const MESSAGE_STATE: u16 = 0x0427;
    /// Operation of a USSD message within its session.
    pub const USSD_SERVICE_OP: u16 = 0x0501;
    /// USSD dialogue that a message belongs to.
    pub const ITS_SESSION_INFO: u16 = 0x1383;
}

/// Tags of a fixed length, which is required in PDUs from ESMEs. Other tags may have any length: an odd parameter that
/// nothing reads is no reason to refuse a message.
const FIXED_LENGTHS: [(u16, &str, usize); 9] = [
    (tag::USER_MESSAGE_REFERENCE, "user_message_reference", 2),
    (tag::SOURCE_PORT, "source_port", 2),
    (tag::DESTINATION_PORT, "destination_port", 2),
    (tag::SAR_MSG_REF_NUM, "sar_msg_ref_num", 2),
    (tag::SAR_TOTAL_SEGMENTS, "sar_total_segments", 1),
    (tag::SAR_SEGMENT_SEQNUM, "sar_segment_seqnum", 1),
    (tag::SC_INTERFACE_VERSION, "sc_interface_version", 1),
    (tag::MESSAGE_STATE, "message_state", 1),
    (tag::USSD_SERVICE_OP, "ussd_service_op", 1),
];

/// Tags that say where the text is, which long message it is a part of, or what it does. If one of them is cut off, the
/// text is uncertain.
const DECISIVE: [u16; 5] = [
    tag::MESSAGE_PAYLOAD,
    tag::SAR_MSG_REF_NUM,
    tag::SAR_TOTAL_SEGMENTS,
    tag::SAR_SEGMENT_SEQNUM,
    tag::USSD_SERVICE_OP,
];

/// Most zero octets that some SMSCs pad a PDU with.
const FILLING_MAX: usize = 3;

/// The optional parameters of one PDU, in the order received, unknown tags included.
///
/// They are kept as one slice of the PDU that is known to be well formed, so that reading them allocates nothing.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Tlvs(Bytes);

/// Values are never printed, because a `message_payload` may hold a PIN or a voucher code.
impl std::fmt::Debug for Tlvs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tags = self.iter().map(|(tag, value)| (format!("{tag:#06x}"), format!("{} octets", value.len())));
        f.debug_map().entries(tags).finish()
    }
}

/// Place of a part in its long message, from the three `sar_` parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sar {
    /// Reference of the long message.
    pub reference: u16,
    /// Number of parts, from 1.
    pub total: u8,
    /// Number of this part, from 1 to `total`.
    pub sequence: u8,
}

/// A value is longer than 65,535 octets, the most that a TLV's length can express.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an optional parameter has at most 65535 octets, not {0}")]
pub struct TlvTooLong(pub usize);

/// `tlv = tag:u16 length:u16 value`
fn tlv(input: &[u8]) -> nom::IResult<&[u8], (u16, &[u8]), ()> {
    (be_u16, length_data(be_u16)).parse(input)
}

impl Tlvs {
    /// `tlvs = { tlv }`, to the end of the PDU. `input` is a slice of `frame`.
    pub(super) fn decode<'a>(rules: Rules, frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        match rules {
            _ if input.is_empty() => Ok((input, Self::default())),
            Rules::Submit => Self::decode_strictly(frame, input),
            Rules::Deliver => Self::decode_delivered(frame, input),
        }
    }

    fn decode_strictly<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        let mut rest = input;
        while !rest.is_empty() {
            let (after, (tag, value)) = tlv(rest).map_err(|_| broken(rest))?;
            check_length(rest, tag, value)?;
            rest = after;
        }
        let tlvs = Self(frame.slice_ref(input));
        tlvs.check_sar(input)?;
        Ok((rest, tlvs))
    }

    /// Decodes parameters from an SMSC. Zeros before the parameters are padding. A parameter that is cut off at the end
    /// is dropped, unless it could change how the text is read.
    fn decode_delivered<'a>(frame: &Bytes, input: &'a [u8]) -> Parsed<'a, Self> {
        let zeros = input.iter().take(FILLING_MAX).take_while(|octet| **octet == 0).count();
        let filled = (0..=zeros).find(|filling| input.get(*filling..).is_some_and(is_whole));
        let octets = input.get(filled.unwrap_or(0)..).unwrap_or_default();
        let cut = behind_whole(octets);
        let is_decisive = |tag: &[u8; 2]| DECISIVE.contains(&u16::from_be_bytes(*tag));
        if cut.first_chunk().is_some_and(is_decisive) {
            return Err(broken(cut));
        }
        let whole = octets.get(..octets.len() - cut.len()).unwrap_or_default();
        let tlvs = if whole.is_empty() { Self::default() } else { Self(frame.slice_ref(whole)) };
        tlvs.check_delivered_sar(octets)?;
        Ok((&[], tlvs))
    }

    /// Keeps the parameters before the first malformed one. Used for responses, which are never refused.
    pub(super) fn decode_leniently(frame: &Bytes, input: &[u8]) -> Self {
        let whole = input.len() - behind_whole(input).len();
        input.get(..whole).filter(|octets| !octets.is_empty()).map_or_else(Self::default, |octets| {
            // `input` is a slice of `frame`.
            Self(frame.slice_ref(octets))
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = (u16, &[u8])> {
        let mut rest = self.0.as_ref();
        std::iter::from_fn(move || {
            let (after, found) = tlv(rest).ok()?;
            rest = after;
            Some(found)
        })
    }

    /// Returns the value of the first parameter of this tag.
    pub fn get(&self, tag: u16) -> Option<&[u8]> {
        if self.0.is_empty() { None } else { self.iter().find(|&(found, _)| found == tag).map(|(_, value)| value) }
    }

    /// Returns the value of the first parameter of this tag, sharing the PDU's memory.
    pub fn get_shared(&self, tag: u16) -> Option<Bytes> {
        self.get(tag).map(|value| self.0.slice_ref(value))
    }

    /// Returns a value of one octet; `None` if it is missing or has another length.
    pub fn octet(&self, tag: u16) -> Option<u8> {
        self.get(tag).and_then(|value| <[u8; 1]>::try_from(value).ok()).map(|[octet]| octet)
    }

    /// Returns a value of two octets; `None` if it is missing or has another length.
    pub fn word(&self, tag: u16) -> Option<u16> {
        self.get(tag).and_then(|value| value.try_into().ok()).map(u16::from_be_bytes)
    }

    /// Returns a number of any width: some SMSCs write a number of one octet in four, others the reverse. `None` if it
    /// is missing, has no octets, or is too large for `N`.
    pub fn number<N: TryFrom<u64>>(&self, tag: u16) -> Option<N> {
        let value = self.get(tag).filter(|value| !value.is_empty())?;
        let digits = value.iter().skip_while(|octet| **octet == 0);
        if digits.clone().count() > size_of::<u64>() {
            return None;
        }
        N::try_from(digits.fold(0, |number, octet| number << 8 | u64::from(*octet))).ok()
    }

    /// Returns the place in a long message; `None` if the message is not a part of one.
    pub fn sar(&self) -> Option<Sar> {
        Some(Sar {
            reference: self.number(tag::SAR_MSG_REF_NUM)?,
            total: self.number(tag::SAR_TOTAL_SEGMENTS)?,
            sequence: self.number(tag::SAR_SEGMENT_SEQNUM)?,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the parameters with one more at the end.
    ///
    /// # Errors
    /// The value is longer than 65,535 octets.
    pub fn with(&self, tag: u16, value: &[u8]) -> Result<Self, TlvTooLong> {
        let length = u16::try_from(value.len()).map_err(|_| TlvTooLong(value.len()))?;
        let mut octets = BytesMut::with_capacity(self.0.len() + 4 + value.len());
        octets.put_slice(&self.0);
        octets.put_u16(tag);
        octets.put_u16(length);
        octets.put_slice(value);
        Ok(Self(octets.freeze()))
    }

    pub(super) fn put(&self, out: &mut BytesMut) {
        out.put_slice(&self.0);
    }

    /// Refuses a part of a long message whose place is incomplete or impossible: a part is never read alone.
    fn check_sar(&self, input: &[u8]) -> Result<(), nom::Err<FieldError>> {
        let parts = [tag::SAR_MSG_REF_NUM, tag::SAR_TOTAL_SEGMENTS, tag::SAR_SEGMENT_SEQNUM];
        let present = parts.iter().filter(|&&tag| self.get(tag).is_some()).count();
        match self.sar() {
            None if present == 0 => Ok(()),
            None => Err(fail(input, "sar parameters", Fault::Missing, CommandStatus::MISSING_TLV)),
            Some(Sar { total, sequence, .. }) if (1..=total).contains(&sequence) => Ok(()),
            Some(_) => Err(fail(input, "sar_segment_seqnum", Fault::InvalidValue, CommandStatus::INVALID_TLV_VALUE)),
        }
    }

    /// As [`Self::check_sar`], for PDUs from an SMSC: parameters that describe a single part are ignored, complete or
    /// not.
    fn check_delivered_sar(&self, input: &[u8]) -> Result<(), nom::Err<FieldError>> {
        let tags = [tag::SAR_MSG_REF_NUM, tag::SAR_TOTAL_SEGMENTS, tag::SAR_SEGMENT_SEQNUM];
        let invalid = |fault, status| Err(fail(input, "sar parameters", fault, status));
        match tags.map(|tag| self.number::<u64>(tag)) {
            [_, None | Some(0 | 1), None | Some(0 | 1)] => Ok(()),
            [None, ..] | [_, None, _] | [.., None] => invalid(Fault::Missing, CommandStatus::MISSING_TLV),
            [Some(0..=0xFFFF), Some(total @ 2..=255), Some(sequence)] if (1..=total).contains(&sequence) => Ok(()),
            _ => invalid(Fault::InvalidValue, CommandStatus::INVALID_TLV_VALUE),
        }
    }
}

fn broken(at: &[u8]) -> nom::Err<FieldError> {
    fail(at, "optional parameters", Fault::Truncated, CommandStatus::INVALID_TLV_STREAM)
}

/// Returns the input after the last complete parameter.
fn behind_whole(input: &[u8]) -> &[u8] {
    let mut rest = input;
    while let Ok((after, _)) = tlv(rest) {
        rest = after;
    }
    rest
}

fn is_whole(input: &[u8]) -> bool {
    behind_whole(input).is_empty()
}

fn check_length(input: &[u8], tag: u16, value: &[u8]) -> Result<(), nom::Err<FieldError>> {
    match FIXED_LENGTHS.iter().find(|(known, ..)| *known == tag) {
        Some(&(_, name, length)) if length != value.len() => {
            Err(fail(input, name, Fault::WrongLength(value.len()), CommandStatus::INVALID_TLV_LENGTH))
        }
        _ => Ok(()),
    }
}
