//! Grammars, described for people.

use super::action::{Action, Evidence};
use super::fields::Field;
use super::form::{Bank, Form, Limits};
use super::verifier::Verifier;
use crate::domain::{Amount, Language, Service, ShortCode};

/// A bank's grammar, described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankInfo<'s> {
    /// Its identifier.
    pub id: &'s str,
    /// Its name for people.
    pub name: &'s str,
    /// The numbers that its customers text to.
    pub short_codes: &'s [ShortCode],
    /// The evidence for its format.
    pub evidence: Evidence,
    /// The place of publication.
    pub source: &'s str,
    /// The languages it answers in.
    pub languages: &'s [Language],
    /// A message for who asks how to write to it.
    pub example: &'s str,
    /// Its forms.
    pub forms: Vec<FormInfo<'s>>,
}

/// A form, described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormInfo<'s> {
    /// Its name.
    pub name: &'s str,
    /// Its text, in the language of forms.
    pub text: &'s str,
    /// A message of this form.
    pub example: &'s str,
    /// Its action.
    pub action: Action,
    /// Name of the request that is handed on, for a form of that action.
    pub forward: Option<&'s str>,
    /// The service that a top-up is for.
    pub service: Service,
    /// The party that verifies its PIN; `None` if it has none.
    pub pin: Option<Verifier>,
    /// Settles an overlap with another form; 0 where none was declared.
    pub priority: i64,
    /// The only addresses that it is read from; empty for all.
    pub senders: &'s [String],
    /// The only links that it is read by; empty for all.
    pub links: &'s [String],
    price: Option<Amount>,
    /// The limits of the amount that its text has, if it has one.
    limits: Option<&'s Limits>,
}

impl<'s> BankInfo<'s> {
    pub(super) fn of(bank: &'s Bank) -> Self {
        Self {
            id: &bank.id,
            name: &bank.name,
            short_codes: &bank.short_codes,
            evidence: bank.evidence,
            source: &bank.source,
            languages: &bank.languages,
            example: bank.example().unwrap_or_default(),
            forms: bank.forms.iter().map(|form| FormInfo::of(bank, form)).collect(),
        }
    }
}

impl<'s> FormInfo<'s> {
    pub(super) fn of(bank: &'s Bank, form: &'s Form) -> Self {
        let has_amount = bank.paths_of(form).iter().any(|path| path.has(Field::Amount));
        Self {
            price: form.price,
            limits: has_amount.then_some(&form.limits),
            name: &form.name,
            text: &form.text,
            example: &form.example,
            action: form.action,
            forward: form.forward.as_deref(),
            service: form.service,
            pin: form.pin,
            priority: form.priority,
            senders: &form.senders,
            links: &form.links,
        }
    }

    /// Tells whether a message of this form can have an amount of this range, or needs none.
    pub fn takes_some_of(&self, range: (Amount, Amount)) -> bool {
        match (self.price, self.limits) {
            (Some(price), _) => (range.0..=range.1).contains(&price),
            (None, Some(limits)) => limits.take_some_of(range),
            (None, None) => true,
        }
    }
}
