//! Reads a message with the grammars of all banks, and writes a request as the text of its form.

use std::cmp::Reverse;

use super::diagnose::unreadable_text;
use super::diagnosis::Diagnosis;
use super::failure::ParseFailure;
use super::fields::Values;
use super::form::Bank;
use super::guarded::{Guarded, WrittenPin};
use super::message::{Incoming, Reading};
use super::print::print;
use super::replies;
use super::set::{Addressed, Found, GrammarSet};
use crate::domain::{Reason, Rejection, Request};
use crate::text::normalise::normalise;

impl GrammarSet {
    /// Reads a message.
    ///
    /// # Errors
    /// No form of the short code reads it, or more than one does, or the bank does not do what it asks for.
    pub fn read(&self, message: &Incoming<'_>) -> Result<Reading, Box<ParseFailure>> {
        self.read_guarded(message).map(|Guarded { reading, .. }| reading)
    }

    /// As [`GrammarSet::read`], with the PIN that has to be verified before the request is done, and all secrets of the text.
    ///
    /// # Errors
    /// As [`GrammarSet::read`].
    pub fn read_guarded(&self, message: &Incoming<'_>) -> Result<Guarded, Box<ParseFailure>> {
        self.read_among(message, |_| true)
    }

    /// As [`GrammarSet::read_guarded`], with the forms of some of the short code's banks.
    pub(super) fn read_among(
        &self,
        message: &Incoming<'_>,
        is_one: impl Fn(&Bank) -> bool,
    ) -> Result<Guarded, Box<ParseFailure>> {
        let among = || self.addressed(message.to).filter(|addressed| is_one(addressed.bank));
        let unknown = || unknown_short_code(message);
        let text = match normalise(message.text) {
            Ok(text) => text,
            Err(error) => {
                let unreadable = |first: Addressed<'_>| unreadable_text(first.bank, message, &error);
                return Err(among().next().map_or_else(unknown, unreadable));
            }
        };
        let diagnosis = |addressed| Diagnosis { set: self, addressed, message, text: &text };
        match self.find_among(among(), message, &text) {
            Found::One(addressed, path, captures) => {
                let read = self.assemble(addressed.bank, path, &captures, message, &text);
                let reading = read.map_err(|violation| diagnosis(addressed).violated(path, &captures, &violation))?;
                let pin = WrittenPin::of(addressed.bank, path, &captures, &text);
                let replies = replies::of(addressed.bank, path, &captures, &text, &self.plan);
                Ok(Guarded { reading, pin, secrets: captures.secret_digits(&text), replies })
            }
            Found::Two(addressed) => Err(diagnosis(addressed).two_readings()),
            Found::None => {
                let failures = among().map(|addressed| diagnosis(addressed).unread());
                // Of several banks, the one that read furthest; then the one that has most to say about the text.
                let told = |failure: &ParseFailure| (Reverse(failure.position), failure.rejection.reason);
                Err(failures.min_by_key(|failure| told(failure)).unwrap_or_else(unknown))
            }
        }
    }

    /// The text of a request as its form writes it: read again, it is the same request. `None` where the form holds
    /// something that a request does not keep, as a PIN.
    pub fn canonical(&self, message: &Incoming<'_>, request: &Request) -> Option<String> {
        let bank = self.banks.iter().find(|bank| bank.id == request.bank)?;
        let form = bank.forms.iter().find(|form| form.name == request.form)?;
        let values = Values::of(request, &self.plan);
        bank.paths_of(form).iter().find_map(|path| {
            let text = print(bank, path, &values, &self.plan)?;
            let again = self.read(&Incoming { text: &text, ..*message }).ok()?;
            (again == Reading::Recharge(request.clone())).then_some(text)
        })
    }
}

fn unknown_short_code(message: &Incoming<'_>) -> Box<ParseFailure> {
    let rejection =
        Rejection::new(Reason::UnknownShortCode).with(|details| details.value = Some(message.to.to_owned()));
    Box::new(ParseFailure {
        rejection,
        bank: None,
        text: message.text.to_owned(),
        position: 0,
        found: String::new(),
        expected: Vec::new(),
        trace: Vec::new(),
    })
}
