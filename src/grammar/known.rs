//! The test whether a text is of a form, whoever would send it: for code that writes texts by itself, as menus do.

use super::action::Action;
use super::dispatch::first_word;
use super::fields::Field;
use super::form::{Bank, Form};
use super::reader::Reader;
use super::set::GrammarSet;
use super::verifier::Verifier;
use crate::text::normalise::normalise;

impl GrammarSet {
    /// Tells whether some form of this short code accounts for all of this text. Limits, and what a sender may, are not looked at.
    pub fn is_form_of(&self, short_code: &str, text: &str) -> bool {
        let Ok(text) = normalise(text) else { return false };
        self.addressed(short_code).any(|addressed| {
            let bank = addressed.bank;
            let mut reader = Reader::new(&text, bank, self.plan());
            reader.candidates().filter_map(|index| bank.paths.get(index)).any(|path| reader.walk(path).is_ok())
        })
    }

    /// The party that verifies the PIN of a form before its request is done; `None` if the form has none, or if the request
    /// itself has it, as a transfer.
    pub fn verifier(&self, bank: &str, form: &str) -> Option<Verifier> {
        let bank = self.banks.iter().find(|known| known.id == bank)?;
        let form = bank.forms.iter().find(|known| known.name == form)?;
        form.pin.filter(|_| !form.action.has_own_pin())
    }

    /// Tells whether a text that no form of this bank's short codes reads may have a PIN, or another secret. If only questions
    /// take one, a text that begins as another form, or with digits, is none of them with a mistake.
    pub fn may_have_pin(&self, bank: &str, text: &str) -> bool {
        let Some(bank) = self.banks.iter().find(|known| known.id == bank) else { return false };
        let shares = |other: &&Bank| other.short_codes.iter().any(|code| bank.short_codes.contains(code));
        self.banks.iter().filter(shares).any(|bank| bank.may_have_pin(text))
    }
}

impl Bank {
    /// A form has a secret that no PIN is: a field of the bank's own, or any of a request that is handed on.
    fn has_secret(&self, form: &Form) -> bool {
        self.paths_of(form).iter().any(|path| {
            path.own().any(|field| field.secret)
                || form.action == Action::Forward
                    && Field::ALL.iter().any(|field| field.is_secret() && path.has(*field))
        })
    }

    fn may_have_pin(&self, text: &str) -> bool {
        if self.forms.iter().any(|form| self.has_secret(form)) {
            return true;
        }
        let mut with_pin = self.forms.iter().filter(|form| form.pin.is_some()).peekable();
        if with_pin.peek().is_none() {
            return false;
        }
        if with_pin.any(|form| form.action.is_request() || form.action.has_own_pin()) {
            return true;
        }
        let Ok(text) = normalise(text) else { return true };
        let has_pin = |index: &usize| self.paths.get(*index).is_some_and(|path| path.has(Field::Pin));
        let first = first_word(text.folded());
        match self.dispatch.by_word.get(first) {
            Some(paths) => paths.iter().any(has_pin),
            None if first.starts_with(|c: char| c.is_ascii_digit()) => self.dispatch.open.iter().any(has_pin),
            None => true,
        }
    }
}
