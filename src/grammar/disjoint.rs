//! The proof that no text is of two forms of one bank, or of two banks of one short code, made when the files are loaded.
//!
//! Every pair of paths of different forms that one message could be of is compared by their automata (see
//! [`super::language`]). A text in both is a witness, and the files are refused with it, unless the forms declare
//! different priorities: then the higher one has the text, and the overlap is listed.
//!
//! Two paths of one form are not compared: a form's own alternatives mean the same. Should they ever capture different
//! values from one text, the reader refuses that text.

use std::collections::BTreeSet;

use super::action::FormTarget;
use super::automaton::Automaton;
use super::diagnostic::Diagnostic;
use super::dispatch::first_word;
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
    fn of(early: Owned<'_>, late: Owned<'_>, witness: String) -> Self {
        let (first, second) = if early.form.priority > late.form.priority { (early, late) } else { (late, early) };
        Self { bank: first.bank.id.clone(), first: first.form.name.clone(), second: second.form.name.clone(), witness }
    }
}

/// A path of one of the banks: index of the bank, index of the path.
type Place = (usize, usize);

/// Compares all pairs of forms of a bank, and of banks that share a short code. `sources` are the names and texts of the
/// files.
pub(super) fn prove(
    banks: &[Bank],
    sources: &[(&str, &str)],
    plan: &NumberingPlan,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Overlap> {
    let numbers = Numbers::new(plan);
    let mut overlaps = Vec::new();
    let mut automata: Vec<Vec<Option<Automaton>>> = banks.iter().map(|bank| vec![None; bank.paths.len()]).collect();
    let mut told: Vec<(Place, Place)> = Vec::new();
    for [one, other] in pairs(banks) {
        let path = |(bank, path): Place| Some((banks.get(bank)?, banks.get(bank)?.paths.get(path)?));
        let (Some((bank, first)), Some((second_bank, second))) = (path(one), path(other)) else { continue };
        let forms = ((one.0, first.form), (other.0, second.form));
        if told.contains(&forms) {
            continue;
        }
        for (place, bank, path) in [(one, bank, first), (other, second_bank, second)] {
            if let Some(automaton @ None) = automata.get_mut(place.0).and_then(|all| all.get_mut(place.1)) {
                *automaton = Some(texts(bank, path, &numbers, plan));
            }
        }
        let automaton = |(bank, path): Place| automata.get(bank)?.get(path)?.as_ref();
        let (Some(a), Some(b)) = (automaton(one), automaton(other)) else { continue };
        let Some(witness) = a.common(b) else { continue };
        told.push(forms);
        let (Some(early), Some(late)) = (bank.forms.get(first.form), second_bank.forms.get(second.form)) else {
            continue;
        };
        let (early, late) = (Owned { bank, form: early }, Owned { bank: second_bank, form: late });
        if early.form.priority == late.form.priority || one.0 != other.0 {
            diagnostics.push(overlap(early, late, &witness, sources));
        } else {
            overlaps.push(Overlap::of(early, late, witness));
        }
    }
    overlaps
}

/// Paths that one text could be of, as far as its first words tell, in forms that one message could be of; the earlier
/// form first.
fn pairs(banks: &[Bank]) -> Vec<[Place; 2]> {
    let mut pairs = Vec::new();
    for (index, bank) in banks.iter().enumerate() {
        let shared = |other: &&Bank| other.short_codes.iter().any(|code| bank.short_codes.contains(code));
        let group: Vec<(usize, &Bank)> = std::iter::once((index, bank))
            .chain(banks.iter().enumerate().skip(index + 1).filter(|(_, b)| shared(b)))
            .collect();
        for bucket in buckets(&group) {
            for (place, &one) in bucket.iter().enumerate() {
                let others = bucket.iter().skip(place + 1).filter(|other| one.0 == index || other.0 == index);
                pairs.extend(others.map(|&other| [one.min(other), one.max(other)]));
            }
        }
    }
    pairs.retain(|[one, other]| {
        let form = |(bank, path): Place| {
            let bank = banks.get(bank)?;
            Some((bank, bank.forms.get(bank.paths.get(path)?.form)?))
        };
        let (Some((bank, first)), Some((other_bank, second))) = (form(*one), form(*other)) else { return false };
        let is_one = std::ptr::eq(first, second);
        // Two banks of a short code both answer calls for help; the first one does.
        let both_help = !std::ptr::eq(bank, other_bank)
            && (first.is_built_in() || second.is_built_in())
            && first.action == second.action;
        !is_one && !both_help && meet(first, second)
    });
    pairs.sort_unstable_by_key(|[one, other]| {
        let form = |(bank, path): Place| banks.get(bank).and_then(|bank| bank.paths.get(path)).map(|path| path.form);
        (one.0, other.0, form(*one), form(*other), *one, *other)
    });
    pairs.dedup();
    pairs.iter().map(|pair| ordered(*pair, banks)).collect()
}

/// Of two paths of one bank, the one of the earlier form first.
fn ordered([one, other]: [Place; 2], banks: &[Bank]) -> [Place; 2] {
    let form = |(bank, path): Place| banks.get(bank).and_then(|bank| bank.paths.get(path)).map(|path| path.form);
    if one.0 == other.0 && form(one) > form(other) { [other, one] } else { [one, other] }
}

/// The paths that texts with the same first word can be of. A word that says "once more" may stand before any request.
fn buckets(group: &[(usize, &Bank)]) -> Vec<Vec<Place>> {
    let markers: BTreeSet<&str> =
        group.iter().flat_map(|(_, bank)| &bank.words.repeat).map(|said| first_word(said)).collect();
    let words = group.iter().flat_map(|(_, bank)| bank.dispatch.by_word.keys().map(String::as_str));
    let words: BTreeSet<&str> = words.chain(markers.iter().copied()).chain([""]).collect();
    let bucket = |word: &str| {
        let of = |&(index, bank): &(usize, &Bank)| {
            let requests = bank.paths.iter().enumerate().filter(|(_, path)| {
                markers.contains(word) && bank.forms.get(path.form).is_some_and(|form| form.action.is_request())
            });
            let mut paths: Vec<usize> = bank.dispatch.paths(word).chain(requests.map(|(path, _)| path)).collect();
            paths.sort_unstable();
            paths.dedup();
            paths.into_iter().map(move |path| (index, path)).collect::<Vec<Place>>()
        };
        group.iter().flat_map(of).collect()
    };
    words.into_iter().map(bucket).collect()
}

/// Tells whether one message could be of both forms, by its addresses and link.
fn meet(first: &Form, second: &Form) -> bool {
    let share = |a: &[String], b: &[String]| a.is_empty() || b.is_empty() || a.iter().any(|one| b.contains(one));
    // As a message's sender is compared.
    let senders =
        |form: &Form| form.senders.iter().map(|one| one.trim_start_matches('+').to_owned()).collect::<Vec<_>>();
    (first.target == FormTarget::Destination) == (second.target == FormTarget::Destination)
        && share(&senders(first), &senders(second))
        && share(&first.links, &second.links)
}

/// A form with its bank.
#[derive(Clone, Copy)]
struct Owned<'b> {
    bank: &'b Bank,
    form: &'b Form,
}

