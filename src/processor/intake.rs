//! Reading a message on the task of the link that brought it, so that reading uses every core and the applier none.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::oneshot;
use uuid::Uuid;
use zeroize::Zeroize;

use super::conceal::{conceal, conceal_pins};
use super::pins::{PinKey, Pins};
use super::senders::{Before, is_about_sender, number_sender};
use super::{Answer, Confirm, NotAccepted, Order, Parts};
use crate::domain::voucher::{Code, Keys, RedeemCommand};
use crate::domain::{
    AccountKey, Asking, Body, ChangePinCommand, Channel, Command, ConfirmCommand, Fingerprint, InboundSms, Language,
    Line, LinkRules, Msisdn, NumberingPlan, Payer, Reason, RechargeCommand, Rejection, ReportWanted, Target,
    TransferCommand,
};
use crate::grammar::{self, Giving, GrammarSet, Incoming, PinRequest, Reading, TransferRequest, VoucherRequest};
use crate::store::Whole;

/// Characters of a value that are told back to who sent it.
const VALUE_CHARS_MAX: usize = 20;
/// How a number is written.
const NUMBER_EXAMPLE: &str = "049123456";

/// A message that was read and waits for its batch.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) message: InboundSms,
    pub(super) read: Read,
    /// The phone that sent it, where one did; its number is the message's source address.
    pub(super) sender: Option<Msisdn>,
    /// What the message was before that, where it was written otherwise.
    pub(super) before: Option<Before>,
    /// Identifier of the grammars that read it.
    pub(super) grammars: String,
    pub(super) confirm: Told,
    /// Identifier that the reply gets.
    pub(super) reply_id: Uuid,
    /// After which endings its sender wants a report, and the identifier that it gets.
    pub(super) report: (ReportWanted, Uuid),
    /// Whose parts are done with when it is committed.
    pub(super) whole: Option<Whole>,
    /// The key that a card had before, under which this order may have been answered ([`Order::former`]).
    pub(super) former: Option<String>,
    /// It is decided, and nothing of it is kept.
    pub(super) is_trial: bool,
    /// PINs that it holds, until they are compared.
    pub(super) pins: Pins,
    pub(super) answer: oneshot::Sender<Result<Answer, NotAccepted>>,
}

impl Job {
    /// The bank or operator whose form it was written in, where it was of any.
    pub(super) fn bank(&self) -> Option<&str> {
        match &self.read {
            Read::Command(command) => command.bank(),
            Read::Inquiry { bank, .. } => Some(bank),
            Read::Failed { bank, .. } => bank.as_deref(),
        }
    }

    /// Which of so many appliers takes it: always the same one for an account, so that they do not wait for each other.
    pub(super) fn shard(&self, shards: usize) -> usize {
        let mut hasher = DefaultHasher::new();
        match (&self.read, self.sender) {
            (Read::Command(command), _) => command.account().hash(&mut hasher),
            (_, Some(sender)) => AccountKey::subscriber(sender).hash(&mut hasher),
            (_, None) => self.message.key.hash(&mut hasher),
        }
        usize::try_from(hasher.finish() % shards.max(1) as u64).unwrap_or(0)
    }
}

/// Who hears of the ending by SMS.
#[derive(Debug)]
pub(super) enum Told {
    /// Who wrote, by the link that the message came by.
    Writer,
    /// The phone that ordered or was credited, this way.
    Phone(Confirm),
    /// Nobody but the machine that ordered, which gets the answer.
    Machine,
}

/// What was read.
#[derive(Debug)]
pub(super) enum Read {
    /// A request.
    Command(Box<Command>),
    /// A question, or a wish that moves no money.
    Inquiry { bank: String, about: Inquiry },
    /// Nothing that can be carried out.
    Failed { rejection: Rejection, bank: Option<String>, trace: String },
}

/// What an inquiry is about.
#[derive(Debug)]
pub(super) enum Inquiry {
    /// How to write to this short code.
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
    /// Name of the topic, in the inbox and of its template.
    pub(super) const fn topic(&self) -> &'static str {
        match self {
            Self::Help { .. } => "help",
            Self::Balance => "balance",
            Self::Language(_) => "language_set",
            Self::Stop => "stop",
        }
    }
}

/// Reads messages with the grammars of the moment.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    grammars: Arc<ArcSwap<GrammarSet>>,
    pub(super) plan: Arc<NumberingPlan>,
    voucher_keys: Keys,
    pin_key: PinKey,
    asking: Option<Asking>,
    /// Whose links are operators', and whose are banks'.
    pub(super) links: Arc<LinkRules>,
}

impl Reader {
    pub(super) fn new(parts: &Parts) -> Self {
        let (grammars, plan) = (parts.grammars.clone(), parts.plan.clone());
        let (voucher_keys, asking) = (parts.voucher_keys.clone(), parts.rules.credit_transfer.asking());
        let links = Arc::new(parts.rules.links.clone());
        Self { grammars, plan, voucher_keys, pin_key: parts.pin_key.clone(), asking, links }
    }

