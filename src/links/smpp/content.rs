//! What a message carries: a text, what was dialled, a part of a long text, or octets that are none of these.

use crate::domain::Body;
use crate::processor::body;
use crate::smpp::message::Message;
use crate::smpp::session::Role;
use crate::smpp::tlv::tag;
use crate::text::data_coding::{Alphabet, DataCoding, DefaultAlphabet};
use crate::text::udh::{Part, UserData};
use crate::text::ussd;

/// Longest octets of UCS-2 whose odd last octet is a terminating NUL for certain: longer ones may have been cut off there.
const NOT_CUT_MAX: usize = 139;

/// What a message carries.
#[derive(Debug)]
pub(super) enum Content {
    /// A part of a long text; whether a header opens its octets.
    Part(Part, bool),
    /// All of it.
    Whole(Body),
}

impl Content {
    /// Reads a message; `is_dialled` says that it is one of USSD.
    pub(super) fn of(message: &Message, alphabet: DefaultAlphabet, is_dialled: bool) -> Self {
        let part = |part: Option<Part>| part.filter(|part| part.total() > 1);
        let sar = part(message.sar.and_then(|sar| Part::new(sar.reference, sar.total, sar.sequence)));
        // The parameters say that it is a text of one part.
        let is_one = sar.is_none() && message.tlvs.get(tag::SAR_MSG_REF_NUM).is_some();
        let headless = || UserData::parse(&message.octets, false, message.data_coding, alphabet);
        match (UserData::parse(&message.octets, message.has_udh, message.data_coding, alphabet), sar) {
            // A header is promised and none is there: what tells of parts are the parameters.
            (Err(_), Some(sar)) => Self::Part(sar, false),
            (Err(_), None) if is_one && let Ok(data) = headless() => {
                Self::Whole(body(vec![data.body], message.data_coding, None))
            }
            (Ok(data), Some(sar)) if message.has_udh && !data.is_plausible() => Self::Part(sar, false),
            (Ok(data), sar) => match part(data.header.part()).or(sar) {
                Some(place) => Self::Part(place, message.has_udh),
                None if is_dialled && !message.has_udh => {
                    let coded = ussd::coded(&message.octets, message.data_coding, alphabet);
                    Self::Whole(body(vec![coded], message.data_coding, None))
                }
                None => Self::Whole(body(vec![data.body], message.data_coding, None)),
            },
            (Err(broken), None) => Self::Whole(Body::Undecodable {
                hex: hex::encode(&message.octets),
                data_coding: message.data_coding,
                why: format!("user data header: {broken}"),
            }),
        }
    }
}

/// The message without what SMSCs count as its text and nobody wrote: the NUL behind a text of octets or of UCS-2, and behind
/// one that is in `message_payload`. In a 7-bit short message the same octet is `@`.
pub(super) fn without_nul(message: Message, role: Role, default_alphabet: DefaultAlphabet) -> Message {
    let alphabet = DataCoding::from_octet(message.data_coding, default_alphabet).alphabet;
    let is_packed = default_alphabet == DefaultAlphabet::Gsm7Packed;
    // A part of a long text may be cut behind an `@`.
    let is_whole = !message.has_udh && message.sar.is_none_or(|sar| sar.total < 2);
    let octets = &message.octets;
    let length = match alphabet {
        _ if role == Role::Smsc => octets.len(),
        Ok(Alphabet::Ascii | Alphabet::Latin1 | Alphabet::Utf8) => text_length::<1>(octets),
        Ok(Alphabet::Ucs2) if !octets.len().is_multiple_of(2) && octets.len() <= NOT_CUT_MAX => {
            let whole = octets.strip_suffix(&[0]);
            whole.map_or(octets.len(), text_length::<2>)
        }
        Ok(Alphabet::Ucs2) => text_length::<2>(octets),
        Ok(Alphabet::Gsm7) if message.in_payload && is_whole && !is_packed => text_length::<1>(octets),
        Ok(Alphabet::Gsm7) | Err(_) => octets.len(),
    };
    Message { octets: message.octets.slice(..length), ..message }
}

/// How many octets are left without the units of zeros at the end.
fn text_length<const UNIT: usize>(octets: &[u8]) -> usize {
    let mut rest = octets;
    while let Some(shorter) = rest.strip_suffix(&[0; UNIT]) {
        rest = shorter;
    }
    rest.len()
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
