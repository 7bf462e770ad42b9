//! Receipts that this program sends to its ESMEs.

use super::state::MessageState;
use crate::smpp::pdu::{ShortMessage, Sm};
use crate::smpp::tlv::{Tlvs, tag};

/// `esm_class` of a delivery receipt.
pub const ESM_CLASS_RECEIPT: u8 = 0x04;
/// First octet of `network_error_code`: the kind of network, here GSM.
const GSM: u8 = 3;

/// A receipt for a message that a peer submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue<'a> {
    /// Identifier that the response gave the message.
    pub message_id: &'a str,
    pub state: MessageState,
    /// Error code of this program; 0 for no error.
    pub error_code: u8,
    /// Time of the submission, as `YYMMDDhhmm`.
    pub submitted: &'a str,
    /// Time of the final state, as `YYMMDDhhmm`.
    pub done: &'a str,
    /// Beginning of the message.
    pub text: &'a str,
}

impl Issue<'_> {
    /// Returns the receipt as a `deliver_sm` without addresses. `None` if the identifier is too long for its field.
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

/// Returns true for a character that has the same octet in ASCII, Latin-1 and the GSM alphabet.
const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' '..='#' | '%'..='?')
}
