//! Values of a bank's own fields: how they are read, written out, and added to an automaton.

use std::collections::HashSet;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Kind, OwnCapture, OwnField, Row};
use crate::domain::{FieldValue, Secret};
use crate::grammar::automaton::{alphanumeric, digit};
use crate::grammar::fields::date;
use crate::grammar::fields::integer;
use crate::grammar::fields::kind::{Builder, Input};
use crate::grammar::fields::miss::{Miss, Problem, ends};
use crate::grammar::fields::own::spec::Spec;
use crate::grammar::fields::token::{self, DigitsShape};
use crate::grammar::trees::Tree;
use crate::text::fold::is_mixed_script;
use crate::text::normalise::Normalised;

/// Most characters of the value of a pattern that a reply shows.
const PATTERN_SHOWN_MAX: usize = 30;

impl OwnField {
    /// Reads a value at byte `at`; the byte behind it. With `glued`, another value follows at once.
    pub(in crate::grammar) fn read(
        self: &Arc<Self>,
        at: usize,
        glued: bool,
        input: &Input<'_, '_>,
    ) -> Result<OwnCapture, Miss> {
        let text = input.text.folded();
        let (end, row) = match &self.kind {
            Kind::Plain(spec) => (plain(*spec, at, glued, input)?, None),
            Kind::Pattern(pattern) => (pattern.read(text, at).and_then(|end| unless_marker(at, end, input))?, None),
            Kind::Words(rows) => word_of(rows, text, at).map(|(row, end)| (end, Some(row)))?,
        };
        let value = text.get(at..end).unwrap_or_default();
        if !self.checks.accept(value) || !self.may_be(value) {
            return Err(Miss { at, end, problem: Problem::Check });
        }
        Ok(OwnCapture { field: self.clone(), range: at..end, row })
    }

    /// Adds every text that [`OwnField::read`] reads behind the state `at`, whatever its checks; the state behind them.
    pub(in crate::grammar) fn texts(&self, at: usize, builder: &mut Builder<'_>) -> usize {
        match &self.kind {
            Kind::Plain(Spec::Digits(low, high)) => builder.automaton.run(at, digit(), *low, *high),
            Kind::Plain(Spec::Word(low, high)) => word_texts(at, (*low, *high), builder),
            Kind::Plain(Spec::Number(_, high)) => builder.automaton.run(at, digit(), 1, integer::digits_of(*high)),
            Kind::Plain(Spec::Date) => date::texts(at, &mut builder.automaton),
            Kind::Pattern(pattern) => pattern.texts(at, &mut builder.automaton),
            Kind::Words(rows) => builder.any_word(at, rows.iter().flat_map(|row| &row.spellings).map(String::as_str)),
        }
    }

    /// A value for people who are shown the form.
    pub(in crate::grammar) fn shown(&self) -> String {
        if let Some(example) = &self.example {
            return example.clone();
        }
        match &self.kind {
            Kind::Plain(Spec::Digits(low, _)) => self.checks.digits_for_show(*low as usize),
            Kind::Plain(Spec::Word(low, high)) => word_for_show(&self.name, *low as usize, *high as usize),
            Kind::Plain(Spec::Number(low, _)) => low.to_string(),
            Kind::Plain(Spec::Date) => date::SHOWN.to_owned(),
            // A pattern has an example: the file is refused without one.
            Kind::Pattern(_) => String::new(),
            Kind::Words(rows) => rows.first().map(|row| row.value.clone()).unwrap_or_default(),
        }
    }

    /// Most characters of a value in a reply; `None` for a secret, which no reply shows.
    pub(in crate::grammar) fn longest(&self) -> Option<usize> {
        let most = match &self.kind {
            Kind::Plain(Spec::Digits(_, high) | Spec::Word(_, high)) => *high as usize,
            Kind::Plain(Spec::Number(_, high)) => high.to_string().len(),
            Kind::Plain(Spec::Date) => date::SHOWN.len(),
            Kind::Pattern(_) => PATTERN_SHOWN_MAX,
            Kind::Words(rows) => rows.iter().map(|row| row.value.chars().count()).max().unwrap_or(0),
        };
        Some(most).filter(|_| !self.secret)
    }

    /// As it is named to people who expect it.
    pub(in crate::grammar) fn described(&self) -> String {
        match &self.kind {
            Kind::Words(rows) => {
                let words: Vec<String> = rows.iter().take(4).map(|row| format!("`{}`", row.value)).collect();
                format!("a {} ({}{})", self.name, words.join(", "), if rows.len() > 4 { ", ..." } else { "" })
            }
            Kind::Plain(_) | Kind::Pattern(_) => format!("a {} as `{}`", self.name.replace('_', " "), self.shown()),
        }
    }
}

