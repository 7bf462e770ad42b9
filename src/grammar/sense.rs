//! The things that are recognised in a text that no form reads: numbers, amounts, keywords and other words, in their order.

use std::ops::Range;

use super::cards::{Usable, card, mistyped_card};
use super::fields::kind::Input;
use super::fields::miss::{Problem, ends};
use super::fields::username::{in_username, run};
use super::fields::{Captures, Field, Value, money, number};
use super::form::Bank;
use super::path::{Step, Word};
use crate::domain::{Line, LineKind, NumberProblem, NumberingPlan, Reason};
use crate::text::noise::{is_closing, is_emoji};
use crate::text::normalise::Normalised;

/// Shortest run of digits that is meant as a number rather than as an amount.
const NUMBER_DIGITS_MIN: usize = 6;

/// Most digits of a run that is no number of the plan, and may be meant as a very high amount.
const LONG_AMOUNT_MAX: usize = 7;

/// Most digits of a group that is taken for the amount behind a number.
const AMOUNT_DIGITS: usize = 2;

/// Most things that are looked at; a text with more is no request.
const ITEMS_MAX: usize = 64;

/// One thing in a text, with its bytes in the folded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// The kind of an [`Item`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Number(Line),
    BadNumber(NumberProblem),
    /// Digits in groups that are a number at two of its ends.
    DoubtfulNumber(LineKind),
    Amount(i64),
    BadAmount(Reason),
    /// Digits that are an amount or a PIN. They are not shown to anybody as an amount.
    AmountOrPin,
    /// A value of this kind, which is neither number nor amount: a PIN, an operator, a reference.
    Told(Field),
    /// Index of the first path that has this keyword.
    Keyword(usize),
    /// The code of a scratch card, where the bank takes one.
    Card,
    Repeat,
    Word,
    Sign,
}

impl Kind {
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::BadNumber(_) | Self::DoubtfulNumber(_))
    }

    pub(super) fn is_amount(&self) -> bool {
        matches!(self, Self::Amount(_) | Self::BadAmount(_) | Self::AmountOrPin)
    }
}

/// Everything that can be recognised in `text`, closing punctuation and emoji left out.
pub(super) fn items(read: &Normalised<'_>, bank: &Bank, plan: &NumberingPlan, usable: Usable<'_>) -> Vec<Item> {
    let text = read.folded();
    let mut items: Vec<Item> = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if items.len() >= ITEMS_MAX {
            break;
        }
        if c.is_whitespace() || is_closing(c) || is_emoji(c) {
            at += c.len_utf8();
            continue;
        }
        let (kind, end) = item(read, at, bank, plan, usable);
        let end = end.max(at + c.len_utf8());
        items.push(Item { kind, range: at..end });
        at = end;
    }
    items
}

fn item(read: &Normalised<'_>, at: usize, bank: &Bank, plan: &NumberingPlan, usable: Usable<'_>) -> (Kind, usize) {
    let text = read.folded();
    let rest = &text[at..];
    let first = rest.chars().next().unwrap_or(' ');
    if let Some(end) = card(text, at, bank, usable) {
        return (Kind::Card, end);
    }
    if let Some(end) = mistyped_card(text, at, bank, usable) {
        return (Kind::BadNumber(NumberProblem::NotInPlan), end);
    }
    if first.is_ascii_digit() || matches!(first, '+' | '(') || money::begins(text, at, &bank.words.money) {
        return numeric(text, at, bank, plan).unwrap_or((Kind::Sign, at));
    }
    if !in_username(first) || !first.is_alphanumeric() {
        return (Kind::Sign, at);
    }
    if let Some((path, end)) = keyword(text, at, bank, usable) {
        return (Kind::Keyword(path), end);
    }
    if let Some((field, end)) = named(read, at, bank, plan, usable) {
        return (Kind::Told(field), end);
    }
    let word = run(rest).trim_end_matches('.');
    let repeat = bank.words.repeat.iter().any(|said| said == word);
    (if repeat { Kind::Repeat } else { Kind::Word }, at + word.len())
}

/// An operator or a service, where a form of the bank names one.
fn named(
    text: &Normalised<'_>,
    at: usize,
    bank: &Bank,
    plan: &NumberingPlan,
    usable: Usable<'_>,
) -> Option<(Field, usize)> {
    let values = bank.paths.iter().filter(|path| usable(path)).flat_map(|path| &path.steps);
    let mut input = Input { text, words: &bank.words, plan, last_number: None, last_amount: None };
    values
        .filter_map(|step| match step {
            Step::Value(value @ (Value::Operator(()) | Value::Service(()))) => {
                let end = value.read(at, &mut input, &mut Captures::default()).ok()?;
                Some((value.field(), end))
            }
            _ => None,
        })
        .max_by_key(|&(_, end)| end)
}

