//! Values that a form wants and the text does not have, and a word that means nothing.

use super::fields::{Field, Values};
use super::hint::Hints;
use super::path::{Path, Step};
use super::reader::Stop;
use super::sense::{Item, Kind};
use crate::domain::Reason;

impl Hints<'_, '_, '_> {
    /// Values that a form wants and the text does not have.
    pub(super) fn missing(&mut self) {
        let (numbers, amounts) = (self.of(Kind::is_number).count(), self.of(Kind::is_amount).count());
        let words = self.of(|kind| *kind == Kind::Word).count();
        let meant = self.path_for(self.kind_meant(), self.keyword()).map(|(_, path, _)| path);
        let path = match self.keyword() {
            Some(path) => meant.filter(|meant| meant.keyword() == path.keyword()).or(Some(path)),
            None if numbers == 1 || (amounts == 1 && words == 0) => meant,
            None => None,
        };
        let Some(path) = path else { return };
        if let (None, Some(keyword), 0) = (self.keyword(), path.keyword(), words) {
            return self.keyword_missing(keyword);
        }
        let form = self.right_form(Some(path));
        let mut of_form = self.stops.iter().filter(|(stopped, _)| stopped.form == path.form);
        if path.takes_number() && numbers == 0 {
            self.add(Reason::NumberMissing, None, form);
        } else if path.has(Field::Amount) && amounts == 0 {
            self.add(Reason::AmountMissing, None, form);
        } else if path.has(Field::Username) && words == 0 {
            self.add(Reason::UsernameMissing, None, form);
        } else if let Some(reason) = of_form.find_map(|(stopped, stop)| absent(stopped, stop)) {
            self.add(reason, None, form);
        } else {
            self.other_value(path, form);
        }
    }

    /// A word or digits at the place of an operator, a service or a number within a range.
    fn other_value(&mut self, path: &Path, form: Option<String>) {
        let of_form = self.stops.iter().filter(|(stopped, _)| stopped.form == path.form);
        let Some((stopped, stop)) = of_form.max_by_key(|(_, stop)| stop.miss.at) else { return };
        let wanted = stopped.steps.get(stop.step).and_then(Step::field);
        let place = self.items.iter().position(|item| item.range.start == stop.miss.at);
        let item = place.and_then(|place| self.items.get(place));
        let is_last = place.is_some_and(|place| place + 1 == self.items.len());
        let is_value = item.is_some_and(|item| item.kind == Kind::Word || item.kind.is_amount());
        match wanted {
            Some(Field::Operator | Field::Service) if is_value && !is_last => {
                let form = self.shown(path, &Values { username: None, ..self.values() });
                self.add(Reason::Leftover, item, form);
            }
            Some(Field::Operator | Field::Service) => self.add(Reason::KeywordMissing, None, form),
            Some(Field::Number | Field::Date) if is_value => self.add(Reason::Leftover, item, form),
            _ => {}
        }
    }

    /// A value that is missing behind a word of a bank's own table, which tells the form as a keyword does.
    pub(super) fn missing_behind_table(&mut self) {
        let is_told = |path: &Path, stop: &Stop| {
            path.steps.iter().take(stop.step).filter_map(Step::own).any(|field| !field.rows().is_empty())
        };
        let told = self.stops.iter().filter(|(path, stop)| is_told(path, stop));
        let Some((path, stop)) = told.max_by_key(|(_, stop)| stop.miss.at) else { return };
        if let Some(reason) = absent(path, stop) {
            let form = self.shown(path, &self.values());
            self.add(reason, None, form);
        }
    }

    /// All that a form needs, beside a word that means nothing here.
    pub(super) fn stray_word(&mut self) {
        let text = self.diagnosis.text.folded();
        let of_keyword = self.keyword().map(|path| path.steps.as_slice()).unwrap_or_default();
        let is_stray = |item: &&Item| {
            let written = text.get(item.range.clone()).unwrap_or_default();
            !of_keyword.iter().any(|step| matches!(step, Step::Word(word) if word.holds(written)))
        };
        let Some(word) = self.of(|kind| *kind == Kind::Word).find(is_stray) else { return };
        let complete = self.keyword().filter(|path| !path.steps.iter().any(Step::is_value));
        if (self.number_item().is_some() && self.amount().is_some()) || self.cards() > 0 {
            self.add(Reason::Leftover, Some(word), self.right_form(None));
        } else if let Some(path) = complete {
            self.add(Reason::Leftover, Some(word), path.keyword());
        }
    }
}

/// The reason for a value that a path came as far as, and did not find.
pub(super) fn absent(path: &Path, stop: &Stop) -> Option<Reason> {
    let next = path.steps.iter().skip(stop.step).find_map(Step::field);
    let read = path.steps.iter().take(stop.step).any(|step| match step {
        Step::Word(word) => word.is_keyword(),
        Step::Value(_) | Step::Own(_) => true,
        Step::Separator { .. } | Step::List(_) => false,
    });
    next.filter(|_| read).and_then(|field| field.facts().absent)
}
