//! The content of what the peer sends: the text of a reply, a later part of one, or a receipt.

use std::borrow::Cow;
use std::time::Duration;

use super::engine::Engine;
use crate::smpp::CommandStatus;
use crate::smpp::message::{Message, MessageKind};
use crate::smpp::pdu::{Body, Sm};
use crate::text::data_coding::{DefaultAlphabet, decode_parts};
use crate::text::udh::{Part, UserData};

/// The content of a message PDU.
#[derive(Debug, PartialEq, Eq)]
enum Content<'a> {
    /// A text, or the first part of a long one.
    Text(Cow<'a, str>),
    /// A later part of a long text.
    Segment,
    Receipt,
}

/// Counts a message of the peer; returns the status and the delay of its answer.
pub(super) fn take(engine: &mut Engine, body: &Body, now: u64) -> (CommandStatus, Duration) {
    let delay = engine.plan.faults.submit_delay;
    match (content(body), body) {
        (Some(Content::Text(text)), Body::SubmitSm(sm) | Body::DeliverSm(sm)) => {
            let status = engine.plan.faults.next_status();
            if status.is_ok() {
                let to = std::str::from_utf8(sm.destination.value.as_bytes()).unwrap_or_default();
                engine.replied(to, &text, now);
            } else {
                engine.tally.replies_refused += 1;
            }
            (status, delay)
        }
        (Some(Content::Segment), _) => {
            engine.tally.segments += 1;
            (CommandStatus::OK, delay)
        }
        (_, _) => {
            engine.tally.receipts += 1;
            (CommandStatus::OK, Duration::ZERO)
        }
    }
}

/// Reads a message. Octets that cannot be decoded become U+FFFD.
fn content(body: &Body) -> Option<Content<'_>> {
    let (Body::SubmitSm(sm) | Body::DeliverSm(sm)) = body else { return None };
    if let Some(text) = plain(sm) {
        return Some(Content::Text(Cow::Borrowed(text)));
    }
    let message = Message::of(body)?;
    if message.kind == MessageKind::Receipt {
        return Some(Content::Receipt);
    }
    let parsed = UserData::parse(&message.octets, message.has_udh, message.data_coding, DefaultAlphabet::default());
    let Ok(data) = parsed else { return Some(Content::Text(Cow::Borrowed("\u{FFFD}"))) };
    let place = data.header.part().map(Part::number).or(message.sar.map(|sar| sar.sequence));
    if place.is_some_and(|place| place > 1) {
        return Some(Content::Segment);
    }
    Some(Content::Text(Cow::Owned(decode_parts(vec![data.body]).0)))
}

/// The text of a message of one part, if each of its characters is the same in ASCII and in the GSM alphabet.
fn plain(sm: &Sm) -> Option<&str> {
    let octets = sm.short_message.octets();
    let is_same = |octet: &u8| matches!(octet, b' '..=b'#' | b'%'..=b'?' | b'A'..=b'Z' | b'a'..=b'z' | b'\n');
    let is_plain = sm.esm_class == 0 && sm.data_coding == 0 && sm.tlvs.is_empty() && !octets.is_empty();
    if is_plain && octets.iter().all(is_same) { std::str::from_utf8(octets).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smpp::pdu::ShortMessage;

    fn body(octets: &[u8], esm_class: u8, data_coding: u8) -> Body {
        let short_message = ShortMessage::new(octets.to_vec().into()).unwrap();
        Body::SubmitSm(Sm { esm_class, data_coding, short_message, ..Sm::default() })
    }

    fn text(text: &str) -> Content<'_> {
        Content::Text(text.into())
    }

    #[test]
    fn a_reply_is_read_in_its_alphabet() {
        assert_eq!(content(&body(b"5.00 EUR", 0, 0)), Some(text("5.00 EUR")));
        assert_eq!(content(&body(b"\x00 2", 0, 0)), Some(text("@ 2")));
        assert_eq!(content(&body(&[0, b'5', 0x20, 0xac], 0, 8)), Some(text("5€")));
        assert_eq!(content(&Body::Unbind), None);
    }

    #[test]
    fn later_parts_and_receipts_are_told_apart() {
        assert_eq!(content(&body(b"\x05\x00\x03\x07\x02\x01first", 0x40, 0)), Some(text("first")));
        assert_eq!(content(&body(b"\x05\x00\x03\x07\x02\x02later", 0x40, 0)), Some(Content::Segment));
        assert_eq!(content(&body(b"id:1 stat:DELIVRD", 0x04, 0)), Some(Content::Receipt));
    }
}
