//! The reasons that hold for a text that no form reads, each with the form that would be right.
//!
//! A hint is for the sender to act on. Nothing is carried out by it.

use super::assemble::{check, written};
use super::diagnose::Diagnosis;
use super::fields::Problem;
use super::file::Action;
use super::form::{Form, Path};
use super::near::is_slip;
use super::pattern::Field;
use super::print::{Values, for_show, print};
use super::reader::{Captures, Reader, Stop};
use super::sense::{Item, Kind, span_of};
use super::set::Match;
use crate::domain::{Amount, Line, LineKind, NumberProblem, Reason, Rejection, Target};
use crate::text::normalise::normalise;

/// Unknown words that a request with a slip in it may hold; with more of them a text is a conversation.
const STRAY_WORDS_MAX: usize = 1;

/// Words among which a misspelt keyword is looked for.
const NEAR_WORDS_MAX: usize = 3;

/// A text in its parts, and the reasons found so far.
pub(super) struct Hints<'h, 'd, 't> {
    diagnosis: &'h Diagnosis<'d, 't>,
    items: &'h [Item],
    stops: &'h [(&'d Path, Stop)],
    found: Vec<Rejection>,
}

impl<'h, 'd, 't> Hints<'h, 'd, 't> {
    pub(super) fn new(diagnosis: &'h Diagnosis<'d, 't>, items: &'h [Item], stops: &'h [(&'d Path, Stop)]) -> Self {
        Self { diagnosis, items, stops, found: Vec::new() }
    }

    /// The first reason in order of precedence.
    pub(super) fn best(mut self) -> Rejection {
        let words = self.of(|kind| *kind == Kind::Word).count();
        let begins = self.items.first().is_some_and(|item| !matches!(item.kind, Kind::Word | Kind::Sign));
        let near = self.near();
        if begins || words <= STRAY_WORDS_MAX {
            self.wrong_values();
            self.too_many();
            self.order();
            self.number(near.is_some());
            self.behind();
            self.missing();
        }
        let stray = words > 0 && near.is_none();
        self.found.extend(near);
        if stray && self.found.is_empty() && words <= STRAY_WORDS_MAX {
            self.stray_word();
        }
        let unreadable = || self.diagnosis.rejection(Reason::Unreadable);
        self.found.iter().min_by_key(|rejection| rejection.reason).cloned().unwrap_or_else(unreadable)
    }

    fn of(&self, is: impl Fn(&Kind) -> bool) -> impl Iterator<Item = &'h Item> {
        self.items.iter().filter(move |item| is(&item.kind))
    }

    fn number_item(&self) -> Option<&'h Item> {
        self.of(Kind::is_number).next()
    }

    fn line(&self) -> Option<&'h Line> {
        match self.number_item().map(|item| &item.kind) {
            Some(Kind::Number(line)) => Some(line),
            _ => None,
        }
    }

    fn amount(&self) -> Option<i64> {
        self.of(Kind::is_amount).find_map(|item| match item.kind {
            Kind::Amount(cents) => Some(cents),
            _ => None,
        })
    }

    fn keyword(&self) -> Option<&'d Path> {
        let path = self.items.iter().find_map(|item| match item.kind {
            Kind::Keyword(path) => Some(path),
            _ => None,
        });
        path.and_then(|path| self.diagnosis.addressed.bank.paths.get(path))
    }

    fn add(&mut self, reason: Reason, item: Option<&Item>, form: Option<String>) {
        let value = item.map(|item| self.diagnosis.quoted(item.range.clone()));
        self.found.push(self.diagnosis.rejection(reason).with(|details| {
            details.value = value;
            details.form = form.or(details.form.take());
        }));
    }

    /// Amounts that are none here, amounts and operators that the bank does not take.
    fn wrong_values(&mut self) {
        let items = self.items;
        for item in items {
            if let Kind::BadAmount(reason) = item.kind {
                self.add(reason, Some(item), self.right_form(None));
            }
        }
        let Some((index, path, form)) = self.path_for(self.kind_meant(), self.keyword()) else { return };
        if !path.has(Field::Amount) || self.of(Kind::is_number).count() > 1 || self.of(Kind::is_amount).count() > 1 {
            return;
        }
        let target = self.line().map_or(Target::Username(String::new()), |line| Target::Line(line.clone()));
        let place = |item: Option<&Item>| item.map_or(0..0, |item| item.range.clone());
        let (number, amount) = (place(self.number_item()), place(self.of(Kind::is_amount).next()));
        if let Err(violation) = check(&form.limits, &target, self.amount(), (number.start, amount.start)) {
            let captures = Captures {
                line: self.line().map(|line| (line.clone(), number)),
                amount_cents: self.amount().map(|cents| (cents, amount)),
                ..Captures::default()
            };
            self.found.push(self.diagnosis.violation(index, &captures, &violation));
        }
    }

    /// Two requests or two amounts.
    fn too_many(&mut self) {
        let form = self.right_form(None);
        let keywords = self.of(|kind| matches!(kind, Kind::Keyword(_))).count();
        let signed = self.stops.iter().any(|(_, stop)| stop.miss.problem == Problem::KeywordInSignature);
        if self.of(Kind::is_number).count() > 1 || keywords > 1 || signed {
            self.add(Reason::TwoRequests, None, form);
        } else if self.of(Kind::is_amount).count() > 1 && !self.number_is_short() {
            let range = span_of(self.of(Kind::is_amount));
            let all = range.map(|range| Item { kind: Kind::Sign, range });
            self.add(Reason::TwoAmounts, all.as_ref(), self.right_form(None).or(form));
        }
    }

    /// Digits behind a number of the wrong length may be the rest of it, so that they are no second amount.
    fn number_is_short(&self) -> bool {
        matches!(self.number_item().map(|item| &item.kind), Some(Kind::BadNumber(NumberProblem::WrongLength)))
    }

    /// Everything is there, in another order than the form has it.
    fn order(&mut self) {
        let rank = |item: &&Item| !matches!(item.kind, Kind::Repeat);
        let parts: Vec<&Item> = self.items.iter().filter(rank).collect();
        let bank = self.diagnosis.addressed.bank;
        let told: Vec<&Item> = parts.iter().copied().filter(|item| item.kind != Kind::Sign).collect();
        let numbers = told.iter().filter(|item| item.kind.is_number()).count();
        let amounts = told.iter().filter(|item| item.kind.is_amount()).count();
        let words = told.iter().filter(|item| item.kind == Kind::Word).count();
        let username = numbers == 0 && amounts == 0 && words == 1 && self.keyword().is_some();
        if !username && !(numbers == 1 && amounts == 1 && words == 0) {
            return;
        }
        let candidates = bank.paths.iter().filter(|path| {
            if username { path.has(Field::Username) } else { path.has(Field::Amount) && fits(path, self.kind_meant()) }
        });
        let keyword = self.keyword().and_then(Path::keyword);
        for path in candidates.filter(|path| path.keyword() == keyword) {
            let wanted: Vec<u8> = path.steps.iter().filter_map(step_rank).collect();
            let is: Vec<u8> = told.iter().map(|item| item_rank(item)).collect();
            let Some(form) = bank.forms.get(path.form) else { continue };
            let shown = print(bank, path, &self.values().or(&for_show(bank, form, &self.diagnosis.set.plan)), &self.diagnosis.set.plan);
            if wanted != is && sorted(&wanted) == sorted(&is) {
                return self.add(Reason::SwappedOrder, None, shown);
            }
            if wanted == is && told.len() < parts.len() {
                let sign = parts.iter().find(|item| item.kind == Kind::Sign).copied();
                return self.add(Reason::Leftover, sign, shown);
            }
        }
    }

    /// A number that is none, of the wrong kind, or without the keyword of its kind.
    fn number(&mut self, keyword_is_near: bool) {
        let Some(item) = self.number_item() else { return };
        match &item.kind {
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
        if let Some(path) = self.keyword() {
            let takes_numbers = path.has(Field::Msisdn) || path.has(Field::Landline);
            if takes_numbers && !fits(path, kind) {
                self.add(Reason::NumberWrongKind, Some(item), self.right_form(None));
            }
            return;
        }
        match self.path_for(kind, None).map(|(_, path, _)| path.keyword()) {
            None => self.add(Reason::NumberWrongKind, Some(item), None),
            Some(Some(keyword)) if !keyword_is_near => {
                let form = self.right_form(None);
                self.found.push(self.diagnosis.rejection(Reason::KeywordMissing).with(|details| {
                    details.keyword = Some(keyword);
                    details.form = form.or(details.form.take());
                }));
            }
            Some(_) => {}
        }
    }

    /// A complete form with something behind it; a user name that is none.
    fn behind(&mut self) {
        let keyword = self.keyword();
        for &(path, stop) in self.stops {
            let item = Item { kind: Kind::Word, range: stop.miss.at..stop.miss.end };
            match stop.miss.problem {
                Problem::Leftover => {
                    let form = self.path_form(path);
                    self.add(Reason::Leftover, Some(&item), form);
                }
                Problem::Username if keyword.is_some_and(|k| k.keyword() == path.keyword()) => {
                    let form = self.shown(path, &Values::default());
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

    /// What a form wants and the text has not.
    fn missing(&mut self) {
        let (numbers, amounts) = (self.of(Kind::is_number).count(), self.of(Kind::is_amount).count());
        let words = self.of(|kind| *kind == Kind::Word).count();
        let path = match self.keyword() {
            Some(path) => Some(path),
            None if numbers == 1 || (amounts == 1 && words == 0) => self.path_for(self.kind_meant(), None).map(|(_, path, _)| path),
            None => None,
        };
        let Some(path) = path else { return };
        let form = self.right_form(Some(path));
        let takes_number = path.has(Field::Msisdn) || path.has(Field::Landline);
        if takes_number && numbers == 0 {
            self.add(Reason::NumberMissing, None, form);
        } else if path.has(Field::Amount) && amounts == 0 {
            self.add(Reason::AmountMissing, None, form);
        } else if path.has(Field::Username) && words == 0 {
            self.add(Reason::UsernameMissing, None, form);
        }
    }

    /// All that a form needs, beside a word that means nothing here.
    fn stray_word(&mut self) {
        let word = self.of(|kind| *kind == Kind::Word).next();
        let complete = self.keyword().filter(|path| path.steps.iter().all(|step| step.field().is_none()));
        if self.number_item().is_some() && self.amount().is_some() {
            self.add(Reason::Leftover, word, self.right_form(None));
        } else if let Some(path) = complete {
            self.add(Reason::Leftover, word, path.keyword());
        }
    }

    /// A word that is nearly a keyword, where the text would be read with it or nothing else is in its way.
    fn near(&self) -> Option<Rejection> {
        let words = self.items.iter().filter(|item| matches!(item.kind, Kind::Word | Kind::Keyword(_)));
        let words: Vec<&Item> = words.take(NEAR_WORDS_MAX).collect();
        let mut weak = None;
        for (index, item) in words.iter().enumerate() {
            let joined = words.get(index + 1).map(|next| item.range.start..next.range.end);
            for (path, keyword) in self.keywords() {
                let Some(range) = self.slip(item, joined.clone(), &keyword) else { continue };
                if let Some(form) = self.read_with(&range, &keyword) {
                    return Some(self.near_rejection(&keyword, &range, Some(form)));
                }
                let lone = index == 0 && item.kind == Kind::Word && self.items.len() <= 2 && keyword.len() > 2;
                if weak.is_none() && lone {
                    weak = Some(self.near_rejection(&keyword, &range, self.shown(path, &Values::default())));
                }
            }
        }
        weak
    }

    fn near_rejection(&self, keyword: &str, range: &std::ops::Range<usize>, form: Option<String>) -> Rejection {
        let value = self.diagnosis.quoted(range.clone());
        self.diagnosis.rejection(Reason::KeywordNear).with(|details| {
            details.value = Some(value);
            details.keyword = Some(keyword.to_owned());
            details.form = form.or(details.form.take());
        })
    }

    /// The keywords of recharge forms, each with the first path that has it.
    fn keywords(&self) -> Vec<(&'d Path, String)> {
        let mut keywords: Vec<(&Path, String)> = Vec::new();
        for (path, _) in self.recharges() {
            if let Some(keyword) = path.keyword()
                && !keywords.iter().any(|(_, known)| *known == keyword)
            {
                keywords.push((path, keyword));
            }
        }
        keywords
    }

    /// The bytes that are `keyword` with a slip: a letter wrong, or a space too few or too many.
    fn slip(&self, item: &Item, joined: Option<std::ops::Range<usize>>, keyword: &str) -> Option<std::ops::Range<usize>> {
        let folded = self.diagnosis.text.folded();
        let keyword = normalise(keyword).ok()?.folded().to_owned();
        let word = folded.get(item.range.clone())?;
        if let Some(range) = joined {
            let together: String = folded.get(range.clone())?.split_whitespace().collect();
            if together == keyword {
                return Some(range);
            }
        }
        if item.kind != Kind::Word {
            return None;
        }
        if is_slip(word, &keyword) {
            return Some(item.range.clone());
        }
        let glued = word.strip_prefix(keyword.as_str()).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        glued.then(|| item.range.start..item.range.start + keyword.len())
    }

    /// The text with the keyword in place of what stands at `range`, where it is then read.
    fn read_with(&self, range: &std::ops::Range<usize>, keyword: &str) -> Option<String> {
        let text = self.diagnosis.text;
        let end = text.folded().len();
        let (before, behind) = (text.as_typed(0..range.start), text.as_typed(range.end..end));
        let gap = if behind.is_empty() || behind.starts_with(char::is_whitespace) { "" } else { " " };
        let mended = format!("{before}{keyword}{gap}{behind}");
        let read = normalise(&mended).ok()?;
        let found = self.diagnosis.set.find(self.diagnosis.addressed, self.diagnosis.message, &read);
        matches!(found, Match::One(..)).then_some(mended)
    }

    fn recharges(&self) -> impl Iterator<Item = (&'d Path, &'d Form)> {
        let bank = self.diagnosis.addressed.bank;
        bank.paths.iter().filter_map(|path| {
            let form = bank.forms.get(path.form)?;
            let open = form.action == Action::Recharge && form.applies(self.diagnosis.addressed, self.diagnosis.message);
            open.then_some((path, form))
        })
    }

    /// The kind of the number that is there or was meant.
    fn kind_meant(&self) -> Option<LineKind> {
        self.line().map(|line| line.kind)
    }

    /// The path that a text with such a number is meant as: one with the same keyword, else one without any.
    fn path_for(&self, kind: Option<LineKind>, keyword: Option<&Path>) -> Option<(usize, &'d Path, &'d Form)> {
        let bank = self.diagnosis.addressed.bank;
        let wanted = keyword.and_then(Path::keyword);
        let with_number = self.number_item().is_some();
        let mut best: Option<(u8, &'d Path, &'d Form)> = None;
        for (path, form) in self.recharges() {
            let numbered = path.has(Field::Msisdn) || path.has(Field::Landline);
            if !fits(path, kind) || (with_number && !numbered) || path.is_glued() {
                continue;
            }
            let own = path.keyword();
            let cost = match (&wanted, &own) {
                (Some(wanted), Some(own)) if wanted == own => 0,
                (Some(_), _) if keyword.is_some_and(|k| fits(k, kind)) => continue,
                (_, None) => 1,
                (_, Some(_)) => 2,
            };
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, path, form));
            }
        }
        let (_, path, form) = best?;
        let index = bank.paths.iter().position(|known| std::ptr::eq(known, path))?;
        Some((index, path, form))
    }

    /// The sender's own values, as far as they are right.
    fn values(&self) -> Values {
        let mut values = Values::default();
        if let Some(line) = self.line() {
            values.set_number(line, &self.diagnosis.set.plan);
        }
        let amounts = self.of(Kind::is_amount).count();
        values.amount = self.amount().filter(|_| amounts == 1).and_then(|cents| Amount::from_cents(cents).ok()).map(written);
        let word = self.of(|kind| *kind == Kind::Word).next();
        values.username = word.map(|item| self.diagnosis.quoted(item.range.clone()));
        values
    }

    /// The form that was meant, right, with the sender's own values where they are.
    fn right_form(&self, path: Option<&Path>) -> Option<String> {
        let path = match path {
            Some(path) => path,
            None => self.path_for(self.kind_meant(), self.keyword())?.1,
        };
        self.shown(path, &self.values())
    }

    /// The path with these values, each only where the form would take it.
    fn shown(&self, path: &Path, values: &Values) -> Option<String> {
        let (bank, plan) = (self.diagnosis.addressed.bank, &self.diagnosis.set.plan);
        let form = bank.forms.get(path.form)?;
        let target = self.line().map(|line| Target::Line(line.clone()));
        let nobody = Target::Username(String::new());
        let mut values = values.clone();
        let number_is_right = check(&form.limits, target.as_ref().unwrap_or(&nobody), None, (0, 0)).is_ok();
        if !number_is_right {
            (values.mobile, values.fixed) = (None, None);
        }
        let of = target.as_ref().filter(|_| number_is_right).unwrap_or(&nobody);
        if check(&form.limits, of, self.amount(), (0, 0)).is_err() {
            values.amount = None;
        }
        let mut fallback = for_show(bank, form, plan);
        fallback.amount = super::print::amount_for_show(form, Some(of)).map(written).or(fallback.amount);
        print(bank, path, &values.or(&fallback), plan)
    }

    /// The path with what it captured of the text before what is left over.
    fn path_form(&self, path: &Path) -> Option<String> {
        let stop = self.stops.iter().find(|(known, _)| std::ptr::eq(*known, path)).map(|(_, stop)| stop)?;
        let typed = self.diagnosis.text.as_typed(0..stop.miss.at);
        let typed = typed.trim().to_owned();
        let read = normalise(&typed).ok()?;
        let mut reader = Reader::new(&read, self.diagnosis.addressed.bank, &self.diagnosis.set.plan);
        reader.walk(path).is_ok().then_some(typed)
    }
}

fn fits(path: &Path, kind: Option<LineKind>) -> bool {
    match kind {
        Some(LineKind::Mobile) => !path.has(Field::Landline),
        Some(LineKind::Fixed) => !path.has(Field::Msisdn),
        None => true,
    }
}

fn sorted(ranks: &[u8]) -> Vec<u8> {
    let mut ranks = ranks.to_vec();
    ranks.sort_unstable();
    ranks.dedup_by(|a, b| a == b && *a == 0);
    ranks
}

/// What sort of thing a step wants, so that orders can be compared.
fn step_rank(step: &super::form::Step) -> Option<u8> {
    use super::form::Step;
    match step {
        Step::Word(_) => Some(0),
        Step::Number(_) => Some(1),
        Step::Amount(_) => Some(2),
        Step::Username => Some(3),
        _ => None,
    }
}

fn item_rank(item: &Item) -> u8 {
    match item.kind {
        Kind::Keyword(_) => 0,
        Kind::Number(_) | Kind::BadNumber(_) => 1,
        Kind::Amount(_) | Kind::BadAmount(_) => 2,
        _ => 3,
    }
}
