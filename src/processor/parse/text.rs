//! Parses a text by the grammar of its short code.

use uuid::Uuid;
use zeroize::Zeroize;

use super::forward;
use super::parsed::{Asked, Confirmation, Dealing, Inquiry, Read, Unverified};
use super::senders::{asks_in_vain, is_about_sender};
use super::voucher::redemption;
use crate::domain::voucher::Keys;
use crate::domain::{
    Channel, Command, Fields, Fingerprint, InboundSms, LinkRules, ListCommand, Msisdn, Payer, Reason, RechargeCommand,
    Rejection, Request,
};
use crate::grammar::{
    Giving, GrammarSet, Guarded, Incoming, ListRequest, ParseFailure, PinRequest, Reading, TransferRequest, Verifier,
};
use crate::processor::conceal::WrittenPins;
use crate::processor::pins::PinKey;
use crate::text::own_reply::OwnReplies;

/// Most octets of the names and examples of banks in one help reply.
const HELP_OCTETS_MAX: usize = 90;

/// A text with everything that its parsing depends on.
pub(super) struct Text<'a> {
    pub(super) grammars: &'a GrammarSet,
    pub(super) message: &'a InboundSms,
    pub(super) sender: Option<Msisdn>,
    pub(super) links: &'a LinkRules,
    pub(super) voucher_keys: &'a Keys,
    pub(super) pin_key: &'a PinKey,
}

