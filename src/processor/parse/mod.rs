//! The first step: a message is parsed on the task of the link that received it, so that parsing uses all cores.
//! Nothing is looked up. The result has no codes and no PINs in its message.
//!
//! - [`Parser::parse`]: a text, by the grammar of its short code (`text`); [`Parser::order`]: an order, which has no
//!   text
//! - [`Parsed`]: the result: the message in its [`Envelope`], and its request
//! - `senders`: the number of a phone in one spelling, and the senders that may move money
//! - `voucher`: hashes the code of a scratch card; `forward`: a request that is handed on

mod forward;
mod parsed;
mod senders;
mod text;
mod voucher;

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::conceal::{WrittenPins, conceal_codes, conceal_pins};
use super::order::{Order, Ordered};
use super::pins::PinKey;
use super::services::ProcessorServices;
use crate::domain::voucher::Keys;
use crate::domain::{
    AddressType, Body, Fields, InboundSms, Line, LinkRules, Msisdn, NumberingPlan, Reason, Rejection, ReportWanted,
};
use crate::grammar::{self, GrammarSet};
use crate::text::own_reply::OwnReplies;
use parsed::ReportOrder;
pub(super) use parsed::{Asked, Confirmation, Dealing, Envelope, Inquiry, NotifyTarget, Parsed, Read, Unverified};
use senders::number_sender;
use text::Text;
use voucher::redemption;

/// Limit of the characters of a value that are quoted in a refusal.
const VALUE_CHARS_MAX: usize = 20;
/// Digits of the number that is shown as an example.
const SAMPLE_DIGITS: &str = "123456789";

/// Parses messages with the grammars that are loaded now.
#[derive(Debug, Clone)]
pub(super) struct Parser {
    grammars: Arc<ArcSwap<GrammarSet>>,
    plan: Arc<NumberingPlan>,
    voucher_keys: Keys,
    pin_key: PinKey,
    links: Arc<LinkRules>,
}

impl Parser {
    pub(super) fn new(services: &ProcessorServices) -> Self {
        Self {
            grammars: services.grammars.clone(),
            plan: services.plan.clone(),
            voucher_keys: services.voucher_keys.clone(),
            pin_key: services.pin_key.clone(),
            links: Arc::new(services.rules.links.clone()),
        }
    }

    /// Parses a customer's message.
    pub(super) fn parse(&self, mut message: InboundSms, wanted: ReportWanted) -> Parsed {
        let grammars = self.grammars.load();
        let sender = self.phone(&message.from, message.from_type);
        let before = number_sender(&mut message, sender);
        let mut pins = WrittenPins::default();
        let (mut unverified, mut fields, mut replies) = (None, Fields::default(), OwnReplies::default());
        let mut asked = match &message.body {
            Body::Text(text) => {
                let asked;
                (asked, unverified) =
                    self.text(&grammars, &message, sender).read(text, &mut pins, (&mut fields, &mut replies));
                asked
            }
            Body::Order(_) | Body::Masked { .. } | Body::Newer(_) => {
                Read::failed(Rejection::new(Reason::Unreadable), None, String::new()).into()
            }
            Body::Undecodable { why, .. } => {
                Read::failed(Rejection::new(Reason::Undecodable), None, why.clone()).into()
            }
        };
        self.conceal_code(&mut message, &mut asked);
        if let Asked::Read(Read::Failed { bank: Some(bank), .. }) = &asked {
            pins.may_be_there = match &message.body {
                Body::Text(text) | Body::Masked { text, .. } => grammars.may_have_pin(bank, text),
                Body::Undecodable { .. } | Body::Order(_) | Body::Newer(_) => false,
            };
        }
        conceal_pins(&mut message, asked.echo(), &pins, |content| {
            let of_codes = || self.voucher_keys.iter().next().map(|key| key.content(content));
            self.pin_key.content(content).or_else(of_codes)
        });
        let envelope = Envelope::new(message, sender, grammars.id().to_owned());
        let report = ReportOrder { wanted, ..envelope.report };
        Parsed { envelope: Envelope { before, report, fields, replies, ..envelope }, asked, unverified }
    }

    fn text<'a>(&'a self, grammars: &'a GrammarSet, message: &'a InboundSms, sender: Option<Msisdn>) -> Text<'a> {
        Text { grammars, message, sender, links: &self.links, voucher_keys: &self.voucher_keys, pin_key: &self.pin_key }
    }

    /// Makes the message of an order; there is no text to parse.
    pub(super) fn order(&self, order: Order) -> Parsed {
        let former = order.former.clone();
        let (mut message, request, confirm) = order.take_apart();
        let sender = self.phone(&message.from, None);
        let mut asked = match request.ordered(&message) {
            Ordered::Command(command) => Read::command(command).into(),
            Ordered::Card { voucher, order } => {
                redemption(&self.voucher_keys, voucher, &message, sender, Some(order)).into()
            }
        };
        self.conceal_code(&mut message, &mut asked);
        let envelope = Envelope::new(message, sender, self.grammars.load().id().to_owned());
        let notify = confirm.map_or(NotifyTarget::Machine, NotifyTarget::Phone);
        Parsed { envelope: Envelope { notify, former, ..envelope }, asked, unverified: None }
    }

    fn conceal_code(&self, message: &mut InboundSms, asked: &mut Asked) {
        let has_code = asked.has_code() || forward::has_secrets(asked);
        let echo = asked.echo();
        if has_code || echo.is_some() {
            conceal_codes(message, echo, &self.voucher_keys, &self.plan);
        }
    }

    /// The phone with this source address; `None` if it is not a phone's. `labelled` is the type that the network
    /// states.
    pub(super) fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        self.plan.phone(from, labelled)
    }

    /// Parses a number that stands alone in a field.
    ///
    /// # Errors
    /// The reason why it is not a number, with an example of one.
    pub(super) fn line(&self, written: &str) -> Result<Line, Rejection> {
        grammar::number(written, &self.plan).map_err(|reason| {
            Rejection::new(reason).with(|details| {
                details.value = Some(written.chars().take(VALUE_CHARS_MAX).collect());
                let sample = self.plan.sample_mobile(SAMPLE_DIGITS);
                details.form = sample.map(|number| self.plan.national(number));
            })
        })
    }
}
