//! The proof that no text is of two forms of one bank, made when the files are loaded.
//!
//! Every pair of paths of different forms that one message could be of is compared by their automata (see
//! [`super::language`]). A text in both is a witness, and the files are refused with it, unless the forms declare
//! different priorities: then the higher one has the text, and the overlap is listed.
//!
//! Two paths of one form are not compared: a form's own alternatives mean the same. Should they ever capture different
//! values from one text, the reader refuses that text.

use super::action::FormTarget;
use super::automaton::Automaton;
use super::diagnostic::Diagnostic;
use super::fields::number::Numbers;
use super::form::{Bank, Form};
use super::language::texts;
use crate::domain::NumberingPlan;

/// Two forms that share a text, and which of them has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The bank.
    pub bank: String,
    /// The form that has the text.
    pub first: String,
    /// The form with the lower priority.
    pub second: String,
    /// The text.
    pub witness: String,
}

impl Overlap {
    fn of(bank: &Bank, early: &Form, late: &Form, witness: String) -> Self {
        let (first, second) = if early.priority > late.priority { (early, late) } else { (late, early) };
        Self { bank: bank.id.clone(), first: first.name.clone(), second: second.name.clone(), witness }
    }
}

/// Compares all pairs. `sources` are the names and texts of the files.
pub(super) fn prove(
    banks: &[Bank],
    sources: &[(&str, &str)],
    plan: &NumberingPlan,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Overlap> {
    let numbers = Numbers::new(plan);
    let mut overlaps = Vec::new();
    for bank in banks {
        let mut automata: Vec<Option<Automaton>> = vec![None; bank.paths.len()];
        let mut told: Vec<(usize, usize)> = Vec::new();
        for (one, other) in pairs(bank) {
            let (Some(first), Some(second)) = (bank.paths.get(one), bank.paths.get(other)) else { continue };
            let forms = (first.form.min(second.form), first.form.max(second.form));
            if told.contains(&forms) {
                continue;
            }
            for (index, path) in [(one, first), (other, second)] {
                if let Some(place @ None) = automata.get_mut(index) {
                    *place = Some(texts(bank, path, &numbers, plan));
                }
            }
            let (Some(Some(a)), Some(Some(b))) = (automata.get(one), automata.get(other)) else { continue };
            let Some(witness) = a.common(b) else { continue };
            told.push(forms);
            let (Some(early), Some(late)) = (bank.forms.get(forms.0), bank.forms.get(forms.1)) else { continue };
            if early.priority == late.priority {
                diagnostics.push(overlap(bank, early, late, &witness, sources));
            } else {
                overlaps.push(Overlap::of(bank, early, late, witness));
            }
        }
    }
    overlaps
}

/// Paths that one text could be of, as far as its first word tells, in forms that one message could be of.
fn pairs(bank: &Bank) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let open = &bank.dispatch.open;
    for bucket in bank.dispatch.by_word.values().map(Vec::as_slice).chain([&[][..]]) {
        let all: Vec<usize> = bucket.iter().chain(open).copied().collect();
        for (place, &one) in all.iter().enumerate() {
            for &other in all.iter().skip(place + 1) {
                let pair = (one.min(other), one.max(other));
                let forms = [pair.0, pair.1].map(|path| bank.paths.get(path).map(|path| path.form));
                if let [Some(first), Some(second)] = forms
                    && first != second
                    && let (Some(first), Some(second)) = (bank.forms.get(first), bank.forms.get(second))
                    && meet(first, second)
                {
                    pairs.push(pair);
                }
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Tells whether one message could be of both forms, by its addresses and link.
fn meet(first: &Form, second: &Form) -> bool {
    let share = |a: &[String], b: &[String]| a.is_empty() || b.is_empty() || a.iter().any(|one| b.contains(one));
    (first.target == FormTarget::Destination) == (second.target == FormTarget::Destination)
        && share(&first.senders, &second.senders)
        && share(&first.links, &second.links)
}

fn overlap(bank: &Bank, early: &Form, late: &Form, witness: &str, sources: &[(&str, &str)]) -> Diagnostic {
    let (file, text) = sources.get(bank.file).copied().unwrap_or_default();
    let (here, there) = if late.is_built_in() { (early, late) } else { (late, early) };
    let message = format!("a text can be of two forms, `{}` and `{}`: {witness:?}", early.name, late.name);
    let diagnostic = Diagnostic::new(file, text, here.span.clone(), message)
        .label(format!("form `{}` reads it", here.name))
        .help("make them differ, by a keyword for one, or give the one that shall have such texts priority = 1");
    if there.is_built_in() {
        return diagnostic;
    }
    diagnostic.other(file, text, there.span.clone(), format!("form `{}` reads it too", there.name))
}

#[cfg(test)]
#[path = "disjoint_tests.rs"]
mod tests;
