//! The words of a bank: for its money, its services and repetitions, and those that are nobody's user name.

use std::collections::HashSet;

use super::amount_file::AmountFile;
use super::fields::kind::Words;
use super::fields::money::Money;
use super::fields::reference::REPETITIONS;
use super::file::GrammarFile;
use super::form::Bank;
use super::path::{Path, Step};
use super::walk::{Placed, Source};
use crate::domain::Amount;
use crate::text::normalise::keyword_spellings;

/// The words of a file; those of its forms are reserved later. `highest` is the highest amount of any form.
pub(super) fn words(source: &mut Source<'_>, file: &GrammarFile, highest: Amount) -> Words {
    let mut services = Vec::new();
    for (word, service) in &file.services {
        services.extend(spellings(source, word).into_iter().map(|spelling| (spelling, *service)));
    }
    Words {
        money: money(source, &file.amount, highest),
        services,
        repeat: declared_or(source, file.repeat.as_deref(), &REPETITIONS),
        reserved: HashSet::new(),
        unsigned: HashSet::new(),
    }
}

fn money(source: &mut Source<'_>, file: &AmountFile, highest: Amount) -> Money {
    let own = file.currency.as_ref().map(|words| words.iter().flat_map(|word| spellings(source, word)).collect());
    let times = file.times.unwrap_or(1);
    let highest = highest.whole_units() / times;
    let money = Money::new(own, highest.max(1).to_string().len());
    let mut multipliers = Vec::new();
    for (word, times) in &file.multipliers {
        for spelling in spellings(source, word) {
            if money.own.contains(&spelling) {
                let message = format!("`{spelling}` is a word for the currency, and multiplies too");
                source.report(
                    word.span.clone(),
                    message,
                    "list the words of the bank's own currency: currency = [\"eur\"]",
                );
            }
            multipliers.push((spelling, *times));
        }
    }
    money.multiplied_by(times, multipliers)
}

fn declared_or(source: &mut Source<'_>, declared: Option<&[Placed<String>]>, standard: &[&str]) -> Vec<String> {
    match declared {
        Some(words) => words.iter().flat_map(|word| spellings(source, word)).collect(),
        None => standard.iter().map(|&word| word.to_owned()).collect(),
    }
}

fn spellings(source: &mut Source<'_>, word: &Placed<String>) -> Vec<String> {
    match keyword_spellings(&word.value) {
        Ok(spellings) => spellings,
        Err(error) => {
            source.report(
                word.span.clone(),
                format!("`{}` can never be read: {error}", word.value),
                "write plain letters",
            );
            Vec::new()
        }
    }
}

/// Collects the words that are nobody's user name.
pub(super) fn reserve(bank: &mut Bank) {
    let mut reserved: HashSet<String> = bank.words.repeat.iter().cloned().collect();
    reserved.extend(bank.words.services.iter().map(|(word, _)| word.clone()));
    let for_people = |path: &&Path| bank.forms.get(path.form).is_some_and(|form| form.senders.is_empty());
    for step in bank.paths.iter().filter(for_people).flat_map(|path| &path.steps) {
        let Step::Word(word) = step else { continue };
        for spelling in &word.spellings {
            reserved.extend(spelling.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        }
    }
    reserved.remove("");
    bank.words.unsigned.clone_from(&reserved);
    bank.words.reserved = reserved;
}
