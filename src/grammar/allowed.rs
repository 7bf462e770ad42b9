//! The rules of a bank for what may be asked: which operators' numbers, which amounts; and what a request breaks.

use super::fields::Captures;
use super::form::Limits;
use crate::domain::locale::Currency;
use crate::domain::{Amount, LineKind, Reason, Service, Target, format_minor};

/// A complete form that asks for what the bank does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) reason: Reason,
    /// Byte of the folded text of the value that is at fault.
    pub(super) at: usize,
    /// The value that is at fault, where it is not in the text.
    pub(super) value: Option<String>,
    pub(super) operator: Option<String>,
    pub(super) service: Option<Service>,
    pub(super) limits: Option<(Amount, Amount)>,
    pub(super) offered: Option<Vec<Amount>>,
    /// The item of a list that asks for it.
    pub(super) item: Option<Box<ListedItem>>,
}

/// An item of a list, with the values beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedItem {
    pub(super) captures: Captures,
    pub(super) target: Target,
}

impl Violation {
    pub(super) fn new(reason: Reason, at: usize) -> Self {
        Self { reason, at, value: None, operator: None, service: None, limits: None, offered: None, item: None }
    }
}

/// Checks that the bank tops up numbers of this operator; `None` for an operator that is not published.
fn offered_operator(limits: &Limits, operator: Option<&str>, at: usize) -> Result<(), Violation> {
    let Some(offered) = &limits.offered else { return Ok(()) };
    if operator.is_some_and(|operator| offered.iter().any(|known| known == operator)) {
        return Ok(());
    }
    let mut violation = Violation::new(Reason::OperatorNotOffered, at);
    violation.operator = operator.map(str::to_owned);
    Err(violation)
}

/// Checks that this amount may be written for this number, in the order of precedence of the faults. The places are
/// those of the number and of the amount.
pub(super) fn check(
    limits: &Limits,
    target: &Target,
    minor: Option<i64>,
    (number_at, at): (usize, usize),
) -> Result<Option<Amount>, Violation> {
    if limits.whole && minor.is_some_and(|minor| minor % Currency::ledger().unit() != 0) {
        return Err(Violation::new(Reason::AmountNotWhole, at));
    }
    let operator = match target {
        Target::Line(line) if line.kind == LineKind::Mobile => Some(line.operator.as_deref()),
        _ => None,
    };
    if let Some(operator) = operator {
        offered_operator(limits, operator, number_at)?;
    }
    let Some(minor) = minor else { return Ok(None) };
    let of_operator = operator.flatten().and_then(|operator| limits.operators.iter().find(|(id, _)| id == operator));
    let of_operator = of_operator.map(|(_, limits)| limits);
    let min = of_operator.and_then(|limits| limits.min).unwrap_or(limits.min);
    let max = of_operator.and_then(|limits| limits.max).unwrap_or(limits.max);
    let amount = match Amount::from_minor(minor) {
        Ok(amount) if (min..=max).contains(&amount) => amount,
        _ => {
            let mut violation = Violation::new(Reason::AmountOutOfLimits, at);
            violation.limits = Some((min, max));
            return Err(violation);
        }
    };
    let only = of_operator.and_then(|limits| limits.only.as_ref()).or(limits.only.as_ref());
    if let Some(only) = only.filter(|only| !only.contains(&amount)) {
        let mut violation = Violation::new(Reason::AmountNotOffered, at);
        violation.operator = operator.flatten().map(str::to_owned);
        violation.offered = Some(only.clone());
        return Err(violation);
    }
    Ok(Some(amount))
}

/// As a customer writes it: whole units without decimals.
pub(super) fn written(amount: Amount) -> String {
    if amount.is_whole() { amount.whole_units().to_string() } else { format_minor(amount.minor()) }
}
