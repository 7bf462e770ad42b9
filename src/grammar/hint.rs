//! The reasons that hold for a text that no form reads, each with the form that would be right.
//!
//! A hint is for the sender to act on. Nothing is carried out by it.

use super::allowed::check;
use super::diagnosis::Diagnosis;
use super::fields::miss::Problem;
use super::fields::{Captures, Field};
use super::path::Path;
use super::reader::Stop;
use super::sense::{Item, Kind, span_of};
use crate::domain::{Line, LineKind, NumberProblem, Reason, Rejection, Target};

/// Unknown words that a request with a slip in it may hold; with more of them a text is a conversation.
const STRAY_WORDS_MAX: usize = 1;

/// A text in its parts, and the reasons found so far.
pub(super) struct Hints<'h, 'd, 't> {
    pub(super) diagnosis: &'h Diagnosis<'d, 't>,
    pub(super) items: &'h [Item],
    pub(super) stops: &'h [(&'d Path, Stop)],
    pub(super) found: Vec<Rejection>,
}

impl<'h, 'd, 't> Hints<'h, 'd, 't> {
    pub(super) fn new(diagnosis: &'h Diagnosis<'d, 't>, items: &'h [Item], stops: &'h [(&'d Path, Stop)]) -> Self {
        Self { diagnosis, items, stops, found: Vec::new() }
    }

    /// The first reason in order of precedence.
    pub(super) fn best(mut self) -> Rejection {
        let words = self.of(|kind| *kind == Kind::Word).count();
        let begins = self.items.first().is_some_and(|item| !matches!(item.kind, Kind::Word | Kind::Sign));
        self.checks();
        let told = self.found.iter().min_by_key(|rejection| rejection.reason).cloned();
        if let Some(told) = told.or_else(|| self.in_list()) {
            return told;
        }
        let near = self.near();
        if let Some((near, true)) = near {
            return near;
        }
        let told = self.number_item().is_some() || self.keyword().is_some() || self.cards() > 0 || words == 0;
        let is_request = begins || (words <= STRAY_WORDS_MAX && told);
        self.order();
        if self.found.is_empty() {
            let is_nearly = is_request || (words <= STRAY_WORDS_MAX + 1 && told);
            let word = if is_nearly { self.one_too_many() } else { None };
            if let Some(word) = word.or_else(|| self.one_missing()) {
                return word;
            }
        }
        if is_request {
            self.wrong_values();
            self.too_many();
            self.number(near.is_some());
            self.behind();
            self.missing();
        }
        let stray = words > 0 && near.is_none();
        self.found.extend(near.map(|(near, _)| near));
        if stray && self.found.is_empty() && words <= STRAY_WORDS_MAX {
            self.stray_word();
        }
        if words <= STRAY_WORDS_MAX {
            self.own_value();
        }
        self.left();
        let unreadable = || self.unreadable();
        self.found.iter().min_by_key(|rejection| rejection.reason).cloned().unwrap_or_else(unreadable)
    }

    /// If nothing else is told: text behind a complete form.
    fn left(&mut self) {
        let left = self.stops.iter().map(|(_, stop)| stop.miss).find(|miss| miss.problem == Problem::Leftover);
        if let Some(miss) = left.filter(|_| self.found.is_empty()) {
            let item = Item { kind: Kind::Word, range: miss.at..miss.end };
            self.add(Reason::Leftover, Some(&item), self.right_form(None));
        }
    }

    /// With the form of the keyword, if there is one.
    fn unreadable(&self) -> Rejection {
        let form = self.keyword().filter(|path| path.opens()).and_then(|path| self.right_form(Some(path)));
        self.diagnosis.rejection(Reason::Unreadable).with(|details| details.form = form.or(details.form.take()))
    }

    /// If nothing else is told: a value that is missing behind a word of a table, or an odd one in place of an own field.
    fn own_value(&mut self) {
        if self.found.is_empty() {
            self.missing_behind_table();
        }
        if self.found.is_empty() {
            self.odd_value();
        }
    }

    pub(super) fn of(&self, is: impl Fn(&Kind) -> bool) -> impl Iterator<Item = &'h Item> {
        self.items.iter().filter(move |item| is(&item.kind))
    }

    pub(super) fn number_item(&self) -> Option<&'h Item> {
        self.of(Kind::is_number).next()
    }

    pub(super) fn cards(&self) -> usize {
        self.of(|kind| *kind == Kind::Card).count()
    }

    pub(super) fn line(&self) -> Option<&'h Line> {
        match self.number_item().map(|item| &item.kind) {
            Some(Kind::Number(line)) => Some(line),
            _ => None,
        }
    }

    pub(super) fn amount(&self) -> Option<i64> {
        self.of(Kind::is_amount).find_map(|item| match item.kind {
            Kind::Amount(minor) => Some(minor),
            _ => None,
        })
    }

    pub(super) fn keyword(&self) -> Option<&'d Path> {
        let path = self.items.iter().find_map(|item| match item.kind {
            Kind::Keyword(path) => Some(path),
            _ => None,
        });
        path.and_then(|path| self.diagnosis.addressed.bank.paths.get(path))
    }

    /// The kind of the number that is there.
    pub(super) fn kind_meant(&self) -> Option<LineKind> {
        match self.number_item().map(|item| &item.kind) {
            Some(Kind::Number(line)) => Some(line.kind),
            Some(Kind::DoubtfulNumber(kind)) => Some(*kind),
            _ => None,
        }
    }

    pub(super) fn add(&mut self, reason: Reason, item: Option<&Item>, form: Option<String>) {
        let value = item.map(|item| self.diagnosis.quoted(item.range.clone()));
        self.found.push(self.diagnosis.rejection(reason).with(|details| {
            details.value = value;
            details.form = form.or(details.form.take());
        }));
    }

    /// Amounts that are none here, amounts and operators that the bank does not take.
    fn wrong_values(&mut self) {
        let items = self.items;
        for item in items.iter().filter(|_| !self.is_of_machine()).collect::<Vec<_>>() {
            if let Kind::BadAmount(reason) = item.kind {
                self.add(reason, Some(item), self.right_form(None));
            }
        }
        let Some((index, path, form)) = self.path_for(self.kind_meant(), self.keyword()) else { return };
        if !path.has(Field::Amount) || self.of(Kind::is_number).count() > 1 || self.too_many_amounts() {
            return;
        }
        let target = self.line().map_or(Target::Username(String::new()), |line| Target::Line(line.clone()));
        let place = |item: Option<&Item>| item.map_or(0..0, |item| item.range.clone());
        let (number, amount) = (place(self.number_item()), place(self.of(Kind::is_amount).next()));
        if let Err(violation) = check(&form.limits, &target, self.amount(), (number.start, amount.start)) {
            let line = |kind| self.line().filter(|line| line.kind == kind).map(|line| (line.clone(), number.clone()));
            let captures = Captures {
                msisdn: line(LineKind::Mobile),
                landline: line(LineKind::Fixed),
                amount: self.amount().map(|minor| (minor, amount)),
                ..Captures::default()
            };
            self.found.push(self.diagnosis.violation(index, &captures, &violation));
        }
    }

    /// Two requests or two amounts.
    fn too_many(&mut self) {
        let form = self.right_form(None);
        let keywords = self.items.iter().filter(|item| self.opens(item)).count();
        let signed = self.stops.iter().any(|(_, stop)| stop.miss.problem == Problem::KeywordInSignature);
        if self.of(Kind::is_number).count() > 1 || self.cards() > 1 || keywords > 1 || signed {
            self.add(Reason::TwoRequests, None, form);
        } else if self.too_many_amounts() && !self.number_is_short() && !self.is_of_machine() {
            let range = span_of(self.of(Kind::is_amount));
            let all = range.map(|range| Item { kind: Kind::Sign, range });
            self.add(Reason::TwoAmounts, all.as_ref(), self.right_form(None).or(form));
        }
    }

    /// More amounts than one, digits that may be a PIN or the like left aside.
    pub(super) fn too_many_amounts(&self) -> bool {
        let told = self.of(|kind| matches!(kind, Kind::Told(field) if field.facts().is_other_digits)).count();
        let keyword = self.keyword().and_then(Path::keyword);
        let same = self.meant().map(|(path, _)| path).filter(|path| path.keyword() == keyword);
        let others = same.map(Path::other_digits).max().unwrap_or(0);
        self.of(Kind::is_amount).count() > 1 + others.saturating_sub(told)
    }

    /// The beginning is a complete form that only a machine may use: what follows belongs to a field that is wrong.
    fn is_of_machine(&self) -> bool {
        let forms = &self.diagnosis.addressed.bank.forms;
        let complete = self.stops.iter().filter(|(_, stop)| stop.miss.problem == Problem::Leftover);
        complete.filter_map(|(path, _)| forms.get(path.form)).any(|form| !form.senders.is_empty())
    }

    /// Digits behind a number of the wrong length may be the rest of it, so that they are no second amount.
    fn number_is_short(&self) -> bool {
        matches!(self.number_item().map(|item| &item.kind), Some(Kind::BadNumber(NumberProblem::WrongLength)))
    }

    /// A number that is none, of the wrong kind, or without the keyword of its kind.
    fn number(&mut self, keyword_is_near: bool) {
        let Some(item) = self.number_item() else { return };
        let keyword = self.keyword().and_then(Path::keyword);
        if keyword.is_some()
            && self
                .meant()
                .map(|(path, _)| path)
                .filter(|path| path.keyword() == keyword)
                .all(|path| !path.takes_number())
        {
            return;
        }
        match &item.kind {
            Kind::DoubtfulNumber(_) => self.add(Reason::NumberAmbiguous, Some(item), self.right_form(None)),
            Kind::BadNumber(NumberProblem::WrongLength) => {
                self.add(Reason::NumberWrongLength, Some(item), self.right_form(None));
            }
            Kind::BadNumber(NumberProblem::NotInPlan) => {
                self.add(Reason::NumberUnknown, Some(item), self.right_form(None));
            }
            Kind::Number(line) => self.kind_of_number(item, line, keyword_is_near),
            _ => {}
        }
    }

    fn kind_of_number(&mut self, item: &Item, line: &Line, keyword_is_near: bool) {
        let kind = Some(line.kind);
        let keyword = self.keyword().and_then(Path::keyword);
        let with_keyword: Vec<&Path> = self
            .meant()
            .map(|(path, _)| path)
            .filter(|path| path.takes_number() && path.keyword() == keyword)
            .collect();
        if with_keyword.iter().any(|path| path.fits(kind)) {
            return;
        }
        let other = self.path_for(kind, self.keyword()).and_then(|(_, path, _)| path.keyword());
        match other {
            Some(other) if keyword.is_none() => {
                if !keyword_is_near {
                    self.keyword_missing(other);
                }
            }
            _ if with_keyword.is_empty()
                && (keyword.is_some() || !self.meant().any(|(path, _)| path.takes_number())) => {}
            _ => self.add(Reason::NumberWrongKind, Some(item), self.right_form(None)),
        }
    }

    pub(super) fn keyword_missing(&mut self, keyword: String) {
        let form = self.right_form(None);
        self.found.push(self.diagnosis.rejection(Reason::KeywordMissing).with(|details| {
            details.keyword = Some(keyword);
            details.form = form.or(details.form.take());
        }));
    }
}
