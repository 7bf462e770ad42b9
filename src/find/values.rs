//! The values that a row is searched by. The job that writes them and the search in rows that are not written yet use the
//! same function.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::subject::Subject;
use crate::domain::{AccountKey, AccountKind, Beneficiary, Body, Msisdn, NumberingPlan, Outcome};
use crate::store::{MovedTrace, SearchEntry, SmsTrace, UnappliedTrace};

/// Shortest and longest text that is taken for a reference.
const REFERENCE: std::ops::RangeInclusive<usize> = 5..=64;
/// Most references of one text.
const REFERENCES_MAX: usize = 8;
/// Most groups of digits that make one number: `+383 49 123 456`, `0 4 9 …`.
const GROUPS_MAX: usize = 6;

/// The stored form of a telephone number.
pub(super) fn of_number(number: Msisdn) -> String {
    format!("n{}", number.digits())
}

/// The stored form of a reference: spellings in small and capital letters are the same.
pub(super) fn of_reference(reference: &str) -> String {
    format!("r{}", reference.to_ascii_uppercase())
}

/// The stored form of a trace number of a switch.
pub(super) fn of_trace(trace: &str) -> String {
    format!("s{trace}")
}

/// The stored form of the fact that a message repeats this transfer.
pub(super) fn of_repeated(transfer: Uuid) -> String {
    format!("d{}", transfer.simple())
}

/// Values of one row, with its time and subject.
pub(super) struct Values<'p> {
    plan: &'p NumberingPlan,
    values: BTreeSet<String>,
}

impl<'p> Values<'p> {
    fn new(plan: &'p NumberingPlan) -> Self {
        Self { plan, values: BTreeSet::new() }
    }

    fn entries(self, at: DateTime<Utc>, subject: &Subject) -> Vec<SearchEntry> {
        let entry = |value| SearchEntry { value, at, subject: subject.to_string() };
        self.values.into_iter().map(entry).collect()
    }

    fn address(&mut self, address: &str) {
        self.values.extend(self.plan.phone(address, None).map(of_number));
    }

    /// A customer's account: its number, or its name or identifier.
    fn account(&mut self, stored: &str) {
        let Ok(key) = stored.parse::<AccountKey>() else { return };
        match (key.kind, Beneficiary::of_account(&key)) {
            (AccountKind::Subscriber | AccountKind::FixedLine, Beneficiary::Number(number)) => {
                self.values.insert(of_number(number));
            }
            (AccountKind::Product, beneficiary) => drop(self.values.insert(of_reference(&beneficiary.to_string()))),
            (_, Beneficiary::Account(account)) => drop(self.values.insert(of_reference(account.identifier()))),
            _ => {}
        }
    }

    /// Trace number in the key of a switch's order: `CLIENT:topup:TIME-TRACE-TERMINAL-ACQUIRER`.
    fn key(&mut self, key: &str) {
        self.values.extend(trace_of(key).map(|(_, trace)| of_trace(trace)));
    }

    /// References in a text. The line of an order has none that its key does not have.
    fn references(&mut self, body: &Body) {
        let Some(text) = text_of(body).filter(|_| !matches!(body, Body::Order(_))) else { return };
        let plan = self.plan;
        let words = text.split(|c: char| !is_of_reference(c)).map(|word| word.trim_matches(['.', '-', '/', '_']));
        let is_number = |word: &str| word.bytes().all(|b| b.is_ascii_digit()) && plan.read(word, false).is_ok();
        let references = words.filter(|word| is_reference(word) && !is_number(word));
        self.values.extend(references.take(REFERENCES_MAX).map(of_reference));
    }

    fn mentioned(&mut self, body: &Body) {
        let Some(text) = text_of(body) else { return };
        self.values.extend(numbers_in(self.plan, text).into_iter().map(of_number));
    }

    fn outcome(&mut self, outcome: &Outcome) {
        if let Outcome::Duplicate { of, .. } = outcome {
            self.values.insert(of_repeated(of.transfer));
        }
        let item = outcome.rejection().and_then(|rejection| rejection.details.item.clone());
        let known = outcome.rejection().and_then(|rejection| rejection.details.number).map(Beneficiary::Number);
        for beneficiary in [beneficiary(outcome).cloned(), item, known].into_iter().flatten() {
            match beneficiary {
                Beneficiary::Number(number) => self.values.insert(of_number(number)),
                Beneficiary::Username(name) => self.values.insert(of_reference(&name)),
                Beneficiary::Account(account) => self.values.insert(of_reference(account.identifier())),
            };
        }
    }
}

