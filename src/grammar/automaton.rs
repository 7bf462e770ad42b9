//! Finite automata over folded texts, as far as the proof of disjointness needs them: building, and asking whether two
//! of them accept a common text.
//!
//! The alphabet is 128 symbols: the ASCII characters that occur in folded texts stand for themselves, and what lies
//! beyond ASCII is a few classes, each with one character to show it by.

use std::collections::{HashMap, VecDeque};

/// A set of symbols.
pub(super) type Symbols = u128;

/// Symbols for what is not ASCII, at codes that no folded text holds.
const OTHER_LETTER: u8 = 0;
const EURO: u8 = 1;
const EMOJI: u8 = 2;
const CLOSING: u8 = 3;
const OTHER_SIGN: u8 = 4;

/// The symbol of a character.
pub(super) fn symbol(c: char) -> Symbols {
    let code = match c {
        '\n' | ' '..='~' => c as u8,
        '€' => EURO,
        _ if c.is_alphanumeric() => OTHER_LETTER,
        _ if crate::text::noise::is_emoji(c) => EMOJI,
        _ if crate::text::noise::is_closing(c) => CLOSING,
        _ => OTHER_SIGN,
    };
    1 << code
}

fn shown(code: u8) -> char {
    match code {
        OTHER_LETTER => 'ڃ',
        EURO => '€',
        EMOJI => '👍',
        CLOSING => '»',
        OTHER_SIGN => '§',
        ascii => char::from(ascii),
    }
}

/// All symbols of these characters.
pub(super) fn any_of(characters: &str) -> Symbols {
    characters.chars().map(symbol).fold(0, |all, one| all | one)
}

/// Every symbol that a folded text can hold.
pub(super) fn anything() -> Symbols {
    let ascii = (' '..='~').map(symbol).fold(symbol('\n'), |all, one| all | one);
    ascii | (1 << OTHER_LETTER) | (1 << EURO) | (1 << EMOJI) | (1 << CLOSING) | (1 << OTHER_SIGN)
}

pub(super) fn digit() -> Symbols {
    any_of("0123456789")
}

/// Letters and digits.
pub(super) fn alphanumeric() -> Symbols {
    letter() | digit()
}

pub(super) fn letter() -> Symbols {
    ('a'..='z').map(symbol).fold(1 << OTHER_LETTER, |all, one| all | one)
}

/// Closing punctuation and pictures.
pub(super) fn noise() -> Symbols {
    any_of(".!?)]}\"'") | (1 << CLOSING) | (1 << EMOJI)
}

#[derive(Debug, Clone, Default)]
struct State {
    edges: Vec<(Symbols, usize)>,
    free: Vec<usize>,
}

/// An automaton under construction and in use; a text is accepted when it leads from the start to the end of a walk.
#[derive(Debug, Clone, Default)]
pub(super) struct Automaton {
    states: Vec<State>,
    accepting: Vec<bool>,
}

impl Automaton {
    /// With one state, the start.
    pub(super) fn new() -> Self {
        let mut automaton = Self::default();
        automaton.state();
        automaton
    }

    /// The state in which every walk begins.
    pub(super) const START: usize = 0;

    pub(super) fn state(&mut self) -> usize {
        self.states.push(State::default());
        self.accepting.push(false);
        self.states.len() - 1
    }

    pub(super) fn accept(&mut self, state: usize) {
        if let Some(accepting) = self.accepting.get_mut(state) {
            *accepting = true;
        }
    }

    pub(super) fn edge(&mut self, from: usize, symbols: Symbols, to: usize) {
        if let Some(state) = self.states.get_mut(from).filter(|_| symbols != 0) {
            state.edges.push((symbols, to));
        }
    }

    /// A step that reads nothing.
    pub(super) fn free(&mut self, from: usize, to: usize) {
        if let Some(state) = self.states.get_mut(from) {
            state.free.push(to);
        }
    }

    /// One symbol; the state behind it.
    pub(super) fn one(&mut self, from: usize, symbols: Symbols) -> usize {
        let to = self.state();
        self.edge(from, symbols, to);
        to
    }

    /// These characters; the state behind them.
    pub(super) fn text(&mut self, from: usize, text: &str) -> usize {
        text.chars().fold(from, |at, c| self.one(at, symbol(c)))
    }

