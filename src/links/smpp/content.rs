//! The content of a message: a text, a dialled code, a part of a long text, or octets that are none of these.

use crate::domain::Body;
use crate::processor::body;
use crate::smpp::message::Message;
use crate::smpp::session::Role;
use crate::smpp::tlv::tag;
use crate::text::data_coding::{Alphabet, DataCoding, DefaultAlphabet};
use crate::text::udh::{Part, UserData, UserDataHeader};
use crate::text::ussd;

/// Most octets of UCS-2 of which an odd last octet is certainly a terminating NUL. A longer text may have been cut off.
const NOT_CUT_MAX: usize = 139;

#[derive(Debug)]
pub(super) enum Content {
    /// A part of a long text. The flag is true if its octets begin with a user data header.
    Part(Part, bool),
    /// All of it.
    Whole(Body),
}

impl Content {
    /// Reads a message. `is_dialled` is true for a message of USSD.
    pub(super) fn of(message: &Message, alphabet: DefaultAlphabet, is_dialled: bool) -> Self {
        let part = |part: Option<Part>| part.filter(|part| part.total() > 1);
        let sar = part(message.sar.and_then(|sar| Part::new(sar.reference, sar.total, sar.sequence)));
        // The parameters say that the text has one part.
        let is_one = sar.is_none() && message.tlvs.get(tag::SAR_MSG_REF_NUM).is_some();
        let headless = || UserData::parse(&message.octets, false, message.data_coding, alphabet);
        match (UserData::parse(&message.octets, message.has_udh, message.data_coding, alphabet), sar) {
            // The message claims a header and has none. The parameters give the part.
            (Err(_), Some(sar)) => Self::Part(sar, false),
            (Err(_), None) if is_dialled => {
                let coded = ussd::coded(&message.octets, message.data_coding, alphabet);
                Self::Whole(body(vec![coded], message.data_coding, None))
            }
            (Err(_), None)
                if (is_one || is_print(&message.octets))
                    && let Ok(data) = headless() =>
            {
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

/// Removes a terminating NUL, which some SMSCs count as text: after octets or UCS-2, after a dialled code, and at the
/// end of `message_payload`. In a 7-bit short message, the same octet is `@`.
pub(super) fn without_nul(
    message: Message,
    role: Role,
    default_alphabet: DefaultAlphabet,
    is_dialled: bool,
) -> Message {
    if role == Role::Smsc {
        return message;
    }
    let header = message.has_udh.then(|| UserDataHeader::parse(&message.octets)).and_then(Result::ok);
    let is_dialled = is_dialled && header.is_none();
    // If no header can be read, all octets are text.
    let (header, text) = header.unwrap_or_else(|| (UserDataHeader::default(), &message.octets));
    let is_part = message.sar.is_some_and(|sar| sar.total > 1) || header.part().is_some_and(|part| part.total() > 1);
    let alphabet = if is_dialled {
        ussd::alphabet_of(text, message.data_coding, default_alphabet)
    } else {
        DataCoding::from_octet(message.data_coding, default_alphabet).alphabet
    };
    let is_packed = default_alphabet == DefaultAlphabet::Gsm7Packed;
    // A part of a long text may end in an `@`. A dialled code never does.
    let ends_in_no_letter = is_dialled || message.in_payload && !message.has_udh && !is_part;
    let left = match alphabet {
        Ok(Alphabet::Ascii | Alphabet::Latin1 | Alphabet::Utf8) => text_length::<1>(text),
        Ok(Alphabet::Ucs2) if text.len().is_multiple_of(2) => text_length::<2>(text),
        // A part, or a text that fills its message, may have been cut within a character.
        Ok(Alphabet::Ucs2) if is_part || message.octets.len() > NOT_CUT_MAX => text.len(),
        Ok(Alphabet::Ucs2) => text.strip_suffix(&[0]).map_or(text.len(), text_length::<2>),
        Ok(Alphabet::Gsm7) if ends_in_no_letter && !is_packed => text_length::<1>(text),
        Ok(Alphabet::Gsm7) | Err(_) => text.len(),
    };
    let length = message.octets.len() - text.len() + left;
    Message { octets: message.octets.slice(..length), ..message }
}

/// Returns true if all octets, including the one that would be the length of a header, are characters in every alphabet
/// with one octet for each character.
fn is_print(octets: &[u8]) -> bool {
    octets.iter().all(|octet| matches!(octet, b' '..=b'~' | b'\r' | b'\n'))
}

/// The number of octets without the units of zeros at the end.
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
