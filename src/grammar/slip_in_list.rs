//! Texts that are meant as a list and are none.

use super::fields::Field;
use super::fields::miss::Problem;
use super::hint::Hints;
use super::missing::absent;
use super::path::{Mark, Path, Step};
use super::reader::Stop;
use super::sense::{Item, Kind};
use crate::domain::{NumberProblem, Reason, Rejection};

impl Hints<'_, '_, '_> {
    /// The reason of a text that is meant as a list, with the example of the list.
    pub(super) fn in_list(&mut self) -> Option<Rejection> {
        let stops = self.stops.iter().filter(|(path, _)| path.items() > 0);
        let (path, stop) = stops.max_by_key(|(_, stop)| stop.miss.at)?;
        let at = stop.miss.at;
        let is_further = self.stops.iter().any(|(other, stop)| other.items() == 0 && stop.miss.at > at);
        if is_further || !self.means_list(path, stop) {
            return None;
        }
        let text = self.diagnosis.text.folded();
        let behind = at + text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        let there = self.items.iter().find(|item| item.range.start >= behind);
        let reason = reason(path, stop, there.filter(|item| item.range.start == behind));
        let shown = there.filter(|item| item.kind != Kind::Sign || reason == Reason::Leftover);
        let shown = match stop.miss.problem {
            Problem::Leftover => self.items.iter().find(|item| item.range.start >= at && item.kind != Kind::Sign),
            _ => shown,
        };
        let example = self.diagnosis.addressed.bank.forms.get(path.form).map(|form| form.example.clone());
        self.add(reason, shown, example);
        self.found.pop()
    }

    /// Two numbers are a list if they stand behind its keyword, or if the text was read as far as the second. One item is a list
    /// if no other form has its keyword.
    fn means_list(&self, path: &Path, stop: &Stop) -> bool {
        let keyword = self.keyword().and_then(Path::keyword);
        let is_meant = |path: &Path| path.keyword() == keyword;
        if let Some(second) = self.of(Kind::is_number).nth(1) {
            return is_meant(path) || stop.miss.at >= second.range.start;
        }
        let end = path.steps.iter().position(|step| matches!(step, Step::List(Mark::End)));
        let has_item = end.is_some_and(|end| stop.step > end);
        let others = || self.stops.iter().any(|(other, _)| other.items() == 0 && is_meant(other));
        has_item && is_meant(path) && !others()
    }
}

/// The reason why a list is none, by what stands where it was left.
fn reason(path: &Path, stop: &Stop, there: Option<&Item>) -> Reason {
    let wanted = path.steps.iter().skip(stop.step).find_map(Step::field);
    match (stop.miss.problem, there.map(|item| &item.kind)) {
        (Problem::OtherCurrency, _) => Reason::CurrencyOther,
        (Problem::Ambiguous, _) => Reason::AmountAmbiguous,
        (Problem::WrongKind, _) => Reason::NumberWrongKind,
        (Problem::Username, _) => Reason::UsernameInvalid,
        (Problem::Check, _) => Reason::FieldInvalid,
        (Problem::Unequal, _) => Reason::FieldsDiffer,
        (Problem::Leftover | Problem::KeywordInSignature, _) => Reason::Leftover,
        (_, Some(Kind::DoubtfulNumber(_))) => Reason::NumberAmbiguous,
        (Problem::Number(NumberProblem::WrongLength), _) | (_, Some(Kind::BadNumber(NumberProblem::WrongLength))) => {
            Reason::NumberWrongLength
        }
        (Problem::Number(_), _) | (_, Some(Kind::BadNumber(_))) => Reason::NumberUnknown,
        (Problem::Absent, Some(Kind::BadAmount(reason))) => *reason,
        (Problem::Absent, Some(Kind::Number(_))) if matches!(wanted, Some(Field::Msisdn | Field::Landline)) => {
            Reason::NumberWrongKind
        }
        (Problem::Absent, Some(_)) => Reason::Leftover,
        (Problem::Absent, None) => match wanted {
            Some(Field::Amount) => Reason::AmountMissing,
            Some(Field::Msisdn | Field::Landline) => Reason::NumberMissing,
            _ => absent(path, stop).unwrap_or(Reason::Unreadable),
        },
    }
}
