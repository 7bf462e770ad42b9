//! Walking one path over one text: what it captures, or how far it came.

use std::ops::Range;

use nom::bytes::complete::tag;
use nom::{IResult, Parser};

use super::fields::{Miss, Problem, amount, ends, number, token};
use super::form::{Bank, Path, Step, Word};
use super::pattern::Field;
use crate::domain::{Line, NumberingPlan, Service};
use crate::text::noise::{Tail, tail};
use crate::text::normalise::Normalised;

/// What a path found in a text; ranges are bytes of the folded text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Captures {
    pub(super) line: Option<(Line, Range<usize>)>,
    pub(super) amount_cents: Option<(i64, Range<usize>)>,
    pub(super) username: Option<Range<usize>>,
    pub(super) reference: Option<Range<usize>>,
    pub(super) voucher: Option<Range<usize>>,
    pub(super) pin: Option<Range<usize>>,
    pub(super) new_pin: Option<Range<usize>>,
    pub(super) operator: Option<(String, Range<usize>)>,
    pub(super) service: Option<Service>,
    pub(super) repeat: bool,
}

/// How far a path came, and what it wanted there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    /// Index of the step that did not find what it wanted; as many as there are steps where the end was wanted.
    pub(super) step: usize,
    pub(super) miss: Miss,
}

/// A text with what it is read against. What many paths read at the same place, a number at the beginning and an amount
/// behind it, is read once for all of them.
pub(super) struct Reader<'r, 't> {
    pub(super) text: &'r Normalised<'t>,
    pub(super) bank: &'r Bank,
    pub(super) plan: &'r NumberingPlan,
    first_number: Option<(number::Grouping, Result<number::Found, Miss>)>,
    last_amount: Option<(usize, amount::AmountShape, Result<amount::Written, Miss>)>,
}

impl<'r, 't> Reader<'r, 't> {
    pub(super) fn new(text: &'r Normalised<'t>, bank: &'r Bank, plan: &'r NumberingPlan) -> Self {
        Self { text, bank, plan, first_number: None, last_amount: None }
    }

    /// Walks `path` over the whole text; every character has to be accounted for.
    pub(super) fn walk(&mut self, path: &Path) -> Result<Captures, Stop> {
        let mut captures = Captures::default();
        let mut at = 0;
        if path.steps.is_empty() && !self.text.folded().is_empty() {
            return Err(Stop { step: 0, miss: Miss { at, end: self.text.folded().len(), problem: Problem::Absent } });
        }
        for (index, step) in path.steps.iter().enumerate() {
            at = self.step(step, at, &mut captures).map_err(|miss| Stop { step: index, miss })?;
        }
        let request = self.bank.forms.get(path.form).is_some_and(|form| form.action.is_request());
        if request && let Some(end) = self.repeat(at) {
            captures.repeat = true;
            at = end;
        }
        match self.rest(at) {
            None => Ok(captures),
            Some(miss) => Err(Stop { step: path.steps.len(), miss }),
        }
    }

    fn step(&mut self, step: &Step, at: usize, captures: &mut Captures) -> Result<usize, Miss> {
        let folded = self.text.folded();
        match step {
            Step::Word(word) => read_word(folded, at, word).ok_or(Miss::absent(at)),
            Step::Separator { required, set } => match set.read(folded, at) {
                Some(end) => Ok(end),
                None if *required => Err(Miss::absent(at)),
                None => Ok(at),
            },
            Step::Date => token::date(folded, at),
            Step::Integer { range } => token::integer(folded, at, *range),
            Step::Currency => {
                let rest = folded.get(at..).unwrap_or_default();
                let length = self.bank.currency.own_at(rest).filter(|&length| ends(&rest[length..]));
                length.map(|length| at + length).ok_or(Miss::absent(at))
            }
            Step::Text if at < folded.len() => Ok(folded.len()),
            Step::Text => Err(Miss::absent(at)),
            with_value => self.captured(with_value, at, captures),
        }
    }