    pub(super) fn read(
        &self,
        mut message: InboundSms,
        report: ReportWanted,
        answer: oneshot::Sender<Result<Answer, NotAccepted>>,
    ) -> Job {
        let grammars = self.grammars.load();
        let sender = self.phone(&message.from, message.from_type);
        let before = number_sender(&mut message, sender);
        let mut pins = Pins::default();
        let mut read = match &message.body {
            Body::Text(text) => self.read_text(&grammars, &message, (sender, &mut pins), text),
            Body::Order(_) | Body::Masked { .. } => failed(Rejection::new(Reason::Unreadable), None, String::new()),
            Body::Undecodable { why, .. } => failed(Rejection::new(Reason::Undecodable), None, why.clone()),
        };
        conceal(&mut message, &mut read, &self.voucher_keys);
        if let Read::Failed { bank: Some(bank), .. } = &read {
            pins.may_be_there = grammars.takes_pins(bank);
        }
        conceal_pins(&mut message, &mut read, &pins, |content| {
            let of_codes = || self.voucher_keys.iter().next().map(|key| key.content(content));
            self.pin_key.content(content).or_else(of_codes)
        });
        let grammars = grammars.id().to_owned();
        let report = (report, Uuid::now_v7());
        Job {
            read,
            sender,
            before,
            grammars,
            confirm: Told::Writer,
            message,
            reply_id: Uuid::now_v7(),
            report,
            whole: None,
            former: None,
            is_trial: false,
            pins,
            answer,
        }
    }

    /// An order needs no reading.
    pub(super) fn take(&self, order: Order, answer: oneshot::Sender<Result<Answer, NotAccepted>>) -> Job {
        let former = order.former.clone();
        let (mut message, wish, confirm) = order.take_apart();
        let (sender, order) = (self.phone(&message.from, None), wish.order());
        let mut read = match wish.command(&message) {
            Ok(command) => Read::Command(Box::new(command)),
            Err(voucher) => self.voucher(voucher, &message, (sender, true), order),
        };
        conceal(&mut message, &mut read, &self.voucher_keys);
        let grammars = self.grammars.load().id().to_owned();
        let confirm = confirm.map_or(Told::Machine, Told::Phone);
        let report = (ReportWanted::default(), Uuid::now_v7());
        let (reply_id, whole, is_trial, pins) = (Uuid::now_v7(), None, false, Pins::default());
        let before = None;
        Job {
            message,
            read,
            sender,
            before,
            grammars,
            confirm,
            reply_id,
            report,
            whole,
            former,
            is_trial,
            pins,
            answer,
        }
    }

    fn read_text(
        &self,
        grammars: &GrammarSet,
        message: &InboundSms,
        (sender, pins): (Option<Msisdn>, &mut Pins),
        text: &str,
    ) -> Read {
        let incoming = Incoming { from: &message.from, to: &message.to, text, link: Some(&message.link) };
        let reading = grammars.read(&incoming);
        let in_vain = reading.as_ref().ok().filter(|_| sender.is_none());
        let in_vain = in_vain.and_then(|reading| self.asks_in_vain(grammars, message, reading));
        match reading {
            Ok(Reading::Voucher(voucher)) => self.voucher(voucher, message, (sender, in_vain.is_none()), None),
            Ok(Reading::Transfer(transfer)) => self.transfer(transfer, message, sender, pins),
            Ok(Reading::Pin(change)) => self.pin_change(change, message, sender, pins),
            Ok(_) if in_vain.is_some() => failed(Rejection::new(Reason::SenderNotPhone), in_vain, String::new()),
            Ok(Reading::Recharge(request)) => Read::Command(Box::new(Command::Recharge(RechargeCommand {
                id: Uuid::now_v7(),
                request,
                payer: sender.map_or_else(|| Payer::Machine(message.from.clone()), Payer::Phone),
                channel: if sender.is_some() { message.channel } else { Channel::Api },
                received_at: message.received_at,
                redelivery_doubt_since: message.redelivery_doubt_since,
            }))),
            Ok(Reading::Help { bank, .. }) => help(grammars, bank),
            Ok(Reading::Balance { bank, .. }) => Read::Inquiry { bank, about: Inquiry::Balance },
            Ok(Reading::Language { bank, language, .. }) => Read::Inquiry { bank, about: Inquiry::Language(language) },
            Ok(Reading::Stop { bank, .. }) => Read::Inquiry { bank, about: Inquiry::Stop },
            Ok(Reading::Confirm { bank, form, language }) => match sender {
                Some(sender) => Read::Command(Box::new(Command::Confirm(Box::new(ConfirmCommand {
                    id: Uuid::now_v7(),
                    bank,
                    form,
                    sender,
                    offer: None,
                    language,
                    received_at: message.received_at,
                    redelivery_doubt_since: message.redelivery_doubt_since,
                })))),
                None => failed(Rejection::new(Reason::NothingToConfirm), Some(bank), String::new()),
            },
            Err(failure) if sender.is_none() && is_about_sender(&failure.rejection, message) => {
                failed(Rejection::new(Reason::SenderNotPhone), failure.bank.clone(), failure.picture())
            }
            Err(failure) => failed(failure.rejection.clone(), failure.bank.clone(), failure.picture()),
        }
    }

