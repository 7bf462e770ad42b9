//! The message PDUs of a text, the same for both directions.

use serde::Serialize;

use crate::smpp::address::Address;
use crate::smpp::message::ESM_CLASS_UDHI;
use crate::smpp::octets::InvalidOctets;
use crate::smpp::pdu::{ShortMessage, Sm};
use crate::smpp::tlv::{Tlvs, tag};
use crate::text::data_coding::DefaultAlphabet;
use crate::text::fields::{Fields, Wrong};
use crate::text::segments::{Segment, encode_for_submit, segments};
use crate::text::shift::NationalTables;
use crate::text::udh::{Element, Part, UserDataHeader};

/// A text to send. As a line of a file it is `{"from": …, "to": …, "text": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    pub from: String,
    pub to: String,
    pub text: String,
}

/// The line has no text.
#[derive(Debug, thiserror::Error)]
#[error("{0} (a line is {{\"from\": \"049111222\", \"to\": \"50005\", \"text\": \"5\"}})")]
pub struct NoText(#[from] Wrong);

impl Text {
    /// Reads one line of a file of texts. `from` is the sender if the line names none. The short code is `to`, or one
    /// of its older names `shortcode` and `short_code`.
    ///
    /// # Errors
    /// The line is not a JSON object with a short code, a text and nothing else.
    pub fn from_line(line: &[u8], from: &str) -> Result<Self, NoText> {
        let mut fields = Fields::read(line, &["from", "to", "text", "shortcode", "short_code"])?;
        fields.only_one_of(&["to", "shortcode", "short_code"])?;
        let older = ["shortcode", "short_code"].into_iter().find(|name| fields.has(name));
        let (to, text) = (fields.text(older.unwrap_or("to"))?, fields.text("text")?);
        let named = fields.text_or_empty("from")?;
        Ok(Self { from: if named.is_empty() { from.to_owned() } else { named }, to, text })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDelivered {
    #[error("no client is bound to receive")]
    NobodyBound,
    /// The text was sent, and the session ended or the time expired before a response.
    #[error("no answer")]
    Unanswered,
    /// The text does not fit a message PDU.
    #[error("it cannot be sent: {0}")]
    Unfit(String),
}

/// Form of a text that needs more than one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum LongStyle {
    /// A user data header with a reference of 8 bits in each part.
    #[default]
    Udh8,
    /// A user data header with a reference of 16 bits in each part.
    Udh16,
    /// `sar_msg_ref_num`, `sar_total_segments` and `sar_segment_seqnum` with each part.
    Sar,
    /// One PDU, all of the text in `message_payload`; short texts too.
    Payload,
}

/// Builds the PDUs of a text. The parts of a long one share `reference`.
///
/// # Errors
/// The text does not fit.
pub(super) fn messages(text: &Text, style: LongStyle, reference: u16) -> Result<Vec<Sm>, NotDelivered> {
    if style == LongStyle::Payload {
        let (data_coding, octets) = encode_for_submit(&text.text, DefaultAlphabet::default());
        let tlvs = with(&Tlvs::default(), tag::MESSAGE_PAYLOAD, &octets)?;
        return Ok(vec![Sm { tlvs, ..message(text, Vec::new(), data_coding, 0)? }]);
    }
    let [_, low] = reference.to_be_bytes();
    let parts = segments(&text.text, DefaultAlphabet::default(), low, &NationalTables::default());
    let parts = parts.map_err(|error| NotDelivered::Unfit(error.to_string()))?;
    let total = parts.len();
    let numbered = parts.into_iter().zip(1_u8..);
    numbered.map(|(part, number)| of_part(text, part, style, Part::new(reference, count(total), number))).collect()
}

/// A long text has at most 255 parts.
fn count(parts: usize) -> u8 {
    u8::try_from(parts).unwrap_or(u8::MAX)
}

fn of_part(text: &Text, part: Segment, style: LongStyle, place: Option<Part>) -> Result<Sm, NotDelivered> {
    let (Some(place), true) = (place, part.has_header) else { return message(text, part.octets, part.data_coding, 0) };
    // Septets are not packed, so the length of the header does not shift them.
    let header = usize::from(part.octets.first().copied().unwrap_or(0)) + 1;
    let said = part.octets.get(header..).unwrap_or_default();
    match style {
        LongStyle::Sar => {
            let tlvs = with(&Tlvs::default(), tag::SAR_MSG_REF_NUM, &place.reference().to_be_bytes())?;
            let tlvs = with(&tlvs, tag::SAR_TOTAL_SEGMENTS, &[place.total()])?;
            let tlvs = with(&tlvs, tag::SAR_SEGMENT_SEQNUM, &[place.number()])?;
            Ok(Sm { tlvs, ..message(text, said.to_vec(), part.data_coding, 0)? })
        }
        LongStyle::Udh16 => {
            let header = UserDataHeader { elements: vec![Element::Concatenated16(place)] }.encode();
            message(text, [&header, said].concat(), part.data_coding, ESM_CLASS_UDHI)
        }
        LongStyle::Udh8 | LongStyle::Payload => message(text, part.octets, part.data_coding, ESM_CLASS_UDHI),
    }
}

fn with(tlvs: &Tlvs, tag: u16, value: &[u8]) -> Result<Tlvs, NotDelivered> {
    tlvs.with(tag, value).map_err(|error| NotDelivered::Unfit(error.to_string()))
}

/// Builds a message from a phone to a short code.
///
/// # Errors
/// A value does not fit a `submit_sm` or `deliver_sm`.
pub fn message(text: &Text, octets: Vec<u8>, data_coding: u8, esm_class: u8) -> Result<Sm, NotDelivered> {
    let unfit = |error: InvalidOctets| NotDelivered::Unfit(error.to_string());
    let digits = text.from.strip_prefix('+').unwrap_or(&text.from);
    let short_message = ShortMessage::new(octets.into()).ok_or_else(|| NotDelivered::Unfit("too long".to_owned()))?;
    Ok(Sm {
        source: Address::new(1, 1, digits).map_err(unfit)?,
        destination: Address::new(0, 1, &text.to).map_err(unfit)?,
        esm_class,
        data_coding,
        short_message,
        ..Sm::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::reader::Reader;
    use crate::smpp::message::Message;
    use crate::smpp::pdu::Body;

    #[test]
    fn a_long_text_is_read_back_whatever_the_style() {
        for said in ["5", &"shuma ".repeat(60), &"ëç€ шума ".repeat(40)] {
            let text = Text { from: "+38349111222".into(), to: "50005".into(), text: said.to_owned() };
            for style in [LongStyle::Udh8, LongStyle::Udh16, LongStyle::Sar, LongStyle::Payload] {
                let reader = Reader::new();
                let parts = messages(&text, style, 0x1234).unwrap();
                assert_eq!(parts.len() > 1, said.len() > 1 && style != LongStyle::Payload, "{style:?}");
                let read: Vec<_> = parts
                    .into_iter()
                    .filter_map(|sm| reader.read(&Message::of(&Body::SubmitSm(sm)).unwrap()))
                    .collect();
                assert_eq!(read.len(), 1, "{style:?}");
                assert_eq!(read[0].0, said, "{style:?}");
            }
        }
    }
}