/// A number or an amount. Digits that are neither are the one that they look more like; digits that letters go on from
/// are a word.
fn numeric(text: &str, at: usize, bank: &Bank, plan: &NumberingPlan) -> Option<(Kind, usize)> {
    let rest = &text[at..];
    let miss = match number::any(text, at, number::Grouping::default(), plan) {
        Ok(found) => {
            return Some(match found.in_doubt(text, &bank.words.money) {
                Some(end) => (Kind::DoubtfulNumber(found.line.kind), end),
                None => (Kind::Number(found.line), found.end),
            });
        }
        Err(miss) => miss,
    };
    let start = Start::of(rest, plan);
    if start.signed && rest.trim_start_matches(['+', '(', ' ']).chars().take_while(char::is_ascii_digit).count() < 3 {
        return None;
    }
    let digits = start.digits;
    if start.may_be_long_amount()
        && miss.problem == Problem::Number(NumberProblem::NotInPlan)
        && text.get(at + digits..).is_some_and(ends)
    {
        let units: i64 = rest.get(..digits)?.parse().ok()?;
        return Some((Kind::Amount(units.saturating_mul(bank.words.money.unit())), at + digits));
    }
    let looks_like_number = start.looks_like_number(miss.problem);
    let written = money::read(text, at, money::AmountShape::default(), &bank.words.money);
    match (written, miss.problem) {
        (Ok(written), _) if !looks_like_number || digits == 0 => Some((Kind::Amount(written.minor), written.end)),
        (Err(other), _) if other.problem == Problem::OtherCurrency && digits < NUMBER_DIGITS_MIN => {
            Some((Kind::BadAmount(Reason::CurrencyOther), other.end))
        }
        (Err(two), _) if two.problem == Problem::Ambiguous && !looks_like_number => {
            Some((Kind::BadAmount(Reason::AmountAmbiguous), two.end))
        }
        (_, Problem::Number(problem)) => {
            let end = without_amount(text, at, miss.end.max(at + digits));
            let glued = text.get(end..).is_some_and(|rest| !ends(rest));
            Some(if glued { word(text, at) } else { (Kind::BadNumber(problem), end) })
        }
        _ => None,
    }
}

/// The beginning of a run that may be a number or an amount.
struct Start {
    /// Digits in front of the first other character.
    digits: usize,
    /// `+` or `(` stands in front of the digits.
    signed: bool,
    /// It begins with the trunk prefix of the plan.
    national: bool,
    /// It begins with 0 and is longer than an amount that does.
    zero: bool,
}

impl Start {
    fn of(rest: &str, plan: &NumberingPlan) -> Self {
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        Self {
            digits,
            signed: rest.starts_with(['+', '(', ' ']),
            national: digits > 2 && rest.starts_with(plan.trunk_prefix()),
            zero: digits > 3 && rest.starts_with('0'),
        }
    }

    fn looks_like_number(&self, problem: Problem) -> bool {
        self.signed
            || self.digits >= NUMBER_DIGITS_MIN
            || self.zero
            || (self.national && problem == Problem::Number(NumberProblem::WrongLength))
    }

    fn may_be_long_amount(&self) -> bool {
        !self.signed && !self.national && (NUMBER_DIGITS_MIN..=LONG_AMOUNT_MAX).contains(&self.digits)
    }
}

/// The end of a number that is none, without the group that is more likely the amount behind it.
fn without_amount(text: &str, at: usize, end: usize) -> usize {
    let written = text.get(at..end).unwrap_or_default();
    let Some((number, last)) = written.rsplit_once(' ') else { return end };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let amount = last.len() <= AMOUNT_DIGITS && digits(last) == last.len();
    if amount && digits(number) >= LONG_AMOUNT_MAX { at + number.len() } else { end }
}

fn word(text: &str, at: usize) -> (Kind, usize) {
    (Kind::Word, at + run(&text[at..]).len())
}

/// The longest keyword that stands here, whole: all words of it, as `duo` and `tv`.
fn keyword(text: &str, at: usize, bank: &Bank, usable: Usable<'_>) -> Option<(usize, usize)> {
    let usable = bank.paths.iter().enumerate().filter(|(_, path)| usable(path));
    let ends_of = usable.filter_map(|(index, path)| Some((index, keyword_end(text, at, &path.steps)?)));
    ends_of.max_by_key(|&(index, end)| (end, std::cmp::Reverse(index)))
}

/// The end of the first run of words in `steps`, if all of it stands at `at`.
fn keyword_end(text: &str, at: usize, steps: &[Step]) -> Option<usize> {
    let is_whole = |word: &Word| !word.glued || word.written.ends_with(|c: char| !c.is_alphanumeric());
    let from = steps.iter().position(|step| matches!(step, Step::Word(word) if word.is_keyword() && is_whole(word)))?;
    let mut end = at;
    let mut whole = at;
    let run = steps.get(from..)?;
    for (index, step) in run.iter().enumerate() {
        match step {
            Step::Word(word) => {
                let rest = text.get(end..)?;
                let found = word.spellings.iter().find(|spelling| {
                    let behind = rest.strip_prefix(spelling.as_str());
                    behind.is_some_and(|rest| ends(rest) || !spelling.ends_with(char::is_alphanumeric))
                })?;
                end += found.len();
                whole = end;
            }
            Step::Separator { set, .. } => match set.read(text, end) {
                Some(behind) => end = behind,
                None if matches!(run.get(index + 1), Some(Step::Word(_))) => return None,
                None => break,
            },
            Step::Value(_) | Step::Own(_) | Step::List(_) => break,
        }
    }
    (whole > at).then_some(whole)
}

/// The text between the first and the last byte of `items`' things of one sort, for quoting.
pub(super) fn span_of<'i>(items: impl IntoIterator<Item = &'i Item>) -> Option<Range<usize>> {
    items.into_iter().map(|item| item.range.clone()).reduce(|all, one| all.start.min(one.start)..all.end.max(one.end))
}
