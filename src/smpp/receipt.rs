//! Delivery receipts: what an SMSC says about an earlier `submit_sm` (SMPP 3.4 appendix B).

use super::message::Message;
use super::tlv::tag;

/// What became of a message that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The id that the SMSC had given it. Peers write the same id in other bases and with other zeros.
    pub message_id: String,
    /// Its state.
    pub state: MessageState,
    /// The SMSC's own error code, as written.
    pub error: Option<String>,
}

/// State of a submitted message (section 5.2.28).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// On its way.
    EnRoute,
    /// With its receiver.
    Delivered,
    /// Out of time.
    Expired,
    /// Taken back.
    Deleted,
    /// Given up.
    Undeliverable,
    /// Taken by the SMSC for the receiver.
    Accepted,
    /// Unknown.
    Unknown,
    /// Refused.
    Rejected,
}

impl MessageState {
    /// Of the number that `message_state` holds.
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::EnRoute,
            2 => Self::Delivered,
            3 => Self::Expired,
            4 => Self::Deleted,
            5 => Self::Undeliverable,
            6 => Self::Accepted,
            8 => Self::Rejected,
            _ => Self::Unknown,
        }
    }

    /// Of the word that a receipt's text has after `stat:`.
    fn from_word(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "ENROUTE" => Self::EnRoute,
            "DELIVRD" => Self::Delivered,
            "EXPIRED" => Self::Expired,
            "DELETED" => Self::Deleted,
            "UNDELIV" => Self::Undeliverable,
            "ACCEPTD" => Self::Accepted,
            "REJECTD" => Self::Rejected,
            _ => Self::Unknown,
        }
    }
}

impl Receipt {
    /// Reads a receipt: the optional parameters, and the text `id:… stat:… err:…` for what they do not say. `None`
    /// where neither names a message.
    pub fn read(message: &Message) -> Option<Self> {
        let text: String = message.octets.iter().copied().map(char::from).collect();
        let id = message
            .tlvs
            .get(tag::RECEIPTED_MESSAGE_ID)
            .map(|id| id.iter().take_while(|&&octet| octet != 0).copied().map(char::from).collect::<String>());
        let message_id = id.or_else(|| word_after(&text, "id:").map(str::to_owned)).filter(|id| !id.is_empty())?;
        let state = message
            .tlvs
            .octet(tag::MESSAGE_STATE)
            .map(MessageState::from_code)
            .or_else(|| word_after(&text, "stat:").map(MessageState::from_word))
            .unwrap_or(MessageState::Unknown);
        Some(Self { message_id, state, error: word_after(&text, "err:").map(str::to_owned) })
    }
}

/// The word behind a label that begins the text or follows a space.
fn word_after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    text.split_whitespace().find_map(|word| {
        let head = word.get(..label.len())?;
        head.eq_ignore_ascii_case(label).then(|| word.get(label.len()..).unwrap_or_default())
    })
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
        Receipt::read(&Message::of(&Body::DeliverSm(sm)).unwrap())
    }

    #[test]
    fn a_receipt_is_read_from_its_text() {
        let text =
            "id:0195F0C7 sub:001 dlvrd:001 submit date:2611221725 done date:2611221726 stat:DELIVRD err:000 text:5";
        let expected =
            Receipt { message_id: "0195F0C7".into(), state: MessageState::Delivered, error: Some("000".into()) };
        assert_eq!(receipt(text, Tlvs::default()), Some(expected));
        assert_eq!(receipt("hello", Tlvs::default()), None);
    }

    #[test]
    fn optional_parameters_come_first() {
        let tlvs = Tlvs::default().with(tag::RECEIPTED_MESSAGE_ID, b"beef\0").unwrap();
        let tlvs = tlvs.with(tag::MESSAGE_STATE, &[5]).unwrap();
        let read = receipt("id:1 stat:DELIVRD", tlvs).unwrap();
        assert_eq!((read.message_id.as_str(), read.state), ("beef", MessageState::Undeliverable));
    }
}
