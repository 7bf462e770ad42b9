//! From what a path captured to a request, under the rules of its bank: whose number, which operator, which amounts.

use std::ops::Range;

use zeroize::Zeroizing;

use super::action::{Action, FormTarget};
use super::captured::kept;
use super::fields::miss::{Miss, Problem};
use super::fields::{Captures, number};
use super::form::{Bank, Form, Limits};
use super::message::{Giving, Incoming, PinRequest, Reading, TransferRequest, VoucherRequest};
use crate::domain::{
    Amount, Line, LineKind, Msisdn, NumberProblem, NumberingPlan, Reason, Request, Service, Target, format_cents,
};
use crate::text::normalise::Normalised;

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
}

impl Violation {
    pub(super) fn new(reason: Reason, at: usize) -> Self {
        Self { reason, at, value: None, operator: None, service: None, limits: None, offered: None }
    }
}

/// The request, or the first reason why it is not done.
pub(super) fn assemble(
    bank: &Bank,
    form: &Form,
    captures: &Captures,
    message: &Incoming<'_>,
    text: &Normalised<'_>,
    plan: &NumberingPlan,
) -> Result<Reading, Violation> {
    if let Some(reading) = without_amount(bank, form, captures, text) {
        return Ok(reading);
    }
    let target = match named_target(form, captures, text) {
        Some(target) => target,
        None => unnamed_target(bank, form, message, plan)?,
    };
    named_operator(captures, &target)?;
    let amount = amount(form, captures, &target)?;
    if let Some(giving) = form.action.giving() {
        return transfer((bank, form), giving, captures, text, (target, amount));
    }
    let typed = |((), range): &((), Range<usize>)| text.as_typed(range.clone()).into_owned();
    if let Some(((), code)) = &captures.voucher {
        return Ok(Reading::Voucher(VoucherRequest {
            bank: bank.id.clone(),
            form: form.name.clone(),
            code: text.folded()[code.clone()].chars().filter(char::is_ascii_digit).collect(),
            target,
            fields: kept(form, captures, text),
        }));
    }
    Ok(Reading::Recharge(Request {
        bank: bank.id.clone(),
        form: form.name.clone(),
        service: service(form, captures, &target),
        target,
        amount,
        repeat: captures.repeat,
        reference: captures.reference.as_ref().map(typed),
        language: form.language,
        fields: kept(form, captures, text),
    }))
}

/// The service that is named, or that the form is about. An account of another kind is its own service.
fn service(form: &Form, captures: &Captures, target: &Target) -> Service {
    match target {
        Target::Account(_) => Service::Account,
        Target::Line(_) | Target::Username(_) | Target::Registered(_) => captures.service().unwrap_or(form.service),
    }
}

/// A reading that moves nothing; `None` for a request.
fn without_amount(bank: &Bank, form: &Form, captures: &Captures, text: &Normalised<'_>) -> Option<Reading> {
    let names = || (bank.id.clone(), form.name.clone());
    Some(match form.action {
        Action::Recharge
        | Action::Transfer
        | Action::Sale
        | Action::Stock
        | Action::Undo
        // `forward` reads a form of this action.
        | Action::Forward => return None,
        Action::Pin | Action::DealerPin => Reading::Pin(pin_change(bank, form, captures, text)),
        Action::Confirm => {
            let (bank, name) = names();
            Reading::Confirm { bank, form: name, language: form.language }
        }
        Action::Balance => {
            let (bank, form) = names();
            Reading::Balance { bank, form }
        }
        Action::Help => {
            let (bank, form) = names();
            Reading::Help { bank, form }
        }
        Action::Stop => {
            let (bank, form) = names();
            Reading::Stop { bank, form }
        }
        Action::Language(language) => {
            let (bank, form) = names();
            Reading::Language { bank, form, language }
        }
    })
}

/// Credit for another number. That its form has both a number and an amount was checked when it was loaded.
fn transfer(
    (bank, form): (&Bank, &Form),
    giving: Giving,
    captures: &Captures,
    text: &Normalised<'_>,
    asked: (Target, Option<Amount>),
) -> Result<Reading, Violation> {
    let (Target::Line(line), Some(amount)) = asked else { return Err(Violation::new(Reason::Unreadable, 0)) };
    Ok(Reading::Transfer(TransferRequest {
        giving,
        bank: bank.id.clone(),
        form: form.name.clone(),
        line,
        amount,
        pin: secret(text, captures.pin.as_ref()),
        repeat: captures.repeat,
        language: form.language,
        fields: kept(form, captures, text),
    }))
}

/// Another PIN. That its form has both was checked when it was loaded.
fn pin_change(bank: &Bank, form: &Form, captures: &Captures, text: &Normalised<'_>) -> PinRequest {
    PinRequest {
        of_dealer: form.action == Action::DealerPin,
        bank: bank.id.clone(),
        form: form.name.clone(),
        old: secret(text, captures.pin.as_ref()).unwrap_or_default(),
        new: secret(text, captures.new_pin.as_ref()).unwrap_or_default(),
        language: form.language,
    }
}

fn secret(text: &Normalised<'_>, kept: Option<&((), Range<usize>)>) -> Option<Zeroizing<String>> {
    kept.and_then(|((), range)| text.folded().get(range.clone())).map(|digits| Zeroizing::new(digits.to_owned()))
}

