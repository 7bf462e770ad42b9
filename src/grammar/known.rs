//! The test whether a text is of a form, whoever would send it: for code that writes texts by itself, as menus do.

use super::form::first_word;
use super::reader::Reader;
use super::set::GrammarSet;
use super::verifier::Verifier;
use crate::text::normalise::normalise;

impl GrammarSet {
    /// Tells whether some form of this short code accounts for all of this text. Limits, and what a sender may, are not looked at.
    pub fn is_form_of(&self, short_code: &str, text: &str) -> bool {
        let (Some(addressed), Ok(text)) = (self.addressed(short_code), normalise(text)) else { return false };
        let bank = addressed.bank;
        let mut reader = Reader::new(&text, bank, self.plan());
        let mut paths = bank.dispatch.paths(first_word(text.folded())).filter_map(|index| bank.paths.get(index));
        paths.any(|path| reader.walk(path).is_ok())
    }

    /// The party that verifies the PIN of a form before its request is done; `None` if the form has none, or if the request
    /// itself has it, as a transfer.
    pub fn verifier(&self, bank: &str, form: &str) -> Option<Verifier> {
        let bank = self.banks.iter().find(|known| known.id == bank)?;
        let form = bank.forms.iter().find(|known| known.name == form)?;
        form.pin.filter(|_| !form.action.has_own_pin())
    }

    /// Tells whether a form of this bank takes a PIN.
    pub fn takes_pins(&self, bank: &str) -> bool {
        let known = self.banks().find(|known| known.id == bank);
        known.is_some_and(|bank| bank.forms.iter().any(|form| form.pin.is_some()))
    }
}
