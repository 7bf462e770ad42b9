//! The first step: a message is parsed on the task of the link that brought it, so that parsing uses every core. Nothing is
//! looked up, and when it returns, codes and PINs are out of the message.
//!
//! - [`Parser::parse`]: a text, by the grammar of its short code (`text`); [`Parser::order`]: an order, which has no text
//! - [`Parsed`]: the result: the message in its [`Envelope`], and what it asks for
//! - `senders`: a phone is its number, however its network writes it; and who may ask for what moves money

mod senders;
mod text;

use std::sync::Arc;

use arc_swap::ArcSwap;
use uuid::Uuid;
use zeroize::Zeroize;

use super::conceal::{Echo, WrittenPins, conceal_codes, conceal_pins};
use super::order::{Confirm, Order, Ordered};
use super::pins::PinKey;
use super::services::ProcessorServices;
use crate::domain::voucher::{Code, Keys, RedeemCommand};
use crate::domain::{
    Body, Command, Fingerprint, InboundSms, Language, Line, LinkRules, Msisdn, NumberingPlan, Reason, Rejection,
    ReportWanted, Source, Target, Topic,
};
use crate::grammar::{self, GrammarSet, PinRequest, TransferRequest, VoucherRequest};
use crate::store::Whole;
use senders::{Before, number_sender};
use text::Text;

/// Characters of a value that are repeated to its sender.
const VALUE_CHARS_MAX: usize = 20;
/// A number in its usual spelling.
const NUMBER_EXAMPLE: &str = "049123456";

/// A message, and all about it that does not depend on what it asks for.
#[derive(Debug)]
pub(super) struct Envelope {
    pub(super) message: InboundSms,
    /// The phone that sent it, if a phone did; its number is the message's source address.
    pub(super) sender: Option<Msisdn>,
    /// The message before that, if its source address was written otherwise.
    pub(super) before: Option<Before>,
    /// Identifier of the grammars that parsed it.
    pub(super) grammars: String,
    pub(super) notify: NotifyTarget,
    /// Identifier of the reply.
    pub(super) reply_id: Uuid,
    pub(super) report: ReportOrder,
    /// The long message whose parts are done with when this one is committed.
    pub(super) whole: Option<Whole>,
    /// The key that a card had before, under which this order may have been answered ([`Order::former`]).
    pub(super) former: Option<String>,
    /// It is decided, and nothing of it is kept.
    pub(super) is_trial: bool,
}

/// The report that a machine wants about its message.
#[derive(Debug)]
pub(super) struct ReportOrder {
    /// The endings after which it wants one.
    pub(super) wanted: ReportWanted,
    /// Identifier of the report.
    pub(super) id: Uuid,
}

/// The recipient of the SMS about an ending.
#[derive(Debug)]
pub(super) enum NotifyTarget {
    /// The sender, by the link that the message came by.
    Writer,
    /// The phone that ordered or was credited, this way.
    Phone(Confirm),
    /// None: the machine that ordered gets the answer.
    Machine,
}

/// A link and the short code that an SMS has as its source address.
#[derive(Debug, Clone, Copy)]
pub(super) struct WayBack<'a> {
    pub(super) link: &'a str,
    pub(super) from: &'a str,
}

impl Envelope {
    fn new(message: InboundSms, sender: Option<Msisdn>, grammars: String) -> Self {
        let report = ReportOrder { wanted: ReportWanted::default(), id: Uuid::now_v7() };
        Self {
            message,
            sender,
            before: None,
            grammars,
            notify: NotifyTarget::Writer,
            reply_id: Uuid::now_v7(),
            report,
            whole: None,
            former: None,
            is_trial: false,
        }
    }

    /// The way of SMS about this message, unless a route has another link for them.
    pub(super) fn way_back(&self) -> WayBack<'_> {
        match &self.notify {
            NotifyTarget::Phone(confirm) => WayBack { link: &confirm.link, from: &confirm.from },
            NotifyTarget::Writer | NotifyTarget::Machine => {
                WayBack { link: &self.message.link, from: &self.message.to }
            }
        }
    }

    /// The address that the message came from, exactly as it came.
    pub(super) fn source(&self) -> Option<Source> {
        senders::source(&self.message, self.before.as_ref())
    }
}

