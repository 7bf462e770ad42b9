//! `[amount]` of a bank's file or of one of its forms.

use std::ops::Range;

use toml::de::DeValue;

use super::walk::{Placed, Source, Table, owned, subtable, wrong_type};
use crate::domain::Amount;

pub(super) const AMOUNT_KEYS: [&str; 9] =
    ["whole", "min", "max", "only", "operators", "currency", "times", "multipliers", "overlap"];
/// Keys that hold for all forms of a bank alike.
const BANK_ONLY: [&str; 4] = ["currency", "times", "multipliers", "overlap"];
/// Highest factor.
const FACTOR_MAX: i64 = 1_000_000;
const OPERATOR_KEYS: [&str; 3] = ["only", "min", "max"];

/// Limits as a file gives them, for the whole bank or for one form.
#[derive(Debug, Clone, Default)]
pub(super) struct AmountFile {
    pub(super) whole: Option<bool>,
    pub(super) min: Option<Placed<Amount>>,
    pub(super) max: Option<Placed<Amount>>,
    pub(super) only: Option<Vec<Amount>>,
    /// The place of `only`.
    pub(super) only_span: Option<Range<usize>>,
    pub(super) operators: Vec<(Placed<String>, OperatorFile)>,
    pub(super) currency: Option<Vec<Placed<String>>>,
    /// A written amount counts so many times: `20` is 20,000.
    pub(super) times: Option<i64>,
    /// Words behind an amount that multiply it: `20k`.
    pub(super) multipliers: Vec<(Placed<String>, i64)>,
    /// The place of `times`.
    pub(super) times_span: Option<Range<usize>>,
    /// The limits may allow an amount both as it is written and multiplied.
    pub(super) overlap: bool,
}

/// Limits for one operator's numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct OperatorFile {
    pub(super) only: Option<Vec<Amount>>,
    pub(super) min: Option<Amount>,
    pub(super) max: Option<Amount>,
}

pub(super) fn amount_section(source: &mut Source<'_>, table: &Table<'_, '_>, key: &str) -> AmountFile {
    let Some(inner) = subtable(source, table, key, &AMOUNT_KEYS) else { return AmountFile::default() };
    let (min, max) = (inner.amount(source, "min"), inner.amount(source, "max"));
    if let (Some(min), Some(max)) = (&min, &max)
        && min.value > max.value
    {
        let message = format!("`min` {} is above `max` {}", min.value, max.value);
        source.report(min.span.clone(), message, "write the lower amount as `min`");
    }
    let mut operators = Vec::new();
    if let Some(value) = inner.value("operators") {
        if let DeValue::Table(list) = value.get_ref() {
            let known: Vec<&str> = list.keys().map(|key| key.get_ref().as_ref()).collect();
            let list = Table::new(source, list, value.span(), "[amount.operators]", &known);
            for id in list.keys() {
                let Some(limits) = subtable(source, &list, id.value, &OPERATOR_KEYS) else { continue };
                let operator = OperatorFile {
                    only: limits.amounts(source, "only"),
                    min: limits.amount(source, "min").map(|amount| amount.value),
                    max: limits.amount(source, "max").map(|amount| amount.value),
                };
                operators.push((id.map(str::to_owned), operator));
            }
        } else {
            wrong_type(source, value, "operators", "a table", "as operators.vala.only = [1, 2]");
        }
    }
    let (times, multipliers) = (times(source, &inner), multipliers(source, &inner));
    AmountFile {
        times,
        multipliers,
        times_span: inner.value("times").map(toml::Spanned::span),
        overlap: inner.flag(source, "overlap").unwrap_or(false),
        whole: inner.flag(source, "whole"),
        only: inner.amounts(source, "only"),
        only_span: inner.value("only").map(toml::Spanned::span),
        currency: owned(inner.strings(source, "currency")),
        min,
        max,
        operators,
    }
}

/// `[amount]` of one form, which cannot change how amounts are written.
pub(super) fn form_amount(source: &mut Source<'_>, table: &Table<'_, '_>) -> AmountFile {
    if table.value("amount").is_none() {
        return AmountFile::default();
    }
    if let Some(inner) = subtable(source, table, "amount", &AMOUNT_KEYS) {
        for key in BANK_ONLY {
            if let Some(value) = inner.value(key) {
                let message = format!("`{key}` holds for all forms of a bank");
                source.report(value.span(), message, "write it in the section [amount] of the file");
            }
        }
    }
    amount_section(source, table, "amount")
}

fn times(source: &mut Source<'_>, table: &Table<'_, '_>) -> Option<i64> {
    let times = table.integer(source, "times")?;
    factor(source, &times)
}

fn factor(source: &mut Source<'_>, written: &Placed<i64>) -> Option<i64> {
    if (2..=FACTOR_MAX).contains(&written.value) {
        return Some(written.value);
    }
    source.report(written.span.clone(), format!("`{}` is no factor", written.value), "write 2 to 1000000, as in 1000");
    None
}

fn multipliers(source: &mut Source<'_>, table: &Table<'_, '_>) -> Vec<(Placed<String>, i64)> {
    let Some(value) = table.value("multipliers") else { return Vec::new() };
    let DeValue::Table(inner) = value.get_ref() else {
        wrong_type(source, value, "multipliers", "a table", "as in multipliers = { k = 1000 }");
        return Vec::new();
    };
    let words: Vec<&str> = inner.keys().map(|key| key.get_ref().as_ref()).collect();
    let all = Table::new(source, inner, value.span(), "multipliers", &words);
    let mut multipliers = Vec::new();
    for word in all.keys() {
        let Some(written) = all.integer(source, word.value) else { continue };
        if let Some(times) = factor(source, &written) {
            multipliers.push((word.map(str::to_owned), times));
        }
    }
    multipliers
}
