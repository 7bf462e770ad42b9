//! Walking one path over one text: what it captures, or how far it came.

use std::ops::Range;

use nom::bytes::complete::tag;
use nom::{IResult, Parser};

use super::dispatch::{characters, first_word};
use super::fields::kind::Input;
use super::fields::miss::{Miss, Problem, ends};
use super::fields::secret::{SecretCapture, SecretOf};
use super::fields::{Captures, Field};
use super::form::Bank;
use super::path::{Mark, More, Path, Step, Word};
use crate::domain::NumberingPlan;
use crate::text::noise::{Tail, tail};
use crate::text::normalise::Normalised;

/// The place that a path reached, and the step that it wanted there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    /// Index of the step that did not find what it wanted; as many as there are steps where the end was wanted.
    pub(super) step: usize,
    pub(super) miss: Miss,
}

/// A text with what it is read against.
pub(super) struct Reader<'r, 't> {
    input: Input<'r, 't>,
    bank: &'r Bank,
    /// Byte behind a word before the form that says "once more", where one stands there.
    front: Option<usize>,
    /// Of the path that is walked. They are kept from path to path and only cleared, because most paths miss most texts.
    captures: Captures,
}

impl<'r, 't> Reader<'r, 't> {
    pub(super) fn new(text: &'r Normalised<'t>, bank: &'r Bank, plan: &'r NumberingPlan) -> Self {
        let input = Input { text, words: &bank.words, plan, last_number: None, last_amount: None };
        Self { input, bank, front: front(text.folded(), &bank.words.repeat), captures: Captures::default() }
    }

    /// The paths that the text can be of, by the words that it begins with and the characters that it has; some twice.
    pub(super) fn candidates(&self) -> impl Iterator<Item = usize> + use<'r, 't> {
        let (text, dispatch) = (self.input.text.folded(), &self.bank.dispatch);
        let behind = self.front.and_then(|front| text.get(front..)).map(|rest| dispatch.paths(first_word(rest)));
        let found = characters(text);
        let paths = dispatch.paths(first_word(text)).chain(behind.into_iter().flatten());
        paths.filter(move |&path| dispatch.may_read(path, found))
    }

    /// Walks `path` over the whole text; every character has to be accounted for. A word that says "once more" may stand
    /// before a request, or behind it.
    pub(super) fn walk(&mut self, path: &Path) -> Result<Box<Captures>, Stop> {
        let request = self.bank.forms.get(path.form).is_some_and(|form| form.action.is_request());
        match self.front.filter(|_| request && !path.steps.is_empty()) {
            // The usual case, in which what was read is not moved once more.
            None => self.walk_from(path, 0, request),
            Some(front) => self.walk_from(path, 0, request).or_else(|stop| {
                let further = |other: Stop| if other.miss.at > stop.miss.at { other } else { stop };
                let again = self.walk_from(path, front, request);
                let repeated = |mut captures: Box<Captures>| {
                    captures.repeat = true;
                    captures
                };
                again.map(repeated).map_err(further)
            }),
        }
    }

    fn walk_from(&mut self, path: &Path, start: usize, request: bool) -> Result<Box<Captures>, Stop> {
        let end = self.input.text.folded().len();
        if path.steps.is_empty() && end > 0 {
            return Err(Stop { step: 0, miss: Miss { at: start, end, problem: Problem::Absent } });
        }
        self.captures.clear();
        self.walk_on(path, 0, start, request)
    }

    /// Walks the steps of `path` from this one on, from this byte on.
    fn walk_on(&mut self, path: &Path, first: usize, start: usize, request: bool) -> Result<Box<Captures>, Stop> {
        let mut at = start;
        for (index, step) in path.steps.iter().enumerate().skip(first) {
            if let Step::List(Mark::More(more)) = step {
                return self.walk_list(path, (index, more), at, request);
            }
            at = read_step(step, at, &mut self.input, &mut self.captures).map_err(|miss| Stop { step: index, miss })?;
        }
        self.complete(path, at, request)
    }

    /// Reads further items of a list, and what stands behind it after each of them: one of these lists has to be the text.
    fn walk_list(
        &mut self,
        path: &Path,
        (index, more): (usize, &More),
        start: usize,
        request: bool,
    ) -> Result<Box<Captures>, Stop> {
        let (mut at, mut found) = (start, None);
        let mut furthest = Stop { step: index, miss: Miss::absent(start) };
        for further in 0..=more.times {
            let items = self.captures.clone();
            match self.walk_on(path, index + 1, at, request) {
                Ok(_) if found.is_some() => {
                    let miss = Miss { at: start, end: at, problem: Problem::Leftover };
                    return Err(Stop { step: index, miss });
                }
                Ok(read) => found = Some(read),
                Err(stop) if stop.miss.at >= furthest.miss.at => furthest = stop,
                Err(_) => {}
            }
            self.captures = items;
            let next =
                more.steps.iter().try_fold(at, |at, step| read_step(step, at, &mut self.input, &mut self.captures));
            match next {
                Ok(end) if further == more.times => {
                    // It has more items than it may have.
                    furthest = Stop { step: index, miss: Miss { at, end, problem: Problem::Leftover } };
                }
                Ok(end) => at = end,
                Err(miss) => {
                    if miss.at > furthest.miss.at {
                        furthest = Stop { step: index, miss };
                    }
                    break;
                }
            }
        }
        found.ok_or(furthest)
    }

