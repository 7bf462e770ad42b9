//! Patterns in the syntax of the regex crate, for values that no other kind reads.
//!
//! A pattern is matched with folded text: lower-case letters, plain where they have an ASCII spelling. It holds from the
//! first character of the value to its last, and never across white space. It is translated to an automaton, so that the
//! proof of disjointness covers it.

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

use crate::grammar::automaton::{Automaton, Symbols, anything, symbol};
use crate::grammar::fields::miss::Miss;
use crate::text::normalise::normalise;

/// Most characters that a value may have.
const CHARACTERS_MAX: usize = 64;

/// Most states of its automaton.
const STATES_MAX: usize = 4_096;

/// Most brackets within brackets, and octets of the compiled pattern.
const DEPTH_MAX: u32 = 16;
const SIZE_MAX: usize = 1 << 20;

/// Letters that are folded away, and that case folding adds to classes that have `k` or `s`.
const NEVER_FOLDED: [char; 2] = ['\u{17f}', '\u{212a}'];

/// A pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    written: String,
    regex: Regex,
    hir: Hir,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// # Errors
    /// The fault of the pattern, and its correction.
    pub(super) fn new(written: &str) -> Result<Self, (String, &'static str)> {
        let mut parser = ParserBuilder::new().case_insensitive(true).nest_limit(DEPTH_MAX).build();
        let hir = parser.parse(written).map_err(|error| {
            (format!("`{written}` is no pattern: {}", in_short(&error)), "write it in the syntax of the regex crate")
        })?;
        if hir.properties().minimum_len() == Some(0) {
            return Err((format!("`{written}` matches nothing at all"), "let it have one character at least"));
        }
        if longest(&hir).is_none_or(|most| most > CHARACTERS_MAX) {
            let message = format!("`{written}` has no end, or more than {CHARACTERS_MAX} characters");
            return Err((message, "write how many there are at most: {1,8} in place of + and {0,8} in place of *"));
        }
        if let Some(fault) = fault(&hir) {
            return Err(fault);
        }
        // No letter or digit follows: then the value really ends there.
        let anchored = format!(r"\A({written})(?:[^\p{{Alphabetic}}\p{{N}}]|\z)");
        let mut builder = RegexBuilder::new(&anchored);
        let regex = builder.case_insensitive(true).nest_limit(DEPTH_MAX + 2).size_limit(SIZE_MAX).build();
        let regex = regex.map_err(|_| (format!("`{written}` is too large"), "write a shorter pattern"))?;
        let pattern = Self { written: written.to_owned(), regex, hir };
        let mut automaton = Automaton::new();
        pattern.texts(Automaton::START, &mut automaton);
        if automaton.state() > STATES_MAX {
            return Err((format!("`{written}` is too large"), "write a shorter pattern"));
        }
        Ok(pattern)
    }

    /// The end of a value that begins at byte `at`.
    pub(super) fn read(&self, text: &str, at: usize) -> Result<usize, Miss> {
        let rest = text.get(at..).unwrap_or_default();
        let token = rest.split([' ', '\n']).next().unwrap_or_default();
        let found = self.regex.captures(token).and_then(|captures| captures.get(1));
        found.filter(|value| !value.is_empty()).map(|value| at + value.end()).ok_or(Miss::absent(at))
    }

    /// The texts of the pattern behind the state `at`; the state behind them.
    pub(super) fn texts(&self, at: usize, automaton: &mut Automaton) -> usize {
        add(&self.hir, at, automaton)
    }

    /// Most characters of a value.
    pub(super) fn characters_max(&self) -> usize {
        longest(&self.hir).unwrap_or(CHARACTERS_MAX)
    }

    /// The signs that a value may hold.
    pub(super) fn signs(&self) -> impl Iterator<Item = char> {
        let mut symbols = 0;
        visit(&self.hir, &mut |hir| symbols |= one_of(hir));
        ('!'..='~').filter(move |c| !c.is_ascii_alphanumeric() && symbols & symbol(*c) != 0)
    }
}

/// The first line of an error says it; the others draw the pattern.
fn in_short(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string().lines().last().unwrap_or_default().to_owned(),
    }
}

