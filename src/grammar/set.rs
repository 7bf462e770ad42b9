//! All banks' grammars together: loading them, and reading a message with them.

use std::collections::HashSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::action::FormTarget;
use super::allowed::Violation;
use super::assemble::assemble;
use super::compile::compile;
use super::diagnostic::Diagnostic;
use super::disjoint::{Overlap, prove};
use super::dispatch::ByText;
use super::examples::examples;
use super::fields::Captures;
use super::file::{self, GrammarFile};
use super::form::{Bank, Form};
use super::forward;
use super::info::BankInfo;
use super::list;
use super::message::{Incoming, Reading};
use super::reader::Reader;
use super::satisfiable;
use super::walk::Source;
use crate::domain::{NumberingPlan, Reason};
use crate::text::normalise::Normalised;

/// The grammars of all banks, ready to read messages.
#[derive(Debug)]
pub struct GrammarSet {
    pub(super) id: String,
    pub(super) banks: Vec<Bank>,
    /// Banks by short code; several may share one, if no text is of two of them.
    by_short_code: ByText<Vec<usize>>,
    /// Some form takes its target from behind the short code.
    destinations: bool,
    overlaps: Vec<Overlap>,
    pub(super) plan: Arc<NumberingPlan>,
}

/// A bank that a message may be for.
#[derive(Clone, Copy)]
pub(super) struct Addressed<'s> {
    pub(super) bank: &'s Bank,
    /// The destination is the short code alone, without a number behind it.
    pub(super) exact: bool,
}

