//! Grammars, described for people.

use super::action::{Action, Evidence};
use super::form::Form;
use crate::domain::{Language, Service, ShortCode};

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
    /// Settles an overlap with another form; 0 where none was declared.
    pub priority: i64,
    /// The only addresses that it is read from; empty for all.
    pub senders: &'s [String],
    /// The only links that it is read by; empty for all.
    pub links: &'s [String],
}

impl<'s> FormInfo<'s> {
    pub(super) fn of(form: &'s Form) -> Self {
        Self {
            name: &form.name,
            text: &form.text,
            example: &form.example,
            action: form.action,
            forward: form.forwarding.as_ref().map(|forwarding| forwarding.name.as_str()),
            service: form.service,
            priority: form.priority,
            senders: &form.senders,
            links: &form.links,
        }
    }
}