/// A message that was parsed.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) envelope: Envelope,
    pub(super) asked: Asked,
}

/// A request, as far as the message itself tells. [`super::resolve`] makes a [`Read`] of it.
#[derive(Debug)]
pub(super) enum Asked {
    /// Nothing has to be looked up.
    Read(Read),
    /// A phone sends credit; its PIN has to be compared.
    Transfer { sender: Msisdn, request: Box<TransferRequest> },
    /// A phone sells, hands on stock or takes a sale back; its dealer has to be found.
    Dealing { seller: Msisdn, request: Box<TransferRequest> },
    /// A phone changes a PIN. The print tells two such messages apart.
    ChangePin { owner: Msisdn, request: Box<PinRequest>, print: Fingerprint },
    /// A phone confirms; the offer has to be found.
    Confirm { sender: Msisdn, confirmation: Box<Confirmation> },
}

/// Yes to an offer.
#[derive(Debug)]
pub(super) struct Confirmation {
    pub(super) bank: String,
    pub(super) form: String,
    pub(super) language: Option<Language>,
}

/// A message that is complete: it can be decided.
#[derive(Debug)]
pub(super) enum Read {
    /// A request.
    Command(Box<Command>),
    /// A question, or a wish that moves no money.
    Inquiry { bank: String, about: Inquiry },
    /// Nothing that can be carried out.
    Failed { rejection: Rejection, bank: Option<String>, trace: String },
}

/// The subject of an inquiry.
#[derive(Debug)]
pub(super) enum Inquiry {
    /// The form of messages to this short code.
    Help {
        /// The bank's name for people.
        name: String,
        /// An example of the right form.
        form: String,
    },
    /// The sender's balance.
    Balance,
    /// Replies in this language from now on.
    Language(Language),
    /// No more messages.
    Stop,
}

impl Inquiry {
    pub(super) const fn topic(&self) -> Topic {
        match self {
            Self::Help { .. } => Topic::Help,
            Self::Balance => Topic::Balance,
            Self::Language(_) => Topic::LanguageSet,
            Self::Stop => Topic::Stop,
        }
    }
}

impl Read {
    pub(super) fn command(command: Command) -> Self {
        Self::Command(Box::new(command))
    }

    pub(super) const fn failed(rejection: Rejection, bank: Option<String>, trace: String) -> Self {
        Self::Failed { rejection, bank, trace }
    }

    /// A refusal for a reason that needs no trace.
    pub(super) fn refused(reason: Reason, bank: String) -> Self {
        Self::failed(Rejection::new(reason), Some(bank), String::new())
    }

    /// The bank or operator whose form it was written in, if it was of any.
    pub(super) fn bank(&self) -> Option<&str> {
        match self {
            Self::Command(command) => command.bank(),
            Self::Inquiry { bank, .. } => Some(bank),
            Self::Failed { bank, .. } => bank.as_deref(),
        }
    }

    pub(super) const fn as_command(&self) -> Option<&Command> {
        match self {
            Self::Command(command) => Some(command),
            Self::Inquiry { .. } | Self::Failed { .. } => None,
        }
    }
}

impl From<Read> for Asked {
    fn from(read: Read) -> Self {
        Self::Read(read)
    }
}

impl Asked {
    /// The bank or operator whose form it was written in, if it was of any.
    pub(super) fn bank(&self) -> Option<&str> {
        match self {
            Self::Read(read) => read.bank(),
            Self::Transfer { request, .. } | Self::Dealing { request, .. } => Some(&request.bank),
            Self::ChangePin { request, .. } => Some(&request.bank),
            Self::Confirm { confirmation, .. } => Some(&confirmation.bank),
        }
    }

    /// Returns whether it has the code of a scratch card.
    pub(super) fn has_code(&self) -> bool {
        matches!(self, Self::Read(Read::Command(command)) if matches!(**command, Command::Redeem(_)))
    }

    /// Returns whether it has a PIN that is going to be compared.
    pub(super) const fn has_pin(&self) -> bool {
        match self {
            Self::Transfer { request, .. } | Self::Dealing { request, .. } => request.pin.is_some(),
            Self::ChangePin { .. } => true,
            Self::Read(_) | Self::Confirm { .. } => false,
        }
    }

