//! The test whether a text is of a form, whoever would send it: for code that writes texts by itself, as menus do.

use super::action::Action;
use super::fields::Field;
use super::form::{Form, first_word};
use super::reader::Reader;
use super::set::GrammarSet;
use crate::text::normalise::normalise;

/// Fields of secrets.
const SECRETS: [Field; 3] = [Field::Pin, Field::NewPin, Field::Voucher];

impl GrammarSet {
    /// Tells whether some form of this short code accounts for all of this text. Limits, and what a sender may, are not looked at.
    pub fn is_form_of(&self, short_code: &str, text: &str) -> bool {
        let (Some(addressed), Ok(text)) = (self.addressed(short_code), normalise(text)) else { return false };
        let bank = addressed.bank;
        let mut reader = Reader::new(&text, bank, self.plan());
        let mut paths = bank.dispatch.paths(first_word(text.folded())).filter_map(|index| bank.paths.get(index));
        paths.any(|path| reader.walk(path).is_ok())
    }

    /// Tells whether a form of this bank takes a PIN that is the sender's with us, or hands on a request with a secret.
    pub fn takes_pins(&self, bank: &str) -> bool {
        let Some(bank) = self.banks.iter().find(|known| known.id == bank) else { return false };
        let has_secret =
            |form: &Form| bank.paths_of(form).iter().any(|path| SECRETS.iter().any(|field| path.has(*field)));
        bank.forms.iter().any(|form| match form.action {
            Action::Forward => has_secret(form),
            action => action.giving().is_some() || action.is_pin(),
        })
    }
}