/// The result of reading a text with the forms of all banks of a short code.
pub(super) enum Found<'s> {
    /// One path of one bank.
    One(Addressed<'s>, usize, Box<Captures>),
    /// Two forms of a bank that say different things.
    Two(Addressed<'s>),
    None,
}

/// The result of reading a text.
pub(super) enum Match {
    /// One path, or several that say the same.
    One(usize, Box<Captures>),
    /// Two forms that say different things: nobody may choose.
    Two,
    /// None.
    None,
}

impl GrammarSet {
    /// Loads files, given as their names and texts.
    ///
    /// # Errors
    /// Everything that is wrong in any of them; then none is loaded.
    pub fn load<N: AsRef<str>, T: AsRef<str>>(
        files: impl IntoIterator<Item = (N, T)>,
        plan: Arc<NumberingPlan>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let files: Vec<(N, T)> = files.into_iter().collect();
        let mut diagnostics = Vec::new();
        let mut set = Self {
            id: String::new(),
            banks: Vec::new(),
            by_short_code: ByText::default(),
            destinations: false,
            overlaps: Vec::new(),
            plan,
        };
        let plan = set.plan.clone();
        let mut places: Vec<(usize, GrammarFile)> = Vec::new();
        let sources: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_ref(), text.as_ref())).collect();
        for (number, (name, text)) in sources.iter().enumerate() {
            let mut source = Source::new(name, text);
            if let Some(file) = file::read(&mut source) {
                let mut bank = compile(&mut source, &file, number, &plan);
                satisfiable::check(&mut source, &bank, &file);
                if source.diagnostics.is_empty() {
                    examples(&mut source, &mut bank, &file, &plan);
                }
                set.banks.push(bank);
                places.push((number, file));
            }
            diagnostics.append(&mut source.diagnostics);
        }
        set.index(&places, &sources, &mut diagnostics);
        if diagnostics.is_empty() {
            set.overlaps = prove(&set.banks, &sources, &plan, &mut diagnostics);
        }
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        set.id = identifier(&sources);
        Ok(set)
    }

    /// Finds each bank by its short codes; no two may share an identifier or a code.
    fn index(&mut self, places: &[(usize, GrammarFile)], sources: &[(&str, &str)], diagnostics: &mut Vec<Diagnostic>) {
        let clash = |first: usize, here: usize, spans: [&std::ops::Range<usize>; 2], message: String, help: &str| {
            let ((name, text), (other_name, other_text)) = (sources[here], sources[first]);
            Diagnostic::new(name, text, spans[1].clone(), message)
                .other(other_name, other_text, spans[0].clone(), "first here")
                .help(help)
        };
        for (index, (number, file)) in places.iter().enumerate() {
            let earlier = places.iter().take(index).find(|(_, other)| other.bank.value == file.bank.value);
            if let Some((first, other)) = earlier {
                let message = format!("two files are of the bank `{}`", file.bank.value);
                let spans = [&other.bank.span, &file.bank.span];
                diagnostics.push(clash(*first, *number, spans, message, "give each bank an identifier of its own"));
            }
            for code in &file.short_codes {
                let banks = self.by_short_code.entry(code.value.as_str().to_owned()).or_default();
                if !banks.contains(&index) {
                    banks.push(index);
                }
            }
        }
        self.share_words();
        self.destinations = self.banks.iter().flat_map(|bank| &bank.forms).any(|f| f.target == FormTarget::Destination);
    }

    /// Gives each bank the words of all banks of its short codes.
    fn share_words(&mut self) {
        for sharing in self.by_short_code.values().filter(|banks| banks.len() > 1) {
            let banks = sharing.iter().filter_map(|&bank| self.banks.get(bank));
            let all: HashSet<String> = banks.flat_map(|bank| &bank.words.reserved).cloned().collect();
            for &bank in sharing {
                if let Some(bank) = self.banks.get_mut(bank) {
                    bank.words.unsigned.extend(all.iter().cloned());
                }
            }
        }
    }

    /// Identifies this set by the names and texts of its files: 16 hexadecimal digits, recorded with what it read.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The numbering plan that it reads numbers by.
    pub fn plan(&self) -> &NumberingPlan {
        &self.plan
    }

    /// Forms that share a text, where a `priority` says which of them it is of.
    pub fn overlaps(&self) -> &[Overlap] {
        &self.overlaps
    }

    /// All banks, described for people.
    pub fn banks(&self) -> impl Iterator<Item = BankInfo<'_>> {
        self.banks.iter().map(BankInfo::of)
    }

    /// The banks that a destination address is of, described for people.
    pub fn banks_of(&self, to: &str) -> impl Iterator<Item = BankInfo<'_>> {
        self.addressed(to).map(|addressed| BankInfo::of(addressed.bank))
    }

    pub(super) fn assemble(
        &self,
        bank: &Bank,
        path: usize,
        captures: &Captures,
        message: &Incoming<'_>,
        text: &Normalised<'_>,
    ) -> Result<Reading, Violation> {
        let form = bank.paths.get(path).and_then(|path| bank.forms.get(path.form));
        match form {
            Some(form) if form.forward.is_some() => forward::assemble(bank, form, captures, text),
            Some(form) => match &captures.list {
                Some(list) => list::assemble(bank, form, (captures, list), message, text, &self.plan),
                None => assemble(bank, form, captures, message, text, &self.plan),
            },
            None => Err(Violation::new(Reason::Unreadable, 0)),
        }
    }

    /// The banks that a destination address is of, in the order of their files; none for an unknown one.
    pub(super) fn addressed(&self, to: &str) -> impl Iterator<Item = Addressed<'_>> {
        let to = to.strip_prefix('+').unwrap_or(to);
        let (banks, exact) = match self.by_short_code.get(to) {
            Some(banks) => (Some(banks), true),
            None if self.destinations && to.is_ascii() => {
                ((1..to.len()).rev().find_map(|end| self.by_short_code.get(&to[..end])), false)
            }
            None => (None, true),
        };
        let banks = banks.into_iter().flatten().filter_map(|&bank| self.banks.get(bank));
        banks.map(move |bank| Addressed { bank, exact })
    }

    /// Reads a text with the forms of all banks that it may be for.
    pub(super) fn find_any(&self, message: &Incoming<'_>, text: &Normalised<'_>) -> Found<'_> {
        self.find_among(self.addressed(message.to), message, text)
    }

    /// Reads a text with the forms of these banks.
    pub(super) fn find_among<'s>(
        &self,
        banks: impl Iterator<Item = Addressed<'s>>,
        message: &Incoming<'_>,
        text: &Normalised<'_>,
    ) -> Found<'s> {
        let mut found = Found::None;
        for addressed in banks {
            match (self.find(addressed, message, text), &found) {
                (Match::None, _) => {}
                (Match::One(path, captures), Found::None) => found = Found::One(addressed, path, captures),
                // A call for help is of every bank: the first one answers, or one with a form of its own for that.
                (Match::One(path, _), _) if addressed.bank.is_built_in(path) => {}
                (Match::One(path, captures), Found::One(first, help, _)) if first.bank.is_built_in(*help) => {
                    found = Found::One(addressed, path, captures);
                }
                (Match::Two | Match::One(..), _) => return Found::Two(addressed),
            }
        }
        found
    }

    /// Tries every path that a text with this beginning can be of.
    pub(super) fn find(&self, addressed: Addressed<'_>, message: &Incoming<'_>, text: &Normalised<'_>) -> Match {
        let bank = addressed.bank;
        let mut reader = Reader::new(text, bank, &self.plan);
        let mut found: Option<(usize, i64, Box<Captures>)> = None;
        for index in reader.candidates() {
            let Some(path) = bank.paths.get(index) else { continue };
            let Some(form) = bank.forms.get(path.form).filter(|form| form.applies(addressed, message)) else {
                continue;
            };
            let Ok(captures) = reader.walk(path) else { continue };
            match &found {
                None => found = Some((index, form.priority, captures)),
                Some((_, priority, _)) if form.priority > *priority => found = Some((index, form.priority, captures)),
                Some((_, priority, _)) if form.priority < *priority => {}
                Some((first, _, same)) => {
                    let same_form = bank.paths.get(*first).is_some_and(|first| first.form == path.form);
                    if same_form && same.is_with_remark(&captures) {
                        found = Some((index, form.priority, captures));
                    } else if !same_form || (*same != captures && !captures.is_with_remark(same)) {
                        return Match::Two;
                    }
                }
            }
        }
        found.map_or(Match::None, |(path, _, captures)| Match::One(path, captures))
    }
}

impl Form {
    /// Tells whether a message can be of this form, by its sender and its destination.
    pub(super) fn applies(&self, addressed: Addressed<'_>, message: &Incoming<'_>) -> bool {
        let sender = message.from.strip_prefix('+').unwrap_or(message.from);
        (self.target == FormTarget::Destination) != addressed.exact
            && (self.senders.is_empty() || self.senders.iter().any(|known| known.trim_start_matches('+') == sender))
            && (self.links.is_empty() || message.link.is_some_and(|link| self.links.iter().any(|known| known == link)))
    }
}

/// The identifier of a set, from the names and texts of its files.
fn identifier(sources: &[(&str, &str)]) -> String {
    let mut hasher = Sha256::new();
    for part in sources.iter().flat_map(|(name, text)| [name, text]) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize().get(..8).unwrap_or_default())
}
