//! A text that is not carried out, with everything that its diagnosis looks at.

use super::allowed::{Violation, written};
use super::failure::{FormTrace, ParseFailure};
use super::fields::{Captures, Values};
use super::message::Incoming;
use super::set::{Addressed, GrammarSet};
use crate::domain::{Amount, Reason, Rejection};
use crate::text::normalise::Normalised;

/// Longest part of a text that is quoted back, in characters.
const QUOTED_MAX: usize = 30;

/// A text that was not read, with everything that its diagnosis looks at.
pub(super) struct Diagnosis<'d, 't> {
    pub(super) set: &'d GrammarSet,
    pub(super) addressed: Addressed<'d>,
    pub(super) message: &'d Incoming<'d>,
    pub(super) text: &'d Normalised<'t>,
}

impl Diagnosis<'_, '_> {
    pub(super) fn failure(&self, rejection: Rejection, trace: Vec<FormTrace>) -> ParseFailure {
        ParseFailure {
            rejection,
            bank: Some(self.addressed.bank.id.clone()),
            text: self.message.text.to_owned(),
            position: 0,
            found: String::new(),
            expected: Vec::new(),
            trace,
        }
    }

    /// With the bank's name and the form that it shows.
    pub(super) fn rejection(&self, reason: Reason) -> Rejection {
        let bank = self.addressed.bank;
        Rejection::new(reason).with(|details| {
            details.bank = Some(bank.name.clone());
            details.form = bank.example().map(str::to_owned);
        })
    }

    /// The rejection of a violation, with the form as it would be right.
    pub(super) fn violation(&self, path: usize, captures: &Captures, violation: &Violation) -> Rejection {
        let bank = self.addressed.bank;
        if let Some(item) = &violation.item {
            let rejection = self.explain(violation, &item.captures, self.listed(path));
            return rejection.of_item(&item.target);
        }
        let Some(path) = bank.paths.get(path) else { return self.rejection(violation.reason) };
        let values = Values {
            service: captures.service.as_ref().map(|(service, _)| service.as_str().to_owned()),
            username: captures.username.clone().map(|((), range)| self.quoted(range)),
            own: self.own(captures),
            ..Values::default()
        };
        let line = captures.line().map(|(line, _)| line);
        let minor = captures.amount.as_ref().map(|(minor, _)| *minor);
        let shown = self.right(path, line, minor, &values);
        self.explain(violation, captures, shown)
    }

    /// The example of a list: there are no values to write another one with.
    fn listed(&self, path: usize) -> Option<String> {
        let bank = self.addressed.bank;
        bank.paths.get(path).and_then(|path| bank.forms.get(path.form)).map(|form| form.example.clone())
    }

    /// The values of the bank's own fields as they were typed, but secrets.
    fn own(&self, captures: &Captures) -> Vec<(String, String)> {
        let open = captures.own.iter().filter(|capture| !capture.field.secret);
        open.map(|capture| (capture.field.name.clone(), self.quoted(capture.range.clone()))).collect()
    }

    fn explain(&self, violation: &Violation, captures: &Captures, shown: Option<String>) -> Rejection {
        let range = match violation.reason {
            Reason::OperatorNotOffered | Reason::NumberUnknown => captures.line().map(|(_, range)| range),
            _ => captures.amount.as_ref().map(|(_, range)| range),
        };
        let value = violation.value.clone().or_else(|| range.map(|range| self.quoted(range.clone())));
        let listed = |amounts: &Vec<Amount>| amounts.iter().map(|&a| written(a)).collect::<Vec<_>>().join(", ");
        let operator = violation.operator.as_deref();
        self.rejection(violation.reason).with(|details| {
            details.value = value;
            details.form = shown.or(details.form.take());
            details.operator = operator.map(|id| self.set.plan.operator_name(id).unwrap_or(id).to_owned());
            details.service = violation.service.map(|service| service.to_string());
            details.min = violation.limits.map(|(min, _)| min.to_string());
            details.max = violation.limits.map(|(_, max)| max.to_string());
            details.offered = violation.offered.as_ref().map(listed);
        })
    }

    /// The characters that were typed there, cut to a length that a reply can hold.
    pub(super) fn quoted(&self, range: std::ops::Range<usize>) -> String {
        let typed = self.text.as_typed(range);
        typed.trim().chars().take(QUOTED_MAX).collect()
    }

    /// Characters of the text before a place of the folded text.
    pub(super) fn characters(&self, at: usize) -> usize {
        self.text.column(at).saturating_sub(1)
    }

    /// The word that stands at a place of the folded text, as it was typed.
    pub(super) fn word_at(&self, at: usize) -> String {
        let rest = self.text.folded().get(at..).unwrap_or_default();
        let start = rest.len() - rest.trim_start().len();
        let word = rest[start..].find(char::is_whitespace).map_or(rest.len(), |end| start + end);
        self.quoted(at + start..at + word)
    }
}
