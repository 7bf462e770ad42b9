//! Texts of which a form reads the beginning, and what stands behind it.

use super::fields::miss::Problem;
use super::fields::{Field, Values};
use super::hint::Hints;
use super::path::{Path, Step};
use super::reader::{Reader, Stop};
use super::sense::{Item, Kind};
use super::set::Match;
use crate::domain::Reason;
use crate::text::normalise::normalise;

impl Hints<'_, '_, '_> {
    /// A value that fails its check, or that differs where it must be repeated: the text is of this form up to there.
    pub(super) fn checks(&mut self) {
        for &(path, stop) in self.stops {
            let reason = match stop.miss.problem {
                Problem::Check => Reason::FieldInvalid,
                Problem::Unequal => Reason::FieldsDiffer,
                _ => continue,
            };
            let item = Item { kind: Kind::Word, range: stop.miss.at..stop.miss.end };
            let quoted = Some(&item).filter(|_| reason == Reason::FieldInvalid);
            let form = self.shown(path, &self.values());
            self.add(reason, quoted, form);
        }
    }

    /// Digits in the place of a field of the bank's own that are none of its values, behind the form's keyword: mostly one
    /// digit too few or too many. A secret is not quoted.
    pub(super) fn odd_value(&mut self) {
        for &(path, stop) in self.stops {
            let Some((Step::Own(own), before)) = path.steps.get(..=stop.step).and_then(<[Step]>::split_last) else {
                continue;
            };
            let is_told = before.iter().any(|step| matches!(step, Step::Word(word) if word.is_keyword()));
            let rest = self.diagnosis.text.folded().get(stop.miss.at..).unwrap_or_default();
            let token = rest.split(char::is_whitespace).next().unwrap_or_default();
            let is_odd = stop.miss.problem == Problem::Absent && token.contains(|c: char| c.is_ascii_digit());
            if is_told && is_odd && !own.field.secret {
                let item = Item { kind: Kind::Word, range: stop.miss.at..stop.miss.at + token.len() };
                let form = self.shown(path, &self.values());
                self.add(Reason::FieldInvalid, Some(&item), form);
            }
        }
    }

    /// A complete form with something behind it; a user name that is none.
    pub(super) fn behind(&mut self) {
        let keyword = self.keyword();
        let is_told = |at: usize| {
            self.items
                .iter()
                .any(|item| item.range.start == at && matches!(item.kind, Kind::Told(_) | Kind::AmountOrPin))
        };
        for &(path, stop) in self.stops {
            let item = Item { kind: Kind::Word, range: stop.miss.at..stop.miss.end };
            match stop.miss.problem {
                Problem::Leftover if self.is_request(stop.miss.at) => {
                    let form = self.path_form(path);
                    self.add(Reason::TwoRequests, Some(&item), form);
                }
                // A form without the number that the text has would top up somebody else.
                Problem::Leftover if self.number_item().is_some() && !path.takes_number() => {}
                Problem::Leftover => {
                    let form = self.path_form(path);
                    self.add(Reason::Leftover, Some(&item), form);
                }
                Problem::Absent if self.is_odd_name(path, stop) => {
                    let folded = self.diagnosis.text.folded();
                    let name = folded.get(stop.miss.at..).and_then(|rest| rest.split_whitespace().next());
                    let item = Item { kind: Kind::Word, range: stop.miss.at..stop.miss.at + name.map_or(0, str::len) };
                    let form = self.shown(path, &Values { username: None, ..self.values() });
                    self.add(Reason::UsernameInvalid, Some(&item), form);
                }
                Problem::Username if is_told(stop.miss.at) => {}
                Problem::Username if keyword.is_some_and(|k| k.keyword() == path.keyword()) => {
                    let form = self.shown(path, &Values { username: None, ..self.values() });
                    self.add(Reason::UsernameInvalid, Some(&item), form);
                }
                Problem::OtherCurrency if stop.step > 0 => {
                    let form = self.shown(path, &self.values());
                    self.add(Reason::CurrencyOther, Some(&item), form);
                }
                _ => {}
            }
        }
    }

    /// The text before the leftover, which the path reads, with values for show in place of its secrets.
    fn path_form(&self, path: &Path) -> Option<String> {
        let stop = self.stops.iter().find(|(known, _)| std::ptr::eq(*known, path)).map(|(_, stop)| stop)?;
        let typed = self.diagnosis.text.as_typed(0..stop.miss.at);
        let read = normalise(typed.trim()).ok()?;
        let mut reader = Reader::new(&read, self.diagnosis.addressed.bank, &self.diagnosis.set.plan);
        reader.walk(path).ok().map(|captures| captures.without_secrets(&read))
    }

    /// Tells whether a request of its own stands there, by a keyword or a number; an amount alone is a second amount.
    fn is_request(&self, at: usize) -> bool {
        let diagnosis = self.diagnosis;
        let rest = diagnosis.text.as_typed(at..diagnosis.text.folded().len());
        let Ok(read) = normalise(&rest) else { return false };
        let Match::One(path, _) = diagnosis.set.find(diagnosis.addressed, diagnosis.message, &read) else {
            return false;
        };
        let path = diagnosis.addressed.bank.paths.get(path);
        path.is_some_and(|path| {
            let recharge = self.meant().any(|(known, _)| std::ptr::eq(known, path));
            recharge && (path.opens() || path.takes_number())
        })
    }

    /// Tells whether a sign stands in place of the user name behind this keyword.
    fn is_odd_name(&self, path: &Path, stop: Stop) -> bool {
        let wants_name = path.steps.get(stop.step).and_then(Step::field) == Some(Field::Username);
        let folded = self.diagnosis.text.folded();
        let sign = folded.get(stop.miss.at..).is_some_and(|rest| rest.starts_with(|c: char| !c.is_alphanumeric()));
        wants_name && stop.step > 0 && sign && self.of(|kind| *kind == Kind::Word).next().is_some()
    }
}