    /// A step whose value is kept.
    fn captured(&mut self, step: &Step, at: usize, captures: &mut Captures) -> Result<usize, Miss> {
        let folded = self.text.folded();
        let end = match step {
            Step::Amount(shape) => {
                let written = self.amount(at, *shape)?;
                captures.amount_cents = Some((written.cents, at..written.end));
                written.end
            }
            Step::Number(shape) => {
                let found = self.number(at, *shape)?;
                captures.line = Some((found.line, at..found.end));
                found.end
            }
            Step::Username => {
                let end = token::username(self.text, at)?;
                if self.bank.reserved.contains(&folded[at..end]) {
                    return Err(Miss::absent(at));
                }
                captures.username = Some(at..end);
                end
            }
            Step::Service => {
                let (end, service) = self.service(at).ok_or(Miss::absent(at))?;
                captures.service = Some(service);
                end
            }
            Step::Digits { field, width, glued, grouped } => {
                let end = token::digits(folded, at, *width, *glued)
                    .or_else(|miss| if *grouped { token::grouped_digits(folded, at, width.0) } else { Err(miss) })?;
                let kept = match field {
                    Field::Voucher => &mut captures.voucher,
                    Field::NewPin => &mut captures.new_pin,
                    _ => &mut captures.pin,
                };
                *kept = Some(at..end);
                end
            }
            Step::Reference { width, glued, may_be_number } => {
                let end = token::reference(folded, at, *width, *glued)?;
                if !may_be_number && number::is_meant(&folded[at..end], self.plan) {
                    return Err(Miss::absent(at));
                }
                captures.reference = Some(at..end);
                end
            }
            Step::Operator => {
                let (end, operator) = self.operator(at).ok_or(Miss::absent(at))?;
                captures.operator = Some((operator, at..end));
                end
            }
            _ => return Err(Miss::absent(at)),
        };
        Ok(end)
    }

    fn amount(&mut self, at: usize, shape: amount::AmountShape) -> Result<amount::Written, Miss> {
        if let Some((place, known, read)) = self.last_amount
            && place == at
            && known == shape
        {
            return read;
        }
        let read = amount::read(self.text.folded(), at, shape, &self.bank.currency);
        self.last_amount = Some((at, shape, read));
        read
    }

    fn number(&mut self, at: usize, shape: number::NumberShape) -> Result<number::Found, Miss> {
        let folded = self.text.folded();
        if at != 0 || shape.width.is_some() {
            return number::read(folded, at, shape, self.plan);
        }
        let read = match &self.first_number {
            Some((grouping, read)) if *grouping == shape.grouping => read,
            _ => {
                let read = number::any(folded, 0, shape.grouping, self.plan);
                &self.first_number.insert((shape.grouping, read)).1
            }
        };
        match read {
            Ok(found) if found.line.kind == shape.kind => Ok(found.clone()),
            Ok(found) => Err(Miss { at, end: found.end, problem: Problem::WrongKind }),
            Err(miss) => Err(*miss),
        }
    }

    fn service(&self, at: usize) -> Option<(usize, Service)> {
        let rest = self.text.folded().get(at..)?;
        let known = self.bank.services.iter().filter(|(word, _)| rest.strip_prefix(word.as_str()).is_some_and(ends));
        known.max_by_key(|(word, _)| word.len()).map(|(word, service)| (at + word.len(), *service))
    }

    fn operator(&self, at: usize) -> Option<(usize, String)> {
        let rest = self.text.folded().get(at..)?;
        self.plan.operators().find_map(|id| {
            let name = self.plan.operator_name(id).unwrap_or(id).to_lowercase();
            let written = [id, name.as_str()].into_iter().find(|word| rest.strip_prefix(word).is_some_and(ends))?;
            Some((at + written.len(), id.to_owned()))
        })
    }

    /// The end of a word that says "once more", where one stands behind a complete form.
    fn repeat(&self, at: usize) -> Option<usize> {
        let rest = self.text.folded().get(at..)?;
        let word = rest.trim_start_matches([' ', '\n']);
        if at > 0 && word.len() == rest.len() {
            return None;
        }
        let said = self.bank.repeat.iter().find(|said| word.strip_prefix(said.as_str()).is_some_and(ends))?;
        Some(at + (rest.len() - word.len()) + said.len())
    }

    /// What is wrong with what stands behind a complete form, if anything is.
    fn rest(&self, at: usize) -> Option<Miss> {
        let rest = self.text.folded().get(at..).unwrap_or_default();
        match tail(rest) {
            Tail::Noise => None,
            Tail::Leftover { at: from } => {
                Some(Miss { at: at + from, end: at + rest.len(), problem: Problem::Leftover })
            }
            Tail::Signature(signature) => {
                let keyword =
                    signature.split(|c: char| !c.is_alphanumeric()).any(|word| self.bank.reserved.contains(word));
                let start = at + rest.len() - signature.len();
                keyword.then_some(Miss { at: start, end: at + rest.len(), problem: Problem::KeywordInSignature })
            }
        }
    }
}

/// The end of a word at `at`, in any of its spellings.
fn read_word(text: &str, at: usize, word: &Word) -> Option<usize> {
    let input = text.get(at..)?;
    word.spellings.iter().find_map(|spelling| {
        let found: IResult<&str, &str> = tag(spelling.as_str()).parse(input);
        let (rest, _) = found.ok()?;
        let whole = word.glued || !spelling.ends_with(char::is_alphanumeric) || ends(rest);
        whole.then(|| text.len() - rest.len())
    })
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