/// Receiver of an ending that names one.
pub(super) const fn beneficiary(outcome: &Outcome) -> Option<&Beneficiary> {
    match outcome {
        Outcome::Applied(applied) => Some(&applied.beneficiary),
        Outcome::Duplicate { beneficiary, .. } => Some(beneficiary),
        _ => None,
    }
}

pub(super) fn of_moved(plan: &NumberingPlan, trace: &MovedTrace) -> Vec<SearchEntry> {
    let mut values = Values::new(plan);
    values.account(&trace.debit);
    values.account(&trace.credit);
    values.address(trace.sender.as_deref().unwrap_or_default());
    if let Some(body) = &trace.body {
        values.references(body);
    }
    let at = trace.received_at.unwrap_or(trace.at);
    match &trace.message_key {
        Some(key) => {
            values.key(key);
            values.entries(at, &Subject::Message(key.clone()))
        }
        None => values.entries(at, &Subject::Transfer(trace.id)),
    }
}

pub(super) fn of_unapplied(plan: &NumberingPlan, trace: &UnappliedTrace) -> Vec<SearchEntry> {
    let mut values = Values::new(plan);
    values.address(&trace.sender);
    values.references(&trace.body);
    values.mentioned(&trace.body);
    values.outcome(&trace.outcome);
    values.key(&trace.key);
    values.entries(trace.received_at, &Subject::Message(trace.key.clone()))
}

pub(super) fn of_sms(plan: &NumberingPlan, trace: &SmsTrace) -> Vec<SearchEntry> {
    let mut values = Values::new(plan);
    values.address(&trace.recipient);
    match trace.received_at {
        Some(at) => values.entries(at, &Subject::Message(trace.message_key.clone())),
        None => values.entries(trace.created_at, &Subject::Sms(trace.id)),
    }
}

/// Text of a message, if it has one.
pub(super) fn text_of(body: &Body) -> Option<&str> {
    match body {
        Body::Text(text) | Body::Order(text) | Body::Masked { text, .. } => Some(text),
        Body::Undecodable { .. } | Body::Newer(_) => None,
    }
}

/// Returns whether a text has all of these words, which are in small letters.
pub(super) fn has_words(body: &Body, words: &[String]) -> bool {
    let Some(text) = text_of(body) else { return false };
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// Transmission time and trace number in the key of a switch's order.
pub(super) fn trace_of(key: &str) -> Option<(&str, &str)> {
    let mut parts = key.rsplit(':').next()?.split('-');
    let (time, trace) = (parts.next()?, parts.next()?);
    let is_number = |text: &str, digits| text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(time, 14) && is_number(trace, 6) && parts.count() == 2).then_some((time, trace))
}

const fn is_of_reference(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | '_')
}

/// A reference has a digit, and is no amount and no small number.
pub(super) fn is_reference(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let has_letter = word.bytes().any(|b| b.is_ascii_alphabetic());
    REFERENCE.contains(&word.len()) && digits > 0 && (has_letter || digits > 5) && word.chars().all(is_of_reference)
}

/// The telephone numbers that a text may mean: in groups of digits, or with an amount right behind them.
fn numbers_in(plan: &NumberingPlan, text: &str) -> BTreeSet<Msisdn> {
    let (groups, mut numbers) = (groups_of(text), BTreeSet::new());
    for (first, (digits, plus, _)) in groups.iter().enumerate() {
        let mut joined = digits.clone();
        let behind = groups.get(first + 1..).unwrap_or_default().iter().take(GROUPS_MAX);
        numbers.extend(plan.read(&joined, *plus).ok().map(|line| line.msisdn));
        for (more, ..) in behind.take_while(|(_, plus, is_near)| *is_near && !plus) {
            joined.push_str(more);
            numbers.extend(plan.read(&joined, *plus).ok().map(|line| line.msisdn));
        }
        let shorter = (1..digits.len()).filter_map(|end| digits.get(..end));
        let with_amount = shorter.filter_map(|digits| plan.read(digits, *plus).ok());
        numbers.extend(with_amount.map(|line| line.msisdn));
    }
    numbers
}

/// Groups of digits; whether each has a plus sign before it, and is near the group before.
fn groups_of(text: &str) -> Vec<(String, bool, bool)> {
    let mut groups: Vec<(String, bool, bool)> = Vec::new();
    let (mut between, mut is_open) = (String::new(), false);
    for c in text.chars() {
        if !c.is_ascii_digit() {
            between.push(c);
            is_open = false;
        } else if is_open && let Some((digits, ..)) = groups.last_mut() {
            digits.push(c);
        } else {
            let is_near = between.len() <= 2 && between.chars().all(|c| matches!(c, ' ' | '-' | '/' | '.' | '(' | ')'));
            groups.push((c.to_string(), between.ends_with('+'), is_near));
            between.clear();
            is_open = true;
        }
    }
    groups
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