/// An operator that is named has to be that of the number, where the plan knows it.
pub(super) fn named_operator(captures: &Captures, target: &Target) -> Result<(), Violation> {
    let Target::Line(Line { operator: Some(of_number), .. }) = target else { return Ok(()) };
    match captures.operators().find(|(named, _)| **of_number != **named) {
        None => Ok(()),
        Some((_, at)) => {
            let mut violation = Violation::new(Reason::OperatorNotOffered, at);
            violation.operator = Some(of_number.to_string());
            Err(violation)
        }
    }
}

/// The amount that is written, or the form's price.
fn amount(form: &Form, captures: &Captures, target: &Target) -> Result<Option<Amount>, Violation> {
    let at = captures.amount.as_ref().map_or(0, |(_, range)| range.start);
    let number_at = captures.line().map_or(at, |(_, range)| range.start);
    let cents = captures.amount.as_ref().map(|(cents, _)| *cents);
    let price = form.price.or_else(|| captures.price());
    let checked = check(&form.limits, target, cents.filter(|_| price.is_none()), (number_at, at))?;
    Ok(price.or(checked))
}

/// The account, the user name or the number in the message.
pub(super) fn named_target(form: &Form, captures: &Captures, text: &Normalised<'_>) -> Option<Target> {
    if let Some(account) = captures.account(text.folded()).filter(|_| form.action == Action::Recharge) {
        return Some(Target::Account(account));
    }
    if let Some(((), range)) = &captures.username {
        return Some(Target::Username(text.as_typed(range.clone()).into_owned()));
    }
    captures.line().map(|(line, _)| Target::Line(line.clone()))
}

/// The account of a message that does not name one.
fn unnamed_target(bank: &Bank, form: &Form, message: &Incoming<'_>, plan: &NumberingPlan) -> Result<Target, Violation> {
    let (digits, registered) = match form.target {
        FormTarget::Own => (message.from, false),
        FormTarget::Registered => (message.from, true),
        FormTarget::Destination => (destination_tail(bank, message.to), false),
    };
    match sender_line(digits, plan) {
        Ok(line) if line.kind == LineKind::Mobile && registered => Ok(Target::Registered(line.msisdn)),
        Ok(line) if line.kind == LineKind::Mobile && form.service != Service::Fixed => Ok(Target::Line(line)),
        Ok(line) if line.kind == LineKind::Fixed && form.service == Service::Fixed => Ok(Target::Line(line)),
        Ok(_) => Err(sender_violation(Reason::NumberWrongKind, digits)),
        Err(NumberProblem::WrongLength) if form.target == FormTarget::Destination => {
            Err(sender_violation(Reason::NumberWrongLength, digits))
        }
        Err(_) => Err(sender_violation(Reason::NumberUnknown, digits)),
    }
}

fn sender_violation(reason: Reason, digits: &str) -> Violation {
    let mut violation = Violation::new(reason, 0);
    violation.value = Some(digits.to_owned());
    violation
}

/// The digits behind the short code in the destination address.
fn destination_tail<'m>(bank: &Bank, to: &'m str) -> &'m str {
    let tail = bank.short_codes.iter().filter_map(|code| to.strip_prefix(code.as_str())).min_by_key(|tail| tail.len());
    tail.unwrap_or_default()
}

/// A number as an address has it: international, mostly without `+`; some links give national numbers.
pub(super) fn sender_line(address: &str, plan: &NumberingPlan) -> Result<Line, NumberProblem> {
    let digits = address.strip_prefix('+').unwrap_or(address);
    let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let international = if all_digits { digits.parse::<Msisdn>().ok() } else { None };
    if let Some(line) = international.and_then(|msisdn| plan.line(msisdn)) {
        return Ok(line);
    }
    match number::any(address, 0, number::Grouping::default(), plan) {
        Ok(found) if found.end == address.len() => Ok(found.line),
        Err(Miss { problem: Problem::Number(problem), .. }) => Err(problem),
        _ => Err(NumberProblem::NotInPlan),
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
    cents: Option<i64>,
    (number_at, at): (usize, usize),
) -> Result<Option<Amount>, Violation> {
    if limits.whole_euros && cents.is_some_and(|cents| cents % 100 != 0) {
        return Err(Violation::new(Reason::AmountNotWhole, at));
    }
    let operator = match target {
        Target::Line(line) if line.kind == LineKind::Mobile => Some(line.operator.as_deref()),
        _ => None,
    };
    if let Some(operator) = operator {
        offered_operator(limits, operator, number_at)?;
    }
    let Some(cents) = cents else { return Ok(None) };
    let of_operator = operator.flatten().and_then(|operator| limits.operators.iter().find(|(id, _)| id == operator));
    let of_operator = of_operator.map(|(_, limits)| limits);
    let min = of_operator.and_then(|limits| limits.min).unwrap_or(limits.min);
    let max = of_operator.and_then(|limits| limits.max).unwrap_or(limits.max);
    let amount = match Amount::from_cents(cents) {
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

/// As a customer writes it: whole euros without cents.
pub(super) fn written(amount: Amount) -> String {
    if amount.is_whole_euros() { amount.whole_euros().to_string() } else { format_cents(amount.cents()) }
}
