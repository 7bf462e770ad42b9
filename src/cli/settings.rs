//! Refusals that follow from the configuration alone. A server makes them after parsing a text and before it reads any
//! account. Without a configuration, a text is only parsed.

use std::path::Path;

use super::reading::origin;
use crate::config::Config;
use crate::domain::{Channel, Reason, Rejection, Request};
use crate::grammar::{
    Giving, GrammarSet, Incoming, ListRequest, ParseFailure, Reading, TransferRequest, Verifier, number,
};

/// Settings that cause refusals.
pub(super) struct Settings<'c> {
    config: &'c Config,
    is_configured: bool,
    has_cards: bool,
    has_pins: bool,
}

impl<'c> Settings<'c> {
    /// `file` is the configuration file that was named.
    pub(super) fn of(config: &'c Config, file: Option<&Path>) -> Self {
        // A server does not start with an unreadable key; `check` reports it.
        let has_cards = config.vouchers.keys().map_or(true, |keys| keys.newest().is_some());
        let has_pins = config.pins.key().map_or(true, |key| key.is_some());
        Self { config, is_configured: Config::file(file).is_some(), has_cards, has_pins }
    }

    /// The parsed text, or the refusal that a server would send.
    pub(super) fn served(
        &self,
        grammars: &GrammarSet,
        message: &Incoming<'_>,
        reading: Result<Reading, Box<ParseFailure>>,
    ) -> Result<Reading, Box<ParseFailure>> {
        let reading = reading?;
        if !self.is_configured {
            return Ok(reading);
        }
        let (of_bank, form) = origin(&reading);
        let with_pin = grammars.verifier(of_bank, form) == Some(Verifier::Subscriber);
        let (bank, refusal) = match &reading {
            _ if with_pin && !self.has_pins => (of_bank, self.without_pins()),
            Reading::Recharge(request) => (request.bank.as_str(), self.refuses(request)),
            Reading::List(list) => (list.bank.as_str(), self.refuses_list(list)),
            Reading::Voucher(voucher) => (voucher.bank.as_str(), (!self.has_cards).then(|| no_service("voucher"))),
            Reading::Transfer(transfer) => (transfer.bank.as_str(), self.refuses_transfer(message, transfer)),
            Reading::Pin(change) => (change.bank.as_str(), self.without_pins()),
            Reading::Confirm { .. }
            | Reading::Help { .. }
            | Reading::Balance { .. }
            | Reading::Language { .. }
            | Reading::Stop { .. }
            | Reading::Forward(_) => return Ok(reading),
        };
        let Some(rejection) = refusal else { return Ok(reading) };
        Err(Box::new(ParseFailure {
            rejection,
            bank: Some(bank.to_owned()),
            text: message.text.to_owned(),
            position: 0,
            found: String::new(),
            expected: Vec::new(),
            trace: Vec::new(),
        }))
    }

    fn refuses(&self, request: &Request) -> Option<Rejection> {
        self.config.rules.refuses(request, Channel::Sms)
    }

    /// The refusal of the first top-up of a list that is refused.
    fn refuses_list(&self, list: &ListRequest) -> Option<Rejection> {
        list.items.iter().find_map(|item| Some(self.refuses(item)?.of_item(&item.target)))
    }

    fn refuses_transfer(&self, message: &Incoming<'_>, transfer: &TransferRequest) -> Option<Rejection> {
        let plan = super::resources::plan(self.config).ok()?;
        let sender = number(message.from, &plan).ok()?.msisdn;
        // The limits of a dealer are those of its wallet.
        let is_credit = transfer.giving == Giving::Credit;
        let refusal = || self.config.rules.refuses_transfer(sender, &transfer.line, transfer.amount);
        self.without_pins().or_else(|| is_credit.then(refusal).flatten())
    }

    /// Without a key for PINs, no account has one.
    fn without_pins(&self) -> Option<Rejection> {
        (!self.has_pins).then(|| Rejection::new(Reason::PinsOff))
    }
}

fn no_service(service: &str) -> Rejection {
    Rejection::new(Reason::ServiceNotAvailable).with(|details| details.service = Some(service.to_owned()))
}
