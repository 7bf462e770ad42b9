//! The reasons why a text was not read: all that hold are collected, and the first in order of precedence is told.

use super::action::Action;
use super::allowed::Violation;
use super::diagnosis::Diagnosis;
use super::failure::{FormTrace, ParseFailure};
use super::fields::Captures;
use super::fields::miss::Problem;
use super::form::Bank;
use super::hint::Hints;
use super::message::Incoming;
use super::path::{Path, Step};
use super::reader::{Reader, Stop};
use super::sense;
use crate::domain::{Reason, Rejection};
use crate::text::normalise::NormaliseError;

/// Names a character that nobody sees by its number.
fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// A text that must not be read at all.
pub(super) fn unreadable_text(bank: &Bank, message: &Incoming<'_>, error: &NormaliseError) -> Box<ParseFailure> {
    let reason = match error {
        NormaliseError::Undecodable { .. } => Reason::Undecodable,
        NormaliseError::TooLong { .. } => Reason::Unreadable,
        NormaliseError::RightToLeftOverride { .. }
        | NormaliseError::MixedDigits { .. }
        | NormaliseError::LookalikeDigit { .. }
        | NormaliseError::Unseen { .. } => Reason::ForbiddenCharacter,
    };
    let at = message.text.floor_char_boundary(error.at());
    let found = message.text[at..].chars().next();
    let is_unseen = matches!(error, NormaliseError::RightToLeftOverride { .. } | NormaliseError::Unseen { .. });
    let shown = found.filter(|_| reason == Reason::ForbiddenCharacter);
    let shown = shown.map(|c| if is_unseen { code_point(c) } else { c.to_string() });
    let rejection = Rejection::new(reason).with(|details| {
        details.value.clone_from(&shown);
        details.form = bank.example().map(str::to_owned);
        details.bank = Some(bank.name.clone());
    });
    Box::new(ParseFailure {
        rejection,
        bank: Some(bank.id.clone()),
        text: message.text.to_owned(),
        position: message.text[..at].chars().count(),
        found: shown.unwrap_or_default(),
        expected: Vec::new(),
        trace: Vec::new(),
    })
}

impl<'d> Diagnosis<'d, '_> {
    /// A complete form that asks for what the bank does not do.
    pub(super) fn violated(&self, path: usize, captures: &Captures, violation: &Violation) -> Box<ParseFailure> {
        let rejection = self.violation(path, captures, violation);
        let mut failure = self.failure(rejection, Vec::new());
        failure.position = self.characters(violation.at);
        failure.found = self.word_at(violation.at);
        Box::new(failure)
    }

    /// Two forms that say different things.
    pub(super) fn two_readings(&self) -> Box<ParseFailure> {
        Box::new(self.failure(self.rejection(Reason::Unreadable), self.trace().1))
    }

    /// No form reads it.
    pub(super) fn unread(&self) -> Box<ParseFailure> {
        let (stops, trace) = self.trace();
        let bank = self.addressed.bank;
        let usable =
            |path: &Path| bank.forms.get(path.form).is_some_and(|form| form.applies(self.addressed, self.message));
        let items = self.explained(sense::items(self.text, bank, &self.set.plan, &usable), &stops);
        let items = Hints::new(self, &items, &stops).with_pins().unwrap_or(items);
        let rejection = Hints::new(self, &items, &stops).best();
        let furthest = stops.iter().map(|(_, stop)| stop.miss.at).max().unwrap_or(0);
        let mut failure = self.failure(rejection, trace);
        failure.position = self.characters(furthest);
        failure.found = self.word_at(furthest);
        for (path, stop) in stops.iter().filter(|(path, stop)| stop.miss.at == furthest && !self.asks_help(path)) {
            let wanted = Self::wanted(path, stop);
            if !failure.expected.contains(&wanted) {
                failure.expected.push(wanted);
            }
        }
        Box::new(failure)
    }

    /// The place that each path reached, and the furthest of each form.
    fn trace(&self) -> (Vec<(&'d Path, Stop)>, Vec<FormTrace>) {
        let bank = self.addressed.bank;
        let mut reader = Reader::new(self.text, bank, &self.set.plan);
        let mut stops = Vec::new();
        let mut trace = Vec::new();
        for form in bank.forms.iter().filter(|form| form.applies(self.addressed, self.message)) {
            let of_form: Vec<(&Path, Stop)> = bank
                .paths_of(form)
                .iter()
                .filter_map(|path| reader.walk(path).err().map(|stop| (path, stop)))
                .collect();
            let furthest = of_form.iter().map(|(_, stop)| stop.miss.at).max().unwrap_or(0);
            let mut expected: Vec<String> = Vec::new();
            for (path, stop) in of_form.iter().filter(|(_, stop)| stop.miss.at == furthest) {
                let wanted = Self::wanted(path, stop);
                if !expected.contains(&wanted) {
                    expected.push(wanted);
                }
            }
            trace.push(FormTrace { form: form.name.clone(), position: self.characters(furthest), expected });
            stops.extend(of_form);
        }
        (stops, trace)
    }

    /// That a text might have asked for help is no help to who reads what was expected.
    fn asks_help(&self, path: &Path) -> bool {
        self.addressed.bank.forms.get(path.form).is_some_and(|form| form.action == Action::Help)
    }

    fn wanted(path: &Path, stop: &Stop) -> String {
        let Some(wanted) = path.steps.get(stop.step).map(Step::described) else {
            return "the end of the message".to_owned();
        };
        match stop.miss.problem {
            Problem::Ambiguous => format!("{wanted} that can be read one way only"),
            _ => wanted,
        }
    }
}