impl OwnCapture {
    /// The value with its type.
    pub(in crate::grammar) fn value(&self, text: &Normalised<'_>) -> FieldValue {
        let folded = text.folded().get(self.range.clone()).unwrap_or_default();
        if self.field.secret {
            return FieldValue::Secret(Secret::new(Zeroizing::new(folded.to_owned())));
        }
        let typed = || text.as_typed(self.range.clone()).into_owned();
        match &self.field.kind {
            Kind::Plain(Spec::Digits(..)) => FieldValue::Digits(folded.to_owned()),
            Kind::Plain(Spec::Number(..)) => {
                folded.parse().map_or_else(|_| FieldValue::Text(typed()), FieldValue::Integer)
            }
            Kind::Plain(Spec::Date) => date::day(folded).map_or_else(|| FieldValue::Text(typed()), FieldValue::Date),
            Kind::Plain(Spec::Word(..)) | Kind::Pattern(_) => FieldValue::Text(typed()),
            Kind::Words(_) => FieldValue::Text(self.row().map_or_else(typed, |row| row.value.clone())),
        }
    }

    /// Tells whether both are one value, however it is spelt.
    pub(in crate::grammar) fn is_same_value(&self, other: &Self, text: &str) -> bool {
        match (self.row, other.row) {
            (Some(one), Some(second)) => one == second,
            _ => text.get(self.range.clone()) == text.get(other.range.clone()),
        }
    }
}

fn plain(spec: Spec, at: usize, glued: bool, input: &Input<'_, '_>) -> Result<usize, Miss> {
    let text = input.text.folded();
    match spec {
        Spec::Digits(low, high) => token::digits(text, at, DigitsShape { width: (low, high), glued }),
        Spec::Number(low, high) => integer::read(text, at, (low, high)).map(|(_, end)| end),
        Spec::Date => date::read(text, at),
        Spec::Word(low, high) => {
            let end = token::run(text, at, DigitsShape { width: (low, high), glued }, char::is_alphanumeric)?;
            if is_mixed_script(&input.text.as_typed(at..end)) {
                Err(Miss::absent(at))
            } else {
                unless_marker(at, end, input)
            }
        }
    }
}

/// A marker of a repetition is no value: taken for one, it would change the request that it repeats.
fn unless_marker(at: usize, end: usize, input: &Input<'_, '_>) -> Result<usize, Miss> {
    let word = input.text.folded().get(at..end);
    let is_marker = input.words.repeat.iter().any(|said| word == Some(said.as_str()));
    if is_marker { Err(Miss::absent(at)) } else { Ok(end) }
}

/// The line with the longest spelling that stands at `at`.
fn word_of(rows: &[Row], text: &str, at: usize) -> Result<(usize, usize), Miss> {
    let rest = text.get(at..).unwrap_or_default();
    let spellings = rows.iter().enumerate().flat_map(|(row, line)| line.spellings.iter().map(move |word| (row, word)));
    let found = spellings.filter(|(_, word)| rest.strip_prefix(word.as_str()).is_some_and(ends));
    let longest = found.max_by_key(|(_, word)| word.len());
    longest.map(|(row, word)| (row, at + word.len())).ok_or(Miss::absent(at))
}

/// The name of the field as a word of such a length.
fn word_for_show(name: &str, low: usize, high: usize) -> String {
    let letters: String = name.to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let length = letters.len().clamp(low, high);
    letters.chars().cycle().take(length).collect()
}

/// A word that marks no repetition: the markers are followed along their tree, and only leaving the tree, or stopping short
/// of a marker's end, is a value. Then words of any length are taken.
fn word_texts(at: usize, (low, high): (u32, u32), builder: &mut Builder<'_>) -> usize {
    let fits = |said: &&String| (low..=high).contains(&u32::try_from(said.chars().count()).unwrap_or(u32::MAX));
    let markers: HashSet<String> = builder.words.repeat.iter().filter(fits).cloned().collect();
    if markers.is_empty() {
        return builder.automaton.run(at, alphanumeric(), low, high);
    }
    let tree = Tree::of(&markers);
    let automaton = &mut builder.automaton;
    let (end, word) = (automaton.state(), automaton.state());
    automaton.edge(word, alphanumeric(), word);
    automaton.free(word, end);
    let places = automaton.places(&tree);
    for (index, (node, &from)) in tree.nodes.iter().zip(&places).enumerate() {
        let known = automaton.branches(node, from, &places, alphanumeric());
        automaton.edge(from, alphanumeric() & !known, word);
        if index > 0 && !node.reserved {
            automaton.free(from, end);
        }
    }
    automaton.free(at, *places.first().unwrap_or(&end));
    end
}
