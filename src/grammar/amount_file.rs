//! `[amount]` of a bank's file or of one of its forms.

use std::ops::Range;

use toml::de::DeValue;

use super::walk::{Placed, Source, Table, owned, subtable, wrong_type};
use crate::domain::Amount;

pub(super) const AMOUNT_KEYS: [&str; 6] = ["whole_euros", "min", "max", "only", "operators", "currency"];
const OPERATOR_KEYS: [&str; 3] = ["only", "min", "max"];

/// Limits as a file gives them, for the whole bank or for one form.
#[derive(Debug, Clone, Default)]
pub(super) struct AmountFile {
    pub(super) whole_euros: Option<bool>,
    pub(super) min: Option<Placed<Amount>>,
    pub(super) max: Option<Placed<Amount>>,
    pub(super) only: Option<Vec<Amount>>,
    /// The place of `only`.
    pub(super) only_span: Option<Range<usize>>,
    pub(super) operators: Vec<(Placed<String>, OperatorFile)>,
    pub(super) currency: Option<Vec<Placed<String>>>,
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
    AmountFile {
        whole_euros: inner.flag(source, "whole_euros"),
        only: inner.amounts(source, "only"),
        only_span: inner.value("only").map(toml::Spanned::span),
        currency: owned(inner.strings(source, "currency")),
        min,
        max,
        operators,
    }
}
