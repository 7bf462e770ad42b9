//! Why a text was not read: every reason that holds is collected, and the first in order of precedence is told.

use super::assemble::{Violation, written};
use super::failure::{FormTrace, ParseFailure};
use super::fields::Problem;
use super::file::Action;
use super::form::{Bank, Path, Step};
use super::hint::Hints;
use super::print::Values;
use super::reader::{Captures, Reader, Stop};
use super::set::{Addressed, GrammarSet};
use super::{Incoming, sense};
use crate::domain::{Amount, Reason, Rejection};
use crate::text::normalise::{NormaliseError, Normalised};

/// Longest part of a text that is quoted back, in characters.
const QUOTED_MAX: usize = 30;

/// What is needed to say why a text was not read.
pub(super) struct Diagnosis<'d, 't> {
    pub(super) set: &'d GrammarSet,
    pub(super) addressed: Addressed<'d>,
    pub(super) message: &'d Incoming<'d>,
    pub(super) text: &'d Normalised<'t>,
}

/// What nobody sees is named by its number.
fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

impl<'d> Diagnosis<'d, '_> {
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
            details.form = bank.forms.first().map(|form| form.example.clone());
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
        let items = sense::items(self.text.folded(), bank, &self.set.plan, &usable);
        let hints = Hints::new(self, &items, &stops);
        let rejection = hints.best();
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

    /// How far each path came, and the furthest of each form.
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

    fn failure(&self, rejection: Rejection, trace: Vec<FormTrace>) -> ParseFailure {
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

    /// With the bank's name and the first of its forms.
    pub(super) fn rejection(&self, reason: Reason) -> Rejection {
        let bank = self.addressed.bank;
        Rejection::new(reason).with(|details| {
            details.bank = Some(bank.name.clone());
            details.form = bank.forms.first().map(|form| form.example.clone());
        })
    }

    /// The rejection of a violation, with the form as it would be right.
    pub(super) fn violation(&self, path: usize, captures: &Captures, violation: &Violation) -> Rejection {
        let bank = self.addressed.bank;
        let Some(path) = bank.paths.get(path) else { return self.rejection(violation.reason) };
        let values = Values {
            service: captures.service,
            username: captures.username.clone().map(|range| self.quoted(range)),
            ..Values::default()
        };
        let line = captures.line.as_ref().map(|(line, _)| line);
        let cents = captures.amount_cents.as_ref().map(|(cents, _)| *cents);
        let shown = self.right(path, line, cents, &values);
        self.explain(violation, captures, shown)
    }

    fn explain(&self, violation: &Violation, captures: &Captures, shown: Option<String>) -> Rejection {
        let range = match violation.reason {
            Reason::OperatorNotOffered | Reason::NumberUnknown => captures.line.as_ref().map(|(_, range)| range),
            _ => captures.amount_cents.as_ref().map(|(_, range)| range),
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

    /// What was typed there, cut to a length that a reply can hold.
    pub(super) fn quoted(&self, range: std::ops::Range<usize>) -> String {
        let typed = self.text.as_typed(range);
        typed.trim().chars().take(QUOTED_MAX).collect()
    }

    fn characters(&self, at: usize) -> usize {
        self.text.column(at).saturating_sub(1)
    }

    /// The word that stands at a place of the folded text, as it was typed.
    fn word_at(&self, at: usize) -> String {
        let rest = self.text.folded().get(at..).unwrap_or_default();
        let start = rest.len() - rest.trim_start().len();
        let word = rest[start..].find(char::is_whitespace).map_or(rest.len(), |end| start + end);
        self.quoted(at + start..at + word)
    }
}