    /// From `low` to `high` of these symbols; the state behind them.
    pub(super) fn run(&mut self, from: usize, symbols: Symbols, low: u32, high: u32) -> usize {
        let end = self.state();
        let mut at = from;
        for count in 0..high {
            if count >= low {
                self.free(at, end);
            }
            at = self.one(at, symbols);
        }
        self.free(at, end);
        end
    }

    /// Any number of these symbols; the state behind them.
    pub(super) fn many(&mut self, from: usize, symbols: Symbols) -> usize {
        let looping = self.state();
        self.free(from, looping);
        self.edge(looping, symbols, looping);
        looping
    }

    /// A shortest text that both accept.
    pub(super) fn common(&self, other: &Self) -> Option<String> {
        let start = (Self::START, Self::START);
        let mut from: Trail = HashMap::from([(start, None)]);
        let mut waiting = VecDeque::from([start]);
        while let Some(pair) = waiting.pop_front() {
            let (mine, theirs) = (self.states.get(pair.0)?, other.states.get(pair.1)?);
            if self.accepting.get(pair.0) == Some(&true) && other.accepting.get(pair.1) == Some(&true) {
                return Some(spell(&from, pair));
            }
            // Steps that read nothing come first in the queue, so that the first text found is a shortest.
            for next in mine.free.iter().map(|&to| (to, pair.1)).chain(theirs.free.iter().map(|&to| (pair.0, to))) {
                if let std::collections::hash_map::Entry::Vacant(vacant) = from.entry(next) {
                    vacant.insert(Some((pair, None)));
                    waiting.push_front(next);
                }
            }
            for &(symbols, to) in &mine.edges {
                for &(their_symbols, their_to) in &theirs.edges {
                    let common = symbols & their_symbols;
                    if common == 0 {
                        continue;
                    }
                    if let std::collections::hash_map::Entry::Vacant(vacant) = from.entry((to, their_to)) {
                        vacant.insert(Some((pair, Some(readable(common)))));
                        waiting.push_back((to, their_to));
                    }
                }
            }
        }
        None
    }
}

/// A state of each of two automata.
type Pair = (usize, usize);

/// For each pair that was reached, the pair before it and the symbol that was read on the way; nothing for the start.
type Trail = HashMap<Pair, Option<(Pair, Option<u8>)>>;

/// The symbol of a set that is easiest to read: a digit, a letter, then anything visible.
fn readable(symbols: Symbols) -> u8 {
    let preferred = "5123467890abcdefghijklmnopqrstuvwxyz ";
    let found = preferred.bytes().find(|&code| symbols & (1 << code) != 0);
    found.unwrap_or_else(|| u8::try_from(symbols.trailing_zeros()).unwrap_or(OTHER_SIGN))
}

fn spell(from: &Trail, end: Pair) -> String {
    let mut text = Vec::new();
    let mut at = end;
    while let Some(Some((before, code))) = from.get(&at) {
        text.extend(code.map(shown));
        at = *before;
    }
    text.iter().rev().collect()
}

#[cfg(test)]
impl Automaton {
    /// A random text that is accepted, by the choices that `choose(n)` makes below `n`; `None` where the walk is lost.
    pub(super) fn sample(&self, mut choose: impl FnMut(usize) -> usize) -> Option<String> {
        let mut text = String::new();
        let mut at = Self::START;
        for _ in 0..400 {
            let state = &self.states[at];
            let ways = state.edges.len() + state.free.len();
            if self.accepting[at] && (ways == 0 || choose(3) == 0) {
                return Some(text);
            }
            if ways == 0 {
                return None;
            }
            let way = choose(ways);
            if let Some(&to) = state.free.get(way) {
                at = to;
                continue;
            }
            let (symbols, to) = state.edges[way - state.free.len()];
            let codes: Vec<u8> = (0..128).filter(|code| symbols & (1 << code) != 0).collect();
            text.push(shown(codes[choose(codes.len())]));
            at = to;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_text_is_found_and_is_a_shortest() {
        let mut digits = Automaton::new();
        let end = digits.run(Automaton::START, digit(), 2, 4);
        digits.accept(end);
        let mut fives = Automaton::new();
        let end = fives.many(Automaton::START, symbol('5'));
        fives.accept(end);
        assert_eq!(digits.common(&fives).as_deref(), Some("55"));
        let mut word = Automaton::new();
        let end = word.text(Automaton::START, "tv");
        word.accept(end);
        assert_eq!(digits.common(&word), None);
    }
}
