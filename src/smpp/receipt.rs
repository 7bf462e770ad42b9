//! Delivery receipts: what an SMSC says about an earlier `submit_sm` (SMPP 3.4 appendix B), as they are read and written.

use super::message::Message;
use super::pdu::{ShortMessage, Sm};
use super::tlv::{Tlvs, tag};

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

    /// The number that `message_state` holds.
    pub const fn code(self) -> u8 {
        match self {
            Self::EnRoute => 1,
            Self::Delivered => 2,
            Self::Expired => 3,
            Self::Deleted => 4,
            Self::Undeliverable => 5,
            Self::Accepted => 6,
            Self::Unknown => 7,
            Self::Rejected => 8,
        }
    }

    /// The word that a receipt's text has after `stat:`.
    const fn word(self) -> &'static str {
        match self {
            Self::EnRoute => "ENROUTE",
            Self::Delivered => "DELIVRD",
            Self::Expired => "EXPIRED",
            Self::Deleted => "DELETED",
            Self::Undeliverable => "UNDELIV",
            Self::Accepted => "ACCEPTD",
            Self::Unknown => "UNKNOWN",
            Self::Rejected => "REJECTD",
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

/// `esm_class` of a delivery receipt.
pub const ESM_CLASS_RECEIPT: u8 = 0x04;
/// `network_error_code` begins with the kind of network: GSM.
const GSM: u8 = 3;

/// A receipt of ours, about a message that a peer submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue<'a> {
    /// The id that we had given it.
    pub message_id: &'a str,
    /// What became of it.
    pub state: MessageState,
    /// Why, as a number of ours; 0 for no error.
    pub error_code: u8,
    /// When it came, as `YYMMDDhhmm`.
    pub submitted: &'a str,
    /// When it reached its state, as `YYMMDDhhmm`.
    pub done: &'a str,
    /// How it begins.
    pub text: &'a str,
}

impl Issue<'_> {
    /// The receipt as a `deliver_sm` without addresses. `None` where the id is too long to be told.
    ///
    /// `text = "id:" id " sub:001 dlvrd:" count " submit date:" date " done date:" date " stat:" word " err:" 3digit
    /// " text:" beginning`
    pub fn sm(&self) -> Option<Sm> {
        let Self { message_id, state, error_code, submitted, done, .. } = self;
        let delivered = u8::from(*state == MessageState::Delivered);
        let beginning: String = self.text.chars().map(|c| if is_plain(c) { c } else { '?' }).collect();
        let text = format!(
            "id:{message_id} sub:001 dlvrd:{delivered:03} submit date:{submitted} done date:{done} stat:{} \
             err:{error_code:03} text:{beginning}",
            state.word()
        );
        let short_message = ShortMessage::new(text.into_bytes().into())?;
        let id = [message_id.as_bytes(), &[0]].concat();
        let mut tlvs = Tlvs::default().with(tag::RECEIPTED_MESSAGE_ID, &id).ok()?;
        tlvs = tlvs.with(tag::MESSAGE_STATE, &[state.code()]).ok()?;
        if *error_code != 0 {
            tlvs = tlvs.with(tag::NETWORK_ERROR_CODE, &[GSM, 0, *error_code]).ok()?;
        }
        Some(Sm { esm_class: ESM_CLASS_RECEIPT, short_message, tlvs, ..Sm::default() })
    }
}

/// The same octet in ASCII, Latin-1 and the GSM alphabet, whichever a peer takes receipts to be in.
const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' '..='#' | '%'..='?')
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
    use crate::smpp::pdu::Body;

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
            assert_eq!(Receipt::read(&message), Some(Receipt { message_id: "0195f0c7".into(), state, error }));
            assert_eq!(MessageState::from_word(state.word()), state);
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