impl Text<'_> {
    /// Parses the text, and puts its secrets into `pins`, the values that only the form knows into `fields`, and the reply
    /// that the form has of its own into `replies`. A PIN that the request itself does not have is beside it, if there is
    /// something to be done with the right one.
    pub(super) fn read(
        &self,
        text: &str,
        pins: &mut WrittenPins,
        (fields, replies): (&mut Fields, &mut OwnReplies),
    ) -> (Asked, Option<Unverified>) {
        let InboundSms { from, to, link, .. } = self.message;
        let Guarded { reading, pin, secrets, replies: own } =
            match self.grammars.read_guarded(&Incoming { from, to, text, link: Some(link) }) {
                Ok(guarded) => guarded,
                Err(failure) => return (self.failed(&failure).into(), None),
            };
        // A request that is handed on has its fields in a table of its own.
        if !matches!(reading, Reading::Forward(_)) {
            *fields = reading.fields().cloned().unwrap_or_default();
        }
        *replies = own;
        pins.known.extend(secrets);
        let Some(pin) = pin else { return (self.asked(reading), None) };
        let phone = match pin.verifier {
            Verifier::Subscriber | Verifier::Dealer => self.with_pin(),
            Verifier::Bank => self.sender.ok_or(Reason::SenderNotPhone),
        };
        match (self.asked(reading), phone) {
            // It is refused without a look at the PIN.
            (refused @ Asked::Read(Read::Failed { .. }), _) => (refused, None),
            (asked, Ok(phone)) => (asked, Some(Unverified { phone, pin })),
            (_, Err(reason)) => (Read::refused(reason, pin.bank).into(), None),
        }
    }

    fn asked(&self, reading: Reading) -> Asked {
        let in_vain = match self.sender {
            Some(_) => None,
            None => asks_in_vain(self.links, self.grammars, self.message, &reading),
        };
        match reading {
            Reading::Transfer(transfer) => self.transfer(transfer),
            Reading::Pin(change) => self.pin_change(change),
            Reading::Voucher(mut voucher) if in_vain.is_some() => {
                voucher.code.zeroize();
                Read::refused(Reason::SenderNotPhone, voucher.bank).into()
            }
            Reading::Voucher(voucher) => redemption(self.voucher_keys, voucher, self.message, self.sender, None).into(),
            Reading::Recharge(_) | Reading::List(_) | Reading::Forward(_) if in_vain.is_some() => {
                Read::failed(Rejection::new(Reason::SenderNotPhone), in_vain, String::new()).into()
            }
            Reading::Recharge(request) => Read::command(Command::Recharge(self.recharge(request))).into(),
            Reading::List(list) => self.list(list).into(),
            Reading::Forward(request) => forward::command(self.message, self.sender, self.pin_key, request).into(),
            Reading::Confirm { bank, form, language } => match self.sender {
                Some(sender) => {
                    Asked::Confirm { sender, confirmation: Box::new(Confirmation { bank, form, language }) }
                }
                None => Read::refused(Reason::SenderNotPhone, bank).into(),
            },
            Reading::Help { bank, .. } => self.help(bank).into(),
            Reading::Balance { bank, .. } => Read::Inquiry { bank, about: Inquiry::Balance }.into(),
            Reading::Language { bank, language, .. } => {
                Read::Inquiry { bank, about: Inquiry::Language(language) }.into()
            }
            Reading::Stop { bank, .. } => Read::Inquiry { bank, about: Inquiry::Stop }.into(),
        }
    }

    fn failed(&self, failure: &ParseFailure) -> Read {
        let rejection = if self.sender.is_none() && is_about_sender(&failure.rejection, self.message) {
            Rejection::new(Reason::SenderNotPhone)
        } else {
            failure.rejection.clone()
        };
        Read::failed(rejection, failure.bank.clone(), failure.picture())
    }

    fn recharge(&self, request: Request) -> RechargeCommand {
        let InboundSms { from, channel, received_at, redelivery_doubt_since, .. } = self.message;
        RechargeCommand {
            id: Uuid::now_v7(),
            request,
            payer: self.sender.map_or_else(|| Payer::Machine(from.clone()), Payer::Phone),
            channel: if self.sender.is_some() { *channel } else { Channel::Api },
            received_at: *received_at,
            redelivery_doubt_since: *redelivery_doubt_since,
        }
    }

    /// Several top-ups. A form of a grammar reads no list that is too short or too long.
    fn list(&self, list: ListRequest) -> Read {
        let items = list.items.into_iter().map(|request| self.recharge(request)).collect();
        match ListCommand::new(items) {
            Some(command) => Read::command(Command::List(Box::new(command))),
            None => Read::refused(Reason::TwoRequests, list.bank),
        }
    }

    /// Only a phone has credit to send, and only with a PIN.
    fn transfer(&self, request: TransferRequest) -> Asked {
        let sender = match self.with_pin() {
            Ok(sender) => sender,
            Err(reason) => return Read::refused(reason, request.bank).into(),
        };
        let dealing = match request.giving {
            Giving::Credit => return Asked::Transfer { sender, request: Box::new(request) },
            Giving::Sale => Dealing::Sale,
            Giving::Stock => Dealing::Stock,
            Giving::Undo => Dealing::Undo,
        };
        Asked::Dealing { seller: sender, dealing, request: Box::new(request) }
    }

    fn pin_change(&self, request: PinRequest) -> Asked {
        let owner = match self.with_pin() {
            Ok(owner) => owner,
            Err(reason) => return Read::refused(reason, request.bank).into(),
        };
        let content = self.message.content_hash();
        let print = Fingerprint(self.pin_key.content(content).unwrap_or(content).0);
        Asked::ChangePin { owner, request: Box::new(request), print }
    }

    /// The phone that sent the text. Only a phone has a PIN, and only if a key is configured.
    fn with_pin(&self) -> Result<Msisdn, Reason> {
        let sender = self.sender.ok_or(Reason::SenderNotPhone)?;
        if self.pin_key.is_there() { Ok(sender) } else { Err(Reason::PinsOff) }
    }

    /// The name of the bank and an example. If several banks share the short code, those of others too, as far as one SMS
    /// has room.
    fn help(&self, bank: String) -> Read {
        let (mut name, mut form) = (String::new(), String::new());
        for known in self.grammars.banks_of(&self.message.to) {
            let example = known.example;
            if !form.is_empty() && name.len() + known.name.len() + form.len() + example.len() > HELP_OCTETS_MAX {
                break;
            }
            for (all, one, gap) in [(&mut name, known.name, ", "), (&mut form, example, " / ")] {
                if !all.is_empty() {
                    all.push_str(gap);
                }
                all.push_str(one);
            }
        }
        if name.is_empty() {
            name.clone_from(&bank);
        }
        Read::Inquiry { bank, about: Inquiry::Help { name, form } }
    }
}
