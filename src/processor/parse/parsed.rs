//! A parsed message.

use uuid::Uuid;

use super::senders::{self, Before};
use crate::domain::{
    Command, Fields, Fingerprint, InboundSms, Language, Msisdn, Reason, Rejection, ReportWanted, Source, Topic,
};
use crate::grammar::{PinRequest, TransferRequest, Verifier, WrittenPin};
use crate::processor::conceal::Echo;
use crate::processor::order::Confirm;
use crate::store::Whole;
use crate::text::own_reply::OwnReplies;

/// A message with everything that does not depend on its request.
#[derive(Debug)]
pub(in crate::processor) struct Envelope {
    pub(in crate::processor) message: InboundSms,
    /// The phone that sent the message, if a phone did. Its number is the source address of the message.
    pub(in crate::processor) sender: Option<Msisdn>,
    /// The message before the phone's number replaced its source address; `None` if they are equal.
    pub(in crate::processor) before: Option<Before>,
    /// Identifier of the grammars that parsed the message.
    pub(in crate::processor) grammars: String,
    pub(in crate::processor) notify: NotifyTarget,
    pub(in crate::processor) reply_id: Uuid,
    pub(in crate::processor) report: ReportOrder,
    /// The long message whose parts are complete when this message is committed.
    pub(in crate::processor) whole: Option<Whole>,
    /// The key that a card had before. The order may have been answered under this key.
    pub(in crate::processor) former: Option<String>,
    /// The message is decided, and nothing is stored.
    pub(in crate::processor) is_trial: bool,
    /// Values that only the form knows.
    pub(in crate::processor) fields: Fields,
    /// The reply that the form has of its own, with the values of the message.
    pub(in crate::processor) replies: OwnReplies,
}

/// The report that a client wants about its message.
#[derive(Debug)]
pub(in crate::processor) struct ReportOrder {
    /// The endings for which it wants a report.
    pub(in crate::processor) wanted: ReportWanted,
    pub(in crate::processor) id: Uuid,
}

/// The recipient of the SMS about an ending.
#[derive(Debug)]
pub(in crate::processor) enum NotifyTarget {
    /// The sender, over the link of its message.
    Writer,
    /// The phone that ordered or was credited, over this link.
    Phone(Confirm),
    /// No SMS: the client gets the answer.
    Machine,
}

/// A link, and the short code that is the source address of an SMS.
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
            fields: Fields::default(),
            replies: OwnReplies::default(),
        }
    }

    /// Link and source address of SMS about this message, unless a route names another link.
    pub(in crate::processor) fn way_back(&self) -> WayBack<'_> {
        match &self.notify {
            NotifyTarget::Phone(confirm) => WayBack { link: &confirm.link, from: &confirm.from },
            NotifyTarget::Writer | NotifyTarget::Machine => {
                WayBack { link: &self.message.link, from: &self.message.to }
            }
        }
    }

    /// The source address of the message as received.
    pub(in crate::processor) fn source(&self) -> Option<Source> {
        senders::source(&self.message, self.before.as_ref())
    }
}

#[derive(Debug)]
pub(in crate::processor) struct Parsed {
    pub(in crate::processor) envelope: Envelope,
    pub(in crate::processor) asked: Asked,
    /// The PIN that has to be verified before the request is decided, if the request itself has none.
    pub(in crate::processor) unverified: Option<Unverified>,
}

/// A PIN that protects a request, with the phone whose PIN it has to be.
#[derive(Debug)]
pub(in crate::processor) struct Unverified {
    pub(in crate::processor) phone: Msisdn,
    pub(in crate::processor) pin: WrittenPin,
}

/// The request, as far as the message itself determines it. The next step makes a [`Read`] of it.
#[derive(Debug)]
pub(in crate::processor) enum Asked {
    /// Nothing has to be looked up.
    Read(Read),
    /// A phone sends credit. Its PIN has to be compared.
    Transfer { sender: Msisdn, request: Box<TransferRequest> },
    /// A phone sells, hands on stock, or reverses a sale. Its dealer has to be found.
    Dealing { seller: Msisdn, dealing: Dealing, request: Box<TransferRequest> },
    /// A phone changes its PIN. The fingerprint distinguishes two such messages.
    ChangePin { owner: Msisdn, request: Box<PinRequest>, print: Fingerprint },
    /// A phone confirms. The offer has to be found.
    Confirm { sender: Msisdn, confirmation: Box<Confirmation> },
}

/// The request of a dealer's phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::processor) enum Dealing {
    /// Credit for a customer.
    Sale,
    /// Stock for a dealer below.
    Stock,
    /// Reversal of the last sale to a number.
    Undo,
}

/// The confirmation of an offer.
#[derive(Debug)]
pub(in crate::processor) struct Confirmation {
    pub(in crate::processor) bank: String,
    pub(in crate::processor) form: String,
    pub(in crate::processor) language: Option<Language>,
}

/// A request that is complete and can be decided.
#[derive(Debug)]
pub(in crate::processor) enum Read {
    Command(Box<Command>),
    /// A question, or a setting: no money is moved.
    Inquiry {
        bank: String,
        about: Inquiry,
    },
    /// The request is refused.
    Failed {
        rejection: Rejection,
        bank: Option<String>,
        trace: String,
    },
}

#[derive(Debug)]
pub(in crate::processor) enum Inquiry {
    /// Help for this short code.
    Help {
        /// Display name of the bank.
        name: String,
        /// An example of a valid message.
        form: String,
    },
    Balance,
    /// Sets the language of replies.
    Language(Language),
    /// Stops messages to the phone.
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

    /// A refusal without details.
    pub(in crate::processor) fn refused(reason: Reason, bank: String) -> Self {
        Self::failed(Rejection::new(reason), Some(bank), String::new())
    }

    /// Bank or operator of the form; `None` if no form was recognised.
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

impl Parsed {
    /// Returns whether the message has a PIN that will be verified.
    pub(in crate::processor) const fn has_pin(&self) -> bool {
        self.unverified.is_some() || self.asked.has_pin()
    }

    /// The bank that has to verify the PIN of the message.
    pub(in crate::processor) fn verifying_bank(&self) -> Option<&str> {
        let pin = self.unverified.as_ref().map(|unverified| &unverified.pin)?;
        (pin.verifier == Verifier::Bank).then_some(pin.bank.as_str())
    }
}

impl From<Read> for Asked {
    fn from(read: Read) -> Self {
        Self::Read(read)
    }
}

impl Asked {
    /// Bank or operator of the form; `None` if no form was recognised.
    pub(in crate::processor) fn bank(&self) -> Option<&str> {
        match self {
            Self::Read(read) => read.bank(),
            Self::Transfer { request, .. } | Self::Dealing { request, .. } => Some(&request.bank),
            Self::ChangePin { request, .. } => Some(&request.bank),
            Self::Confirm { confirmation, .. } => Some(&confirmation.bank),
        }
    }

    /// Returns whether the message has the code of a scratch card.
    pub(in crate::processor) fn has_code(&self) -> bool {
        matches!(self, Self::Read(Read::Command(command)) if matches!(**command, Command::Redeem(_)))
    }

    /// Returns whether the message has a PIN that will be compared.
    const fn has_pin(&self) -> bool {
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