/// A part that no folded text can match, or whose place cannot be proven.
fn fault(hir: &Hir) -> Option<(String, &'static str)> {
    let mut found = None;
    visit(hir, &mut |hir| {
        let here = match hir.kind() {
            HirKind::Look(_) => Some((
                "an anchor or a boundary within it".to_owned(),
                "take it out: a pattern is anchored at both ends",
            )),
            HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().and_then(never_folded),
            _ => None,
        };
        if found.is_none() {
            found = here;
        }
    });
    found
}

fn never_folded(literal: &str) -> Option<(String, &'static str)> {
    let c = literal.chars().find(|&c| !c.is_lowercase() || !c.is_ascii()).filter(|c| {
        let mut text = [0; 4];
        !normalise(c.encode_utf8(&mut text)).is_ok_and(|folded| folded.folded() == &*text_of(*c))
    })?;
    let help = "write it as folded text has it: plain letters, signs and digits, and no white space";
    Some((format!("`{c}` is in no folded text"), help))
}

fn text_of(c: char) -> String {
    c.to_string()
}

fn visit<'h>(hir: &'h Hir, to: &mut impl FnMut(&'h Hir)) {
    to(hir);
    match hir.kind() {
        HirKind::Repetition(repetition) => visit(&repetition.sub, to),
        HirKind::Capture(capture) => visit(&capture.sub, to),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| visit(part, to)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

/// Most characters of a match, which may have more octets; `None` if there is no limit.
fn longest(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(0),
        HirKind::Literal(literal) => {
            Some(std::str::from_utf8(&literal.0).map_or(literal.0.len(), |text| text.chars().count()))
        }
        HirKind::Class(_) => Some(1),
        HirKind::Capture(capture) => longest(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(0_usize, |sum, part| Some(sum.saturating_add(longest(part)?))),
        HirKind::Alternation(parts) => parts.iter().try_fold(0, |most, part| Some(longest(part)?.max(most))),
        HirKind::Repetition(repetition) => {
            let times = usize::try_from(repetition.max?).unwrap_or(usize::MAX);
            longest(&repetition.sub).map(|one| one.saturating_mul(times))
        }
    }
}

/// The symbols of a literal or a class.
fn one_of(hir: &Hir) -> Symbols {
    match hir.kind() {
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).unwrap_or_default().chars().fold(0, |all, c| all | symbol(c))
        }
        HirKind::Class(Class::Unicode(class)) => of_class(class),
        HirKind::Class(Class::Bytes(_)) => anything(),
        _ => 0,
    }
}

/// Of characters beyond ASCII all are taken if there is one, because the automaton knows only their sorts.
fn of_class(class: &ClassUnicode) -> Symbols {
    let has = |c: char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&c));
    let ascii = ('!'..='~').filter(|c| has(*c)).fold(0, |all, c| all | symbol(c));
    let mut wide = class.ranges().iter().filter(|range| !range.end().is_ascii());
    let is_wide = wide.any(|range| range.start() != range.end() || !NEVER_FOLDED.contains(&range.start()));
    let beyond = anything() & !('\n'..='~').filter(|c| *c == '\n' || *c >= ' ').fold(0, |all, c| all | symbol(c));
    if is_wide { ascii | beyond } else { ascii }
}

fn add(hir: &Hir, at: usize, automaton: &mut Automaton) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => at,
        HirKind::Literal(literal) => automaton.text(at, std::str::from_utf8(&literal.0).unwrap_or_default()),
        HirKind::Class(_) => automaton.one(at, one_of(hir)),
        HirKind::Capture(capture) => add(&capture.sub, at, automaton),
        HirKind::Concat(parts) => parts.iter().fold(at, |at, part| add(part, at, automaton)),
        HirKind::Alternation(parts) => {
            let end = automaton.state();
            for part in parts {
                let behind = add(part, at, automaton);
                automaton.free(behind, end);
            }
            end
        }
        HirKind::Repetition(repetition) => {
            let end = automaton.state();
            let mut at = at;
            for count in 0..repetition.max.unwrap_or(0) {
                if count >= repetition.min {
                    automaton.free(at, end);
                }
                // A loop within an alternative must not lead back into it.
                let own = automaton.state();
                automaton.free(at, own);
                at = add(&repetition.sub, own, automaton);
            }
            automaton.free(at, end);
            end
        }
    }
}