    /// The values of a path whose steps end at this byte.
    fn complete(&mut self, path: &Path, mut at: usize, request: bool) -> Result<Box<Captures>, Stop> {
        if request && let Some(end) = self.repeat(at) {
            self.captures.repeat = true;
            at = end;
        } else if request && let Some(end) = self.captures.text.as_ref().and_then(|((), range)| self.remark(range)) {
            self.captures.repeat = true;
            self.captures.text = self.captures.text.take().map(|((), range)| ((), range.start..end));
        }
        match self.rest(at) {
            None => Ok(Box::new(std::mem::take(&mut self.captures))),
            Some(miss) => Err(Stop { step: path.steps.len(), miss }),
        }
    }

    /// The values that `path` reads before it stops, with their places. A secret of the bank's own is a PIN.
    pub(super) fn values(&mut self, path: &Path) -> Vec<(Field, Range<usize>)> {
        let (mut captures, mut values, mut at) = (Captures::default(), Vec::new(), 0);
        for step in &path.steps {
            let Ok(end) = read_step(step, at, &mut self.input, &mut captures) else { break };
            values.extend(step.field().or_else(|| step.pin()).map(|field| (field, at..end)));
            at = end;
        }
        values
    }

    /// The values of the bank's own fields that `path` reads before it stops, by name; but secrets.
    pub(super) fn own_values(&mut self, path: &Path) -> Vec<(String, Range<usize>)> {
        let (mut captures, mut at) = (Captures::default(), 0);
        for step in &path.steps {
            let Ok(end) = read_step(step, at, &mut self.input, &mut captures) else { break };
            at = end;
        }
        let open = captures.own.into_iter().filter(|capture| !capture.field.secret);
        open.map(|capture| (capture.field.name.clone(), capture.range)).collect()
    }

    /// The end of a word that says "once more", where one stands behind a complete form.
    fn repeat(&self, at: usize) -> Option<usize> {
        let rest = self.input.text.folded().get(at..)?;
        let word = rest.trim_start_matches([' ', '\n']);
        if at > 0 && word.len() == rest.len() {
            return None;
        }
        let said = self.bank.words.repeat.iter().find(|said| word.strip_prefix(said.as_str()).is_some_and(ends))?;
        Some(at + (rest.len() - word.len()) + said.len())
    }

    /// The end of a remark, where nothing but a word that says "once more" and noise follows. A remark is not empty.
    fn remark(&self, range: &Range<usize>) -> Option<usize> {
        let text = self.input.text.folded();
        let is_noise = |at: usize| text.get(at..).is_some_and(|rest| tail(rest) == Tail::Noise);
        let gaps = text.get(range.clone())?.match_indices([' ', '\n']).map(|(gap, _)| range.start + gap);
        let mut ends = gaps.filter(|&end| self.repeat(end).is_some_and(is_noise));
        ends.find(|&end| text.get(range.start..end).is_some_and(|remark| !remark.trim().is_empty()))
    }

    /// The fault of the text behind a complete form, if it has one.
    fn rest(&self, at: usize) -> Option<Miss> {
        let rest = self.input.text.folded().get(at..).unwrap_or_default();
        match tail(rest) {
            Tail::Noise => None,
            Tail::Leftover { at: from } => {
                Some(Miss { at: at + from, end: at + rest.len(), problem: Problem::Leftover })
            }
            Tail::Signature(signature) => {
                let keyword =
                    signature.split(|c: char| !c.is_alphanumeric()).any(|word| self.bank.words.unsigned.contains(word));
                let start = at + rest.len() - signature.len();
                keyword.then_some(Miss { at: start, end: at + rest.len(), problem: Problem::KeywordInSignature })
            }
        }
    }
}

/// Reads one step at byte `at`; the byte behind it.
fn read_step(step: &Step, at: usize, input: &mut Input<'_, '_>, captures: &mut Captures) -> Result<usize, Miss> {
    let text = input.text.folded();
    match step {
        Step::Word(word) => read_word(text, at, word).ok_or(Miss::absent(at)),
        Step::Separator { required, set } => match set.read(text, at) {
            Some(end) => Ok(end),
            None if *required => Err(Miss::absent(at)),
            None => Ok(at),
        },
        Step::Value(value) => {
            let end = value.read(at, input, captures)?;
            if value.field().is_secret() {
                captures.secrets.push(SecretCapture { range: at..end, of: SecretOf::Known(value.field()) });
            }
            Ok(end)
        }
        Step::Own(own) => {
            let capture = own.field.read(at, own.glued, input)?;
            let end = capture.range.end;
            if own.field.secret {
                let of = SecretOf::Own(own.field.clone());
                captures.secrets.push(SecretCapture { range: capture.range.clone(), of });
            }
            captures.add(capture, text)?;
            Ok(end)
        }
        Step::List(mark) => {
            match mark {
                Mark::Begin => captures.begin_items(at),
                Mark::End => captures.end_item(at),
                Mark::More(_) => {}
            }
            Ok(at)
        }
    }
}

/// The end of a word at the beginning that says "once more", with the white space and the comma behind it.
fn front(text: &str, repeat: &[String]) -> Option<usize> {
    let said = repeat.iter().find(|said| text.strip_prefix(said.as_str()).is_some_and(ends))?;
    let rest = text.get(said.len()..)?;
    let behind = rest.strip_prefix(',').unwrap_or(rest).trim_start_matches([' ', '\n']);
    let has_gap = rest.starts_with([' ', '\n', ',']) && !behind.is_empty();
    has_gap.then(|| text.len() - behind.len())
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
