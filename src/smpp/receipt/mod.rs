//! Delivery receipts: reports of an SMSC on an earlier `submit_sm` (SMPP 3.4 appendix B), read and written.
//!
//! SMSCs write them in many ways. A message that `esm_class` marks as a receipt is read leniently. Without the mark a
//! message is a receipt only if that is certain: a customer's request must not be taken for a receipt. A receipt must
//! not be taken for a request either, because its reply would cause another receipt, and so on without end.
//!
//! - `state`: message states as numbers and words
//! - `text`: the text form that SMSCs share with variations; `fields` and `dates` parse its parts
//! - `issue`: receipts that this program sends

mod dates;
mod fields;
mod issue;
mod state;
mod text;

use super::message::{Message, MessageKind};
use super::tlv::tag;
use crate::text::data_coding::{self, DefaultAlphabet};
use crate::text::latin1;
use crate::text::national::Tables;
pub use issue::{ESM_CLASS_RECEIPT, Issue};
pub use state::MessageState;
use text::Said;

/// The state of a message that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Identifier that the SMSC gave the message. Peers may write it in another base or with other zeros than before.
    pub message_id: String,
    /// Identifier in the text, if it differs from the parameter's. Either may be the one in the response.
    pub other_id: Option<String>,
    pub state: MessageState,
    /// The SMSC's own error code, as written.
    pub error: Option<String>,
}

impl Receipt {
    /// Reads a message that `esm_class` marks as a receipt: the optional parameters, and the text `id:… stat:… err:…`
    /// for values that they lack. Returns `None` if neither has an identifier. `alphabet` is the peer's meaning of data
    /// coding 0.
    pub fn read(message: &Message, alphabet: DefaultAlphabet) -> Option<Self> {
        Self::of(message, said(message, alphabet))
    }

    /// Reads a receipt that `esm_class` does not mark. Both parameters must be present (the state may be unknown), or
    /// the whole text must be a receipt. One parameter alone is not enough, because some SMSCs give ordinary messages
    /// an identifier this way.
    pub fn recognise(message: &Message, alphabet: DefaultAlphabet) -> Option<Self> {
        if id(message).is_some() && message.tlvs.get(tag::MESSAGE_STATE).is_some_and(|state| !state.is_empty()) {
            return Self::of(message, said(message, alphabet));
        }
        if !may_be_receipt(message, alphabet) {
            return None;
        }
        Self::of(message, Some(said(message, alphabet)?).filter(Said::is_whole))
    }

    /// Reads a message as its kind allows: leniently if it is marked as a receipt, otherwise strictly.
    pub fn of_kind(message: &Message, alphabet: DefaultAlphabet) -> Option<Self> {
        if message.kind == MessageKind::Receipt {
            Self::read(message, alphabet)
        } else {
            Self::recognise(message, alphabet)
        }
    }

    fn of(message: &Message, said: Option<Said>) -> Option<Self> {
        let said = said.unwrap_or_default();
        let (id, from_text) = (id(message), said.id);
        let other_id = from_text.clone().filter(|other| id.as_ref().is_some_and(|id| id != other));
        let state = state(message).or(said.state).unwrap_or(MessageState::Unknown);
        Some(Self { message_id: id.or(from_text)?, other_id, state, error: said.error })
    }
}

/// Returns true if a whole text is that of a receipt. Used for every channel.
pub fn is_receipt(text: &str) -> bool {
    Said::read(text).is_whole()
}

