//! The PDU of a message.

use std::rc::Rc;

use super::plan::Plan;
use crate::smpp::address::Address;
use crate::smpp::pdu::{ShortMessage, Sm};
use crate::smpp::tlv::Tlvs;
use crate::text::data_coding::DefaultAlphabet;
use crate::text::segments::encode_for_submit;

/// Composes messages to one short code. Its buffers are used again.
pub(super) struct Composer {
    short_code: Address,
    /// Beginning of the identifiers of this run's messages.
    run: Rc<str>,
    text: String,
    number: String,
}

impl Composer {
    pub(super) const fn new(short_code: Address, run: Rc<str>) -> Self {
        Self { short_code, run, text: String::new(), number: String::new() }
    }

    /// Returns `None` for a text or a number that does not fit; the plan has none.
    pub(super) fn message(&mut self, message: u32, plan: &Plan) -> Option<Sm> {
        let texts = &plan.texts;
        self.text.clear();
        texts.text.render(texts.values(message), &mut self.text);
        self.number.clear();
        texts.numbers.render(texts.subscriber(message), &mut self.number);
        let (data_coding, octets) = encode_for_submit(&self.text, DefaultAlphabet::default());
        let tlvs = match plan.message_id_tlv {
            Some(tag) => Tlvs::default().with(tag, format!("{}-{message}", self.run).as_bytes()).ok()?,
            None => Tlvs::default(),
        };
        Some(Sm {
            source: Address::new(1, 1, &self.number).ok()?,
            destination: self.short_code,
            data_coding,
            short_message: ShortMessage::new(octets.into())?,
            tlvs,
            ..Sm::default()
        })
    }
}
