//! All banks' grammars together: loading them, and reading a message with them.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::action::FormTarget;
use super::assemble::{Violation, assemble};
use super::compile::compile;
use super::diagnostic::Diagnostic;
use super::disjoint::{Overlap, prove};
use super::fields::Captures;
use super::file::{self, GrammarFile};
use super::form::{Bank, Form, first_word};
use super::forward;
use super::info::{BankInfo, FormInfo};
use super::message::{Incoming, Reading};
use super::print::{for_show, print};
use super::reader::Reader;
use super::walk::Source;
use crate::domain::{NumberingPlan, Reason};
use crate::text::normalise::{Normalised, normalise};

/// The grammars of all banks, ready to read messages.
#[derive(Debug)]
pub struct GrammarSet {
    pub(super) id: String,
    pub(super) banks: Vec<Bank>,
    by_short_code: HashMap<String, usize>,
    /// Some form takes its target from behind the short code.
    destinations: bool,
    overlaps: Vec<Overlap>,
    pub(super) plan: Arc<NumberingPlan>,
}

/// The bank that a message is for.
#[derive(Clone, Copy)]
pub(super) struct Addressed<'s> {
    pub(super) bank: &'s Bank,
    /// The destination is the short code alone, without a number behind it.
    pub(super) exact: bool,
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
            by_short_code: HashMap::new(),
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
                let taken = places.iter().take(index).find_map(|(first, other)| {
                    let same = other.short_codes.iter().find(|theirs| theirs.value == code.value)?;
                    Some((*first, same.span.clone()))
                });
                if let Some((first, span)) = taken {
                    let message = format!("two banks have the short code {}", code.value);
                    let help = "a short code belongs to one bank: put all its forms into one file";
                    diagnostics.push(clash(first, *number, [&span, &code.span], message, help));
                }
                self.by_short_code.insert(code.value.as_str().to_owned(), index);
            }
        }
        self.destinations = self.banks.iter().flat_map(|bank| &bank.forms).any(|f| f.target == FormTarget::Destination);
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
        self.banks.iter().map(|bank| BankInfo {
            id: &bank.id,
            name: &bank.name,
            short_codes: &bank.short_codes,
            evidence: bank.evidence,
            source: &bank.source,
            languages: &bank.languages,
            forms: bank.forms.iter().map(FormInfo::of).collect(),
        })
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
            Some(form) if form.forwarding.is_some() => forward::assemble(bank, form, captures, text, &self.plan),
            Some(form) => assemble(bank, form, captures, message, text, &self.plan),
            None => Err(Violation::new(Reason::Unreadable, 0)),
        }
    }

    /// The bank that a destination address is of.
    pub(super) fn addressed(&self, to: &str) -> Option<Addressed<'_>> {
        let to = to.strip_prefix('+').unwrap_or(to);
        if let Some(bank) = self.by_short_code.get(to).and_then(|&bank| self.banks.get(bank)) {
            return Some(Addressed { bank, exact: true });
        }
        if !self.destinations || !to.is_ascii() {
            return None;
        }
        let bank = (1..to.len()).rev().find_map(|end| self.by_short_code.get(&to[..end]))?;
        Some(Addressed { bank: self.banks.get(*bank)?, exact: false })
    }

    /// Tries every path that a text with this beginning can be of.
    pub(super) fn find(&self, addressed: Addressed<'_>, message: &Incoming<'_>, text: &Normalised<'_>) -> Match {
        let bank = addressed.bank;
        let mut reader = Reader::new(text, bank, &self.plan);
        let mut found: Option<(usize, i64, Captures)> = None;
        for index in bank.dispatch.paths(first_word(text.folded())) {
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
                    if !same_form || *same != captures {
                        return Match::Two;
                    }
                }
            }
        }
        found.map_or(Match::None, |(path, _, captures)| Match::One(path, Box::new(captures)))
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

/// Checks that each example is of its form, and writes one where the file has none.
fn examples(source: &mut Source<'_>, bank: &mut Bank, file: &GrammarFile, plan: &NumberingPlan) {
    for (index, form_file) in file.forms.iter().enumerate() {
        let Some(form) = bank.forms.get(index) else { continue };
        if let Some(example) = &form_file.example {
            let reads = normalise(&example.value).is_ok_and(|text| {
                let mut reader = Reader::new(&text, bank, plan);
                bank.paths_of(form).iter().any(|path| reader.walk(path).is_ok())
            });
            if !reads {
                let message = format!("the example of `{}` is not of this form", form.name);
                source.report(example.span.clone(), message, format!("its text is {}", form.text));
            }
            continue;
        }
        let values = for_show(bank, form, plan);
        let shown = bank.paths_of(form).iter().find_map(|path| print(bank, path, &values, plan)).unwrap_or_default();
        if let Some(form) = bank.forms.get_mut(index) {
            form.example = shown;
        }
    }
}