/// `receipted_message_id`
fn id(message: &Message) -> Option<String> {
    let octets = message.tlvs.get(tag::RECEIPTED_MESSAGE_ID)?;
    let id = latin1::decode(octets.split(|&octet| octet == 0).next()?);
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// `message_state`
fn state(message: &Message) -> Option<MessageState> {
    message.tlvs.get(tag::MESSAGE_STATE).and_then(MessageState::from_octets)
}

/// The octets of the text, without a user data header.
fn octets(message: &Message) -> &[u8] {
    // The header is announced but missing: the octet of its length is a letter.
    let length = message.octets.first().filter(|length| message.has_udh && !length.is_ascii_alphabetic());
    let header = length.map_or(0, |length| usize::from(*length) + 1);
    message.octets.get(header..).unwrap_or_default()
}

/// Returns false for nearly all texts that are not receipts, at little cost. A receipt has the colons of two fields, in
/// any alphabet.
fn may_be_receipt(message: &Message, alphabet: DefaultAlphabet) -> bool {
    let colons = octets(message).iter().filter(|octet| **octet == b':');
    colons.take(2).count() == 2 || alphabet == DefaultAlphabet::Gsm7Packed
}

/// Reads the text in the alphabet in which it is a receipt. Most SMSCs write receipts in ASCII, whatever their
/// `data_coding`. Others follow `data_coding`, which may be UTF-16, sometimes in the wrong byte order.
fn said(message: &Message, alphabet: DefaultAlphabet) -> Option<Said> {
    let octets = octets(message);
    let readings: [&dyn Fn() -> Option<String>; 4] = [
        &|| Some(latin1::decode(octets)),
        &|| data_coding::decode(octets, message.data_coding, alphabet, Tables::default()).ok(),
        &|| Some(utf16(octets, u16::from_be_bytes)),
        &|| Some(utf16(octets, u16::from_le_bytes)),
    ];
    let mut partly = None;
    for reading in readings {
        let Some(text) = reading() else { continue };
        let said = Said::read(&text);
        if said.names_and_tells() && !said.id.as_ref().is_some_and(|id| id.contains(char::is_control)) {
            return Some(said);
        }
        if said.id.is_some() || said.state.is_some() {
            partly = partly.or(Some(said));
        }
    }
    partly
}

fn utf16(octets: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = octets.chunks_exact(2).filter_map(|pair| <[u8; 2]>::try_from(pair).ok()).map(unit);
    char::decode_utf16(units.skip_while(|&unit| unit == 0xFEFF))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::smpp::pdu::{Body, ShortMessage, Sm};
    use crate::smpp::tlv::Tlvs;

    fn receipt(text: &'static str, tlvs: Tlvs) -> Option<Receipt> {
        let short_message = ShortMessage::new(Bytes::from_static(text.as_bytes())).unwrap();
        let sm = Sm { esm_class: 0x04, short_message, tlvs, ..Sm::default() };
        Receipt::read(&Message::of(&Body::DeliverSm(sm)).unwrap(), DefaultAlphabet::Gsm7Unpacked)
    }

    /// A message without the mark of a receipt.
    fn unmarked(octets: &[u8], data_coding: u8, tlvs: Tlvs) -> Option<Receipt> {
        let short_message = ShortMessage::new(Bytes::copy_from_slice(octets)).unwrap();
        let sm = Sm { data_coding, short_message, tlvs, ..Sm::default() };
        Receipt::of_kind(&Message::of(&Body::DeliverSm(sm)).unwrap(), DefaultAlphabet::Gsm7Unpacked)
    }

    fn tlv(tag: u16, value: &[u8]) -> Tlvs {
        Tlvs::default().with(tag, value).unwrap()
    }

    #[test]
    fn a_receipt_is_read_from_its_text() {
        let text =
            "id:0195F0C7 sub:001 dlvrd:001 submit date:2611221725 done date:2611221726 stat:DELIVRD err:000 text:5";
        let expected = Receipt {
            message_id: "0195F0C7".into(),
            other_id: None,
            state: MessageState::Delivered,
            error: Some("000".into()),
        };
        assert_eq!(receipt(text, Tlvs::default()), Some(expected));
        assert_eq!(receipt("hello", Tlvs::default()), None);
    }

    #[test]
    fn a_receipt_is_known_without_a_mark() {
        let text =
            b"id:abc123 sub:001 dlvrd:001 submit date:2611221725 done date:2611221726 stat:DELIVRD err:000 text:";
        let delivered = |id: &str, read: Option<Receipt>| {
            let read = read.unwrap();
            assert_eq!((read.message_id.as_str(), read.state), (id, MessageState::Delivered));
        };
        delivered("abc123", unmarked(text, 0, Tlvs::default()));
        let both = tlv(tag::RECEIPTED_MESSAGE_ID, b"abc123\0").with(tag::MESSAGE_STATE, &[0, 0, 0, 2]).unwrap();
        delivered("abc123", unmarked(b"", 0, both.clone()));
        delivered("abc123", unmarked(b"Message delivered.", 0, both));
        let id_only = tlv(tag::RECEIPTED_MESSAGE_ID, b"abc123\0");
        delivered("abc123", unmarked(text, 0, id_only.clone()));
        assert_eq!(unmarked(b"049123456 5", 0, id_only), None, "an SMSC's identifier of an ordinary text");
        assert_eq!(unmarked(b"049123456 5", 0, tlv(tag::MESSAGE_STATE, &[2])), None);
        assert_eq!(unmarked(b"049123456 5", 0, Tlvs::default()), None);
        assert_eq!(unmarked(b"id:abc123 stat:DELIVRD 049123456 5", 0, Tlvs::default()), None, "not wholly a receipt");
    }

    #[test]
    fn a_receipt_is_read_in_whatever_alphabet_it_is() {
        let text = "id:a_1 sub:001 stat:UNDELIVERABLE err:034 text:Për 5";
        let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        let little = text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let gsm = crate::text::gsm7::encode("id:a_1 stat:UNDELIV err:034").unwrap();
        for (octets, data_coding) in [
            (big(text), 0x08),
            (big(&format!("\u{feff}{text}")), 0x08),
            (big(text), 0x18),
            (little, 0x08),
            (latin1::encode(text).unwrap(), 0x03),
            (latin1::encode(text).unwrap(), 0x08),
            (gsm, 0x00),
        ] {
            let read = unmarked(&octets, data_coding, Tlvs::default()).unwrap();
            assert_eq!((read.message_id.as_str(), read.state), ("a_1", MessageState::Undeliverable));
            assert_eq!(read.error.as_deref(), Some("034"));
        }
        let septets = crate::text::gsm7::encode("id:a_1 stat:DELIVRD").unwrap();
        let packed = ShortMessage::new(crate::text::septets::pack(&septets, 0).into()).unwrap();
        let message = Message::of(&Body::DeliverSm(Sm { short_message: packed, ..Sm::default() })).unwrap();
        assert_eq!(Receipt::of_kind(&message, DefaultAlphabet::Gsm7Packed).unwrap().message_id, "a_1");
    }

    #[test]
    fn where_parameter_and_text_name_two_messages_both_are_told() {
        let read = receipt("id:26603719 stat:DELIVRD", tlv(tag::RECEIPTED_MESSAGE_ID, b"X-7\0")).unwrap();
        assert_eq!((read.message_id.as_str(), read.other_id.as_deref()), ("X-7", Some("26603719")));
        let read = receipt("id:X-7 stat:DELIVRD", tlv(tag::RECEIPTED_MESSAGE_ID, b"X-7")).unwrap();
        assert_eq!(read.other_id, None);
    }

    #[test]
    fn optional_parameters_come_first() {
        let tlvs = Tlvs::default().with(tag::RECEIPTED_MESSAGE_ID, b"beef\0").unwrap();
        let tlvs = tlvs.with(tag::MESSAGE_STATE, &[5]).unwrap();
        let read = receipt("id:1 stat:DELIVRD", tlvs).unwrap();
        assert_eq!((read.message_id.as_str(), read.state), ("beef", MessageState::Undeliverable));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for code in 1..=8 {
            let state = MessageState::from_code(code);
            assert_eq!(state.code(), code);
            let issue = Issue {
                message_id: "0195f0c7",
                state,
                error_code: 17,
                submitted: "2611221725",
                done: "2611221726",
                text: "5 për 049",
            };
            let message = Message::of(&Body::DeliverSm(issue.sm().unwrap())).unwrap();
            let text = String::from_utf8(message.octets.to_vec()).unwrap();
            let dates = "submit date:2611221725 done date:2611221726";
            let delivered = u8::from(code == 2);
            let expected =
                format!("id:0195f0c7 sub:001 dlvrd:00{delivered} {dates} stat:{} err:017 text:5 p?r 049", state.word());
            assert_eq!(text, expected);
            assert_eq!(message.tlvs.get(tag::NETWORK_ERROR_CODE), Some([3, 0, 17].as_slice()));
            let error = Some("017".to_owned());
            let expected = Receipt { message_id: "0195f0c7".into(), other_id: None, state, error };
            assert_eq!(Receipt::of_kind(&message, DefaultAlphabet::Latin1), Some(expected));
        }
        let long = "x".repeat(300);
        let issue = Issue {
            message_id: &long,
            state: MessageState::Delivered,
            error_code: 0,
            submitted: "",
            done: "",
            text: "",
        };
        assert_eq!(issue.sm(), None);
    }
}