    /// Of the code nothing is left but its hashes; of one that is mistyped, not even these. Without a key there are no cards.
    fn voucher(
        &self,
        mut voucher: VoucherRequest,
        message: &InboundSms,
        (sender, may_ask): (Option<Msisdn>, bool),
        order: Option<Fingerprint>,
    ) -> Read {
        let code = voucher.code.parse::<Code>();
        voucher.code.zeroize();
        if !may_ask {
            return failed(Rejection::new(Reason::SenderNotPhone), Some(voucher.bank), String::new());
        }
        match voucher.target {
            Target::Line(line) if self.voucher_keys.newest().is_some() => {
                Read::Command(Box::new(Command::Redeem(Box::new(RedeemCommand {
                    id: Uuid::now_v7(),
                    bank: voucher.bank,
                    form: voucher.form,
                    hashes: code.map(|code| self.voucher_keys.hashes(code)).unwrap_or_default(),
                    sender: sender.map_or_else(|| message.from.clone(), Msisdn::digits),
                    line,
                    received_at: message.received_at,
                    order,
                }))))
            }
            Target::Line(_) | Target::Registered(_) | Target::Username(_) => {
                let rejection = Rejection::new(Reason::ServiceNotAvailable);
                let rejection = rejection.with(|details| details.service = Some("voucher".to_owned()));
                failed(rejection, Some(voucher.bank), String::new())
            }
        }
    }

    /// Only a phone has credit to send, and only who has a PIN may send it.
    fn transfer(
        &self,
        mut request: TransferRequest,
        message: &InboundSms,
        sender: Option<Msisdn>,
        pins: &mut Pins,
    ) -> Read {
        pins.now = request.pin.take();
        let sender = match self.with_pin(sender) {
            Ok(sender) => sender,
            Err(reason) => return failed(Rejection::new(reason), Some(request.bank), String::new()),
        };
        if request.giving != Giving::Credit {
            let bank = Some(request.bank.clone());
            pins.dealing = Some(Box::new(request));
            // Until its dealer is found.
            return failed(Rejection::new(Reason::DealerUnknown), bank, String::new());
        }
        Read::Command(Box::new(Command::Transfer(Box::new(TransferCommand {
            id: Uuid::now_v7(),
            bank: request.bank,
            form: request.form,
            sender,
            line: request.line,
            amount: request.amount,
            check: None,
            asking: self.asking.filter(|_| message.channel == Channel::Sms),
            repeat: request.repeat,
            language: request.language,
            received_at: message.received_at,
            redelivery_doubt_since: message.redelivery_doubt_since,
        }))))
    }

    fn pin_change(&self, request: PinRequest, message: &InboundSms, sender: Option<Msisdn>, pins: &mut Pins) -> Read {
        let of_dealer = request.of_dealer;
        *pins =
            Pins { now: Some(request.old), new: Some(request.new), may_be_there: true, of_dealer, ..Pins::default() };
        let owner = match self.with_pin(sender) {
            Ok(owner) => owner,
            Err(reason) => return failed(Rejection::new(reason), Some(request.bank), String::new()),
        };
        Read::Command(Box::new(Command::ChangePin(Box::new(ChangePinCommand {
            id: Uuid::now_v7(),
            bank: request.bank,
            form: request.form,
            owner,
            account: AccountKey::subscriber(owner),
            check: None,
            hash: None,
            print: Fingerprint(message.content_hash().0),
            language: request.language,
            received_at: message.received_at,
            redelivery_doubt_since: message.redelivery_doubt_since,
        }))))
    }

    /// A number that stands alone in a field; what is wrong with it is told with a number that is right.
    pub(super) fn line(&self, written: &str) -> Result<Line, Rejection> {
        grammar::number(written, &self.plan).map_err(|reason| {
            Rejection::new(reason).with(|details| {
                details.value = Some(written.chars().take(VALUE_CHARS_MAX).collect());
                details.form = Some(NUMBER_EXAMPLE.to_owned());
            })
        })
    }

    /// Only a phone has a PIN, and without a key nobody has.
    fn with_pin(&self, sender: Option<Msisdn>) -> Result<Msisdn, Reason> {
        let sender = sender.ok_or(Reason::SenderNotPhone)?;
        if self.pin_key.is_there() { Ok(sender) } else { Err(Reason::TransferOff) }
    }
}

fn help(grammars: &GrammarSet, bank: String) -> Read {
    let known = grammars.banks().find(|known| known.id == bank);
    let name = known.as_ref().map_or_else(|| bank.clone(), |known| known.name.to_owned());
    let recharge = known.and_then(|known| known.forms.iter().find(|form| form.action.is_request()).cloned());
    let form = recharge.map(|form| form.example.to_owned()).unwrap_or_default();
    Read::Inquiry { bank, about: Inquiry::Help { name, form } }
}

pub(super) fn failed(rejection: Rejection, bank: Option<String>, trace: String) -> Read {
    Read::Failed { rejection, bank, trace }
}
