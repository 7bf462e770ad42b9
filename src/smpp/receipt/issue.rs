//! The receipts that we send to who submits to us.

use super::state::MessageState;
use crate::smpp::pdu::{ShortMessage, Sm};
use crate::smpp::tlv::{Tlvs, tag};

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