fn overlap(early: Owned<'_>, late: Owned<'_>, witness: &str, sources: &[(&str, &str)]) -> Diagnostic {
    let (here, there) = if late.form.is_built_in() { (early, late) } else { (late, early) };
    let source = |owned: Owned<'_>| sources.get(owned.bank.file).copied().unwrap_or_default();
    let is_one_bank = std::ptr::eq(early.bank, late.bank);
    let named = |owned: Owned<'_>| {
        let of = if is_one_bank { String::new() } else { format!(" of the bank `{}`", owned.bank.id) };
        format!("`{}`{of}", owned.form.name)
    };
    let (file, text) = source(here);
    let message = format!("a text can be of two forms, {} and {}: {witness:?}", named(early), named(late));
    let help = if is_one_bank {
        "make them differ, by a keyword for one, or give the one that shall have such texts priority = 1"
    } else {
        "two banks share a short code: make their forms differ, by a keyword for one, or give each a short code of its own"
    };
    let diagnostic = Diagnostic::new(file, text, here.form.span.clone(), message)
        .label(format!("form `{}` reads it", here.form.name))
        .help(help);
    if there.form.is_built_in() {
        return diagnostic;
    }
    let (file, text) = source(there);
    diagnostic.other(file, text, there.form.span.clone(), format!("form `{}` reads it too", there.form.name))
}

#[cfg(test)]
#[path = "disjoint_tests.rs"]
mod tests;
