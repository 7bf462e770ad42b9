//! The texts that a path reads, as an automaton.
//!
//! It accepts every text that the reader reads by the path, and some that it does not (an over-approximation): any
//! grouping of a number's digits, user names of any length, any day of the month. Where two such automata have no text
//! in common, the reader can therefore never read a text by both paths.

use super::automaton::{Automaton, Symbols, alphanumeric, any_of, anything, letter, noise, symbol};
use super::fields::kind::Builder;
use super::fields::number::Numbers;
use super::form::Bank;
use super::path::{Mark, More, Path, Step};
use super::separators::{SIGNS, Separators};
use super::trees::Tree;
use crate::domain::NumberingPlan;

/// The texts that `path` reads; `numbers` are those of `plan`.
pub(super) fn texts(bank: &Bank, path: &Path, numbers: &Numbers, plan: &NumberingPlan) -> Automaton {
    let mut builder = Builder { automaton: Automaton::new(), numbers, words: &bank.words, plan };
    let mut at = Automaton::START;
    if path.steps.is_empty() {
        builder.automaton.accept(at);
        return builder.automaton;
    }
    let request = bank.forms.get(path.form).is_some_and(|form| form.action.is_request());
    if request {
        at = builder.front(at);
    }
    for step in &path.steps {
        at = builder.step(at, step);
    }
    builder.end(at, request);
    builder.automaton
}

impl Builder<'_> {
    fn step(&mut self, at: usize, step: &Step) -> usize {
        match step {
            Step::Word(word) => self.any_word(at, word.spellings.iter().map(String::as_str)),
            Step::Separator { required, set } => self.separator(at, *required, *set),
            Step::Value(value) => value.texts(at, self),
            Step::Own(own) => own.field.texts(at, self),
            Step::List(Mark::Begin | Mark::End) => at,
            Step::List(Mark::More(more)) => self.more(at, more),
        }
    }

    /// Further items, as many as there may be.
    fn more(&mut self, at: usize, more: &More) -> usize {
        let end = self.automaton.state();
        let mut item = at;
        self.automaton.free(item, end);
        for _ in 0..more.times {
            item = more.steps.iter().fold(item, |at, step| self.step(at, step));
            self.automaton.free(item, end);
        }
        end
    }

    /// White space, or one sign with white space around it.
    fn separator(&mut self, at: usize, required: bool, set: Separators) -> usize {
        let end = self.automaton.state();
        if !required {
            self.automaton.free(at, end);
        }
        let white = any_of(" \n");
        let allowed = if set.newline { white } else { symbol(' ') };
        if set.space || set.newline {
            let one = self.automaton.one(at, allowed);
            let many = self.automaton.many(one, allowed);
            self.automaton.free(many, end);
        }
        let signs: Symbols =
            SIGNS.iter().filter(|(sign, _)| set.has(*sign)).fold(0, |all, (sign, _)| all | symbol(*sign));
        if signs != 0 {
            let before = self.automaton.many(at, white);
            let sign = self.automaton.one(before, signs);
            let behind = self.automaton.many(sign, white);
            self.automaton.free(behind, end);
        }
        end
    }

    /// A word that says "once more", or nothing.
    fn front(&mut self, at: usize) -> usize {
        let words = self.words;
        let form = self.automaton.state();
        self.automaton.free(at, form);
        let said = self.any_word(at, words.repeat.iter().map(String::as_str));
        let comma = self.automaton.one(said, symbol(','));
        let one = self.automaton.one(said, any_of(" \n"));
        self.automaton.free(comma, one);
        let gap = self.automaton.many(one, any_of(" \n"));
        self.automaton.free(gap, form);
        form
    }

    /// The texts that may stand behind a form: once more, noise, and a signature without digits and without words of forms.
    fn end(&mut self, at: usize, recharge: bool) {
        let tail = self.automaton.state();
        self.automaton.free(at, tail);
        if recharge {
            let one = self.automaton.one(at, any_of(" \n"));
            let gap = self.automaton.many(one, any_of(" \n"));
            let words = self.words;
            let said = self.any_word(gap, words.repeat.iter().map(String::as_str));
            self.automaton.free(said, tail);
        }
        self.automaton.edge(tail, noise() | any_of(" \n"), tail);
        for face in crate::text::noise::EMOTICONS {
            let behind = self.automaton.text(tail, face);
            self.automaton.free(behind, tail);
        }
        self.automaton.accept(tail);
        let line = self.automaton.one(tail, symbol('\n'));
        let empty = self.automaton.one(line, symbol('\n'));
        self.signature(empty);
    }

    /// Words without digits, none of them a word of a form of a bank of the short code.
    fn signature(&mut self, at: usize) {
        let tree = Tree::of(&self.words.unsigned);
        let places = self.automaton.places(&tree);
        let between_words = *places.first().unwrap_or(&at);
        let word = self.automaton.state();
        let between = anything() & !alphanumeric();
        self.automaton.free(at, between_words);
        self.automaton.accept(word);
        self.automaton.edge(word, letter(), word);
        self.automaton.edge(word, between, between_words);
        for (node, &from) in tree.nodes.iter().zip(&places) {
            let known = self.automaton.branches(node, from, &places, letter());
            self.automaton.edge(from, letter() & !known, word);
            if !node.reserved {
                self.automaton.edge(from, between, between_words);
                self.automaton.accept(from);
            }
        }
    }
}
