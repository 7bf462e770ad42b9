//! Texts that are read with one word less, or with a keyword more.

use std::ops::Range;

use super::action::Action;
use super::fields::kind::Sort;
use super::fields::miss::Problem;
use super::fields::{Captures, Field};
use super::hint::Hints;
use super::path::{Path, Step};
use super::sense::{Item, Kind, span_of};
use super::set::Match;
use crate::domain::{Reason, Rejection};
use crate::text::normalise::normalise;

/// Most words of a text that are left out one by one.
const WORDS_MAX: usize = 16;

/// Most things in a text that only lacks its keyword.
const ITEMS_MAX: usize = 5;

/// A text that was changed, and is read.
pub(super) struct Mended<'d> {
    pub(super) path: &'d Path,
    pub(super) captures: Box<Captures>,
    /// The text, with values for show in place of its secrets.
    pub(super) shown: String,
}

impl<'d> Hints<'_, 'd, '_> {
    /// Reads a changed text; `None` if nothing would be carried out by it.
    pub(super) fn mended(&self, changed: &str) -> Option<Mended<'d>> {
        let diagnosis = self.diagnosis;
        let (bank, read) = (diagnosis.addressed.bank, normalise(changed).ok()?);
        let Match::One(index, captures) = diagnosis.set.find(diagnosis.addressed, diagnosis.message, &read) else {
            return None;
        };
        let path = bank.paths.get(index)?;
        let is_help = bank.forms.get(path.form)?.action == Action::Help;
        let is_text = !path.steps.is_empty() && !path.is_for_machines() && !is_help;
        diagnosis.set.assemble(bank, index, &captures, diagnosis.message, &read).ok().filter(|_| is_text)?;
        let shown = captures.without_secrets(&read);
        Some(Mended { path, captures, shown })
    }

    /// The reason if the text is read without one of its words.
    pub(super) fn one_too_many(&self) -> Option<Rejection> {
        let words = self.words();
        if !(2..=WORDS_MAX).contains(&words.len()) {
            return None;
        }
        let left_out = words.iter().rev().filter_map(|word| Some((word, self.without(word)?)));
        let found: Vec<(&Range<usize>, Mended<'_>)> = left_out.collect();
        let (word, mended) = found.first()?;
        // Any of several words may be the name of the user.
        let is_word = self.item_in(word).is_some_and(|item| item.kind == Kind::Word);
        let words = self.of(|kind| *kind == Kind::Word).count();
        if is_word && words > 1 && mended.path.has(Field::Username) {
            return None;
        }
        let opens = |(word, _): &(&Range<usize>, Mended<'_>)| self.item_in(word).is_some_and(|item| self.opens(item));
        let reason = if found.len() > 1 && found.iter().all(opens) {
            Reason::TwoRequests
        } else {
            self.reason_without(word, mended)
        };
        let amounts = span_of(self.of(Kind::is_amount)).filter(|_| reason == Reason::TwoAmounts);
        let value = self.diagnosis.quoted(amounts.unwrap_or_else(|| (*word).clone()));
        Some(self.diagnosis.rejection(reason).with(|details| {
            details.value = Some(value);
            details.form = Some(mended.shown.clone());
        }))
    }

    /// The reason if the text is read with a keyword more: at its beginning, or where a form wants one.
    pub(super) fn one_missing(&self) -> Option<Rejection> {
        let text = self.diagnosis.text;
        let begins = super::dispatch::first_word(text.folded());
        let is_word = self.diagnosis.addressed.bank.words.reserved.contains(begins);
        let is_value = self.of(|kind| !matches!(kind, Kind::Word | Kind::Sign)).next().is_some();
        if self.items.len() > ITEMS_MAX || !(is_word || is_value) {
            return None;
        }
        let word = |path: &'d Path, step: usize| match path.steps.get(step) {
            Some(Step::Word(word)) if word.is_keyword() => Some(word.written.as_str()),
            _ => None,
        };
        let has_value = |path: &Path| path.takes_number() || path.has(Field::Amount);
        let has_keyword = self.items.iter().any(|item| self.opens(item));
        let first = self.meant().filter(|(path, _)| !has_keyword && (is_word || has_value(path)));
        let first = first.filter_map(|(path, _)| Some((0, word(path, 0)?)));
        let is_other_kind = |at| {
            let mut there = self.stops.iter().filter(|(_, stop)| stop.miss.at == at);
            there.any(|(_, stop)| stop.miss.problem == Problem::WrongKind)
        };
        let wanted = self.stops.iter().filter(|(path, stop)| stop.miss.at > 0 && has_value(path));
        let wanted = wanted.filter(|(_, stop)| !is_other_kind(stop.miss.at));
        let wanted = wanted.filter_map(|(path, stop)| Some((stop.miss.at, word(path, stop.step)?)));
        let end = text.folded().len();
        let mended = first.chain(wanted).find_map(|(at, word)| {
            let (before, behind) = (text.as_typed(0..at), text.as_typed(at..end));
            let gap = if word.ends_with(char::is_alphanumeric) { " " } else { "" };
            let changed = format!("{} {word}{gap}{}", before.trim_end(), behind.trim_start());
            Some((word, self.mended(changed.trim_start())?))
        });
        let (word, mended) = mended?;
        let keyword = mended.path.keyword().unwrap_or_else(|| word.to_owned());
        Some(self.diagnosis.rejection(Reason::KeywordMissing).with(|details| {
            details.keyword = Some(keyword);
            details.form = Some(mended.shown);
        }))
    }

    /// The words of the text, between white space.
    fn words(&self) -> Vec<Range<usize>> {
        let mut at = 0;
        let pieces = self.diagnosis.text.folded().split([' ', '\n']).map(|piece| {
            let start = at;
            at += piece.len() + 1;
            start..start + piece.len()
        });
        pieces.filter(|word| !word.is_empty()).collect()
    }

    /// The text without a word, if it is read. No digits are taken out of a number, no request is read without the number
    /// that the text has, because it would top up somebody else, and none without its keyword.
    fn without(&self, word: &Range<usize>) -> Option<Mended<'d>> {
        let text = self.diagnosis.text;
        let is_part = |item: &&Item| {
            let holds = item.range.start <= word.start && word.end <= item.range.end && item.range != *word;
            let is_one = item.kind.is_number() || matches!(item.kind, Kind::Card | Kind::Keyword(_));
            item.range.start < word.end && word.start < item.range.end && holds && is_one
        };
        let money = &self.diagnosis.addressed.bank.words.money;
        let written = text.folded().get(word.clone())?;
        if self.items.iter().any(|item| is_part(&item)) || money.other_at(written) == Some(written.len()) {
            return None;
        }
        let (before, behind) = (text.as_typed(0..word.start), text.as_typed(word.end..text.folded().len()));
        let mended = self.mended(&format!("{} {}", before.trim_end(), behind.trim_start()))?;
        let item = self.item_in(word);
        let is_number = item.is_some_and(|item| item.kind.is_number());
        let is_keyword = item.is_some_and(|item| self.opens(item));
        let names = |path: &Path| path.has(Field::Username);
        let may_be_name = item.is_some_and(|item| !matches!(item.kind, Kind::Sign | Kind::Repeat));
        let mut others = self.meant().filter(|(path, _)| path.keyword() == mended.path.keyword());
        // Another user, or the sender in place of a user.
        if may_be_name && word.start == 0 && others.any(|(path, _)| names(path)) {
            return None;
        }
        let is_same_request = (!is_number || mended.path.takes_number() || !self.moves_money(mended.path))
            && (!is_keyword || mended.path.opens() || (word.start > 0 && mended.path.takes_number()));
        is_same_request.then_some(mended)
    }

    /// The first thing within a word.
    fn item_in(&self, word: &Range<usize>) -> Option<&Item> {
        self.items.iter().find(|item| item.range.start < word.end && word.start < item.range.end)
    }

    fn moves_money(&self, path: &Path) -> bool {
        self.diagnosis.addressed.bank.forms.get(path.form).is_some_and(|form| form.action.is_request())
    }

    fn reason_without(&self, word: &Range<usize>, mended: &Mended<'_>) -> Reason {
        let Some(item) = self.item_in(word) else { return Reason::Leftover };
        let written = self.diagnosis.text.folded().get(word.clone()).unwrap_or_default();
        let has = |sort| mended.path.steps.iter().filter_map(Step::field).any(|field| field.facts().sort == Some(sort));
        match &item.kind {
            Kind::Number(_) | Kind::BadNumber(_) | Kind::DoubtfulNumber(_) => Reason::TwoRequests,
            Kind::Card if has(Sort::Card) => Reason::TwoRequests,
            Kind::Keyword(_) if self.mended(written).is_some() => Reason::TwoRequests,
            Kind::Amount(_) if word.start == 0 && mended.path.opens() && self.mended(written).is_some() => {
                Reason::TwoRequests
            }
            Kind::Amount(minor) if has(Sort::Amount) => {
                let is_same = mended.captures.amount.as_ref().is_some_and(|(known, _)| known == minor);
                let is_pin = mended.captures.pin.is_some() && written.len() >= 4;
                let is_reference = mended.captures.reference.is_some() && written.len() >= 4;
                if is_same || !(is_pin || is_reference) { Reason::TwoAmounts } else { Reason::Leftover }
            }
            Kind::BadAmount(_) if has(Sort::Amount) => Reason::TwoAmounts,
            _ => Reason::Leftover,
        }
    }

    /// Tells whether a text of its own begins with this keyword, or names a user before it.
    pub(super) fn opens(&self, item: &Item) -> bool {
        let Kind::Keyword(path) = item.kind else { return false };
        self.diagnosis.addressed.bank.paths.get(path).is_some_and(Path::opens)
    }
}
