//! A parsed message.

use uuid::Uuid;

use super::senders::{self, Before};
use crate::domain::{
    Command, Fingerprint, InboundSms, Language, Msisdn, Reason, Rejection, ReportWanted, Source, Topic,
};
use crate::grammar::{PinRequest, TransferRequest};
use crate::processor::conceal::Echo;
use crate::processor::order::Confirm;
use crate::store::Whole;

/// A message, and all about it that does not depend on what it asks for.
#[derive(Debug)]
pub(in crate::processor) struct Envelope {
    pub(in crate::processor) message: InboundSms,
    /// The phone that sent it, if a phone did; its number is the message's source address.
    pub(in crate::processor) sender: Option<Msisdn>,
    /// The message before that, if its source address was written otherwise.
    pub(in crate::processor) before: Option<Before>,
    /// Identifier of the grammars that parsed it.
    pub(in crate::processor) grammars: String,
    pub(in crate::processor) notify: NotifyTarget,
    /// Identifier of the reply.
    pub(in crate::processor) reply_id: Uuid,
    pub(in crate::processor) report: ReportOrder,
    /// The long message whose parts are done with when this one is committed.
    pub(in crate::processor) whole: Option<Whole>,
    /// The key that a card had before, under which this order may have been answered.
    pub(in crate::processor) former: Option<String>,
    /// It is decided, and nothing of it is kept.
    pub(in crate::processor) is_trial: bool,
}

/// The report that a machine wants about its message.
#[derive(Debug)]
pub(in crate::processor) struct ReportOrder {
    /// The endings after which it wants one.
    pub(in crate::processor) wanted: ReportWanted,
    /// Identifier of the report.
    pub(in crate::processor) id: Uuid,
}

/// The recipient of the SMS about an ending.
#[derive(Debug)]
pub(in crate::processor) enum NotifyTarget {
    /// The sender, by the link that the message came by.
    Writer,
    /// The phone that ordered or was credited, this way.
    Phone(Confirm),
    /// None: the machine that ordered gets the answer.
    Machine,
}

/// A link and the short code that an SMS has as its source address.
#[derive(Debug, Clone, Copy)]
pub(in crate::processor) struct WayBack<'a> {
    pub(in crate::processor) link: &'a str,
    pub(in crate::processor) from: &'a str,
}

impl Envelope {
    pub(super) fn new(message: InboundSms, sender: Option<Msisdn>, grammars: String) -> Self {
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
    pub(in crate::processor) fn way_back(&self) -> WayBack<'_> {
        match &self.notify {
            NotifyTarget::Phone(confirm) => WayBack { link: &confirm.link, from: &confirm.from },
            NotifyTarget::Writer | NotifyTarget::Machine => {
                WayBack { link: &self.message.link, from: &self.message.to }
            }
        }
    }

    /// The address that the message came from, exactly as it came.
    pub(in crate::processor) fn source(&self) -> Option<Source> {
        senders::source(&self.message, self.before.as_ref())
    }
}

/// A message that was parsed.
#[derive(Debug)]
pub(in crate::processor) struct Parsed {
    pub(in crate::processor) envelope: Envelope,
    pub(in crate::processor) asked: Asked,
}

/// A request, as far as the message itself tells. The next step makes a [`Read`] of it.
#[derive(Debug)]
pub(in crate::processor) enum Asked {
    /// Nothing has to be looked up.
    Read(Read),
    /// A phone sends credit; its PIN has to be compared.
    Transfer { sender: Msisdn, request: Box<TransferRequest> },
    /// A phone sells, hands on stock or takes a sale back; its dealer has to be found.
    Dealing { seller: Msisdn, dealing: Dealing, request: Box<TransferRequest> },
    /// A phone changes a PIN. The print tells two such messages apart.
    ChangePin { owner: Msisdn, request: Box<PinRequest>, print: Fingerprint },
    /// A phone confirms; the offer has to be found.
    Confirm { sender: Msisdn, confirmation: Box<Confirmation> },
}

/// The request of a dealer's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::processor) enum Dealing {
    /// Credit for a customer.
    Sale,
    /// Stock for the dealer below.
    Stock,
    /// The last sale to a number goes back.
    Undo,
}

/// Yes to an offer.
#[derive(Debug)]
pub(in crate::processor) struct Confirmation {
    pub(in crate::processor) bank: String,
    pub(in crate::processor) form: String,
    pub(in crate::processor) language: Option<Language>,
}

/// A message that is complete: it can be decided.
#[derive(Debug)]
pub(in crate::processor) enum Read {
    /// A request.
    Command(Box<Command>),
    /// A question, or a wish that moves no money.
    Inquiry { bank: String, about: Inquiry },
    /// Nothing that can be carried out.
    Failed { rejection: Rejection, bank: Option<String>, trace: String },
}

/// The subject of an inquiry.
#[derive(Debug)]
pub(in crate::processor) enum Inquiry {
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
    pub(in crate::processor) const fn topic(&self) -> Topic {
        match self {
            Self::Help { .. } => Topic::Help,
            Self::Balance => Topic::Balance,
            Self::Language(_) => Topic::LanguageSet,
            Self::Stop => Topic::Stop,
        }
    }
}

impl Read {
    pub(in crate::processor) fn command(command: Command) -> Self {
        Self::Command(Box::new(command))
    }

    pub(in crate::processor) const fn failed(rejection: Rejection, bank: Option<String>, trace: String) -> Self {
        Self::Failed { rejection, bank, trace }
    }

    /// A refusal for a reason that needs no trace.
    pub(in crate::processor) fn refused(reason: Reason, bank: String) -> Self {
        Self::failed(Rejection::new(reason), Some(bank), String::new())
    }

    /// The bank or operator whose form it was written in, if it was of any.
    pub(in crate::processor) fn bank(&self) -> Option<&str> {
        match self {
            Self::Command(command) => command.bank(),
            Self::Inquiry { bank, .. } => Some(bank),
            Self::Failed { bank, .. } => bank.as_deref(),
        }
    }

    pub(in crate::processor) const fn as_command(&self) -> Option<&Command> {
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
    pub(in crate::processor) fn bank(&self) -> Option<&str> {
        match self {
            Self::Read(read) => read.bank(),
            Self::Transfer { request, .. } | Self::Dealing { request, .. } => Some(&request.bank),
            Self::ChangePin { request, .. } => Some(&request.bank),
            Self::Confirm { confirmation, .. } => Some(&confirmation.bank),
        }
    }

    /// Returns whether it has the code of a scratch card.
    pub(in crate::processor) fn has_code(&self) -> bool {
        matches!(self, Self::Read(Read::Command(command)) if matches!(**command, Command::Redeem(_)))
    }

    /// Returns whether it has a PIN that is going to be compared.
    pub(in crate::processor) const fn has_pin(&self) -> bool {
        match self {
            Self::Transfer { request, .. } | Self::Dealing { request, .. } => request.pin.is_some(),
            Self::ChangePin { .. } => true,
            Self::Read(_) | Self::Confirm { .. } => false,
        }
    }

    pub(super) const fn echo(&mut self) -> Option<Echo<'_>> {
        match self {
            Self::Read(Read::Failed { rejection, trace, .. }) => Some(Echo { rejection, trace }),
            _ => None,
        }
    }
}