    const fn echo(&mut self) -> Option<Echo<'_>> {
        match self {
            Self::Read(Read::Failed { rejection, trace, .. }) => Some(Echo { rejection, trace }),
            _ => None,
        }
    }
}

/// Parses messages with the grammars of the moment.
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
        let mut asked = match &message.body {
            Body::Text(text) => {
                Text { parser: self, grammars: &grammars, message: &message, sender }.read(text, &mut pins)
            }
            Body::Order(_) | Body::Masked { .. } => {
                Read::failed(Rejection::new(Reason::Unreadable), None, String::new()).into()
            }
            Body::Undecodable { why, .. } => {
                Read::failed(Rejection::new(Reason::Undecodable), None, why.clone()).into()
            }
        };
        self.conceal_code(&mut message, &mut asked);
        if let Asked::Read(Read::Failed { bank: Some(bank), .. }) = &asked {
            pins.may_be_there = grammars.takes_pins(bank);
        }
        conceal_pins(&mut message, asked.echo(), &pins, |content| {
            let of_codes = || self.voucher_keys.iter().next().map(|key| key.content(content));
            self.pin_key.content(content).or_else(of_codes)
        });
        let envelope = Envelope::new(message, sender, grammars.id().to_owned());
        let report = ReportOrder { wanted, ..envelope.report };
        Parsed { envelope: Envelope { before, report, ..envelope }, asked }
    }

    /// An order needs no reading.
    pub(super) fn order(&self, order: Order) -> Parsed {
        let former = order.former.clone();
        let (mut message, request, confirm) = order.take_apart();
        let sender = self.phone(&message.from, None);
        let mut asked = match request.ordered(&message) {
            Ordered::Command(command) => Read::command(command).into(),
            Ordered::Card { voucher, order } => self.voucher(voucher, &message, sender, Some(order)).into(),
        };
        self.conceal_code(&mut message, &mut asked);
        let envelope = Envelope::new(message, sender, self.grammars.load().id().to_owned());
        let notify = confirm.map_or(NotifyTarget::Machine, NotifyTarget::Phone);
        Parsed { envelope: Envelope { former, notify, ..envelope }, asked }
    }

    fn conceal_code(&self, message: &mut InboundSms, asked: &mut Asked) {
        let has_code = asked.has_code();
        let echo = asked.echo();
        if has_code || echo.is_some() {
            conceal_codes(message, echo, &self.voucher_keys);
        }
    }

    /// Keeps the hashes of a code and nothing else of it; of a mistyped code, not even these. Without a key there are no
    /// cards.
    fn voucher(
        &self,
        mut voucher: VoucherRequest,
        message: &InboundSms,
        sender: Option<Msisdn>,
        order: Option<Fingerprint>,
    ) -> Read {
        let code = voucher.code.parse::<Code>();
        voucher.code.zeroize();
        match voucher.target {
            Target::Line(line) if self.voucher_keys.newest().is_some() => {
                Read::command(Command::Redeem(Box::new(RedeemCommand {
                    id: Uuid::now_v7(),
                    bank: voucher.bank,
                    form: voucher.form,
                    hashes: code.map(|code| self.voucher_keys.hashes(code)).unwrap_or_default(),
                    sender: sender.map_or_else(|| message.from.clone(), Msisdn::digits),
                    line,
                    received_at: message.received_at,
                    order,
                })))
            }
            Target::Line(_) | Target::Registered(_) | Target::Username(_) => {
                let rejection = Rejection::new(Reason::ServiceNotAvailable);
                let rejection = rejection.with(|details| details.service = Some("voucher".to_owned()));
                Read::failed(rejection, Some(voucher.bank), String::new())
            }
        }
    }

    /// Reads a number that stands alone in a field.
    ///
    /// # Errors
    /// The reason why it is none, with a number that is right.
    pub(super) fn line(&self, written: &str) -> Result<Line, Rejection> {
        grammar::number(written, &self.plan).map_err(|reason| {
            Rejection::new(reason).with(|details| {
                details.value = Some(written.chars().take(VALUE_CHARS_MAX).collect());
                details.form = Some(NUMBER_EXAMPLE.to_owned());
            })
        })
    }
}
