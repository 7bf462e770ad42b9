//! From what a path captured to a request, under the rules of its bank: whose number, which operator, which amounts.

use std::ops::Range;

use zeroize::Zeroizing;

use super::action::{Action, FormTarget};
use super::allowed::{Violation, check};
use super::captured::kept;
use super::fields::miss::{Miss, Problem};
use super::fields::{Captures, number};
use super::form::{Bank, Form};
use super::message::{Giving, Incoming, PinRequest, Reading, TransferRequest, VoucherRequest};
use crate::domain::{Amount, Line, LineKind, Msisdn, NumberProblem, NumberingPlan, Reason, Request, Service, Target};
use crate::text::normalise::Normalised;

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
    let service = service(form, captures, &target);
    named_service(captures, &target, service)?;
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
        service,
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

/// A word that names credit of a mobile or of a fixed line has to be of the kind of the number.
fn named_service(captures: &Captures, target: &Target, service: Service) -> Result<(), Violation> {
    let Target::Line(line) = target else { return Ok(()) };
    let fits = match service {
        Service::Mobile => line.kind == LineKind::Mobile,
        Service::Fixed => line.kind == LineKind::Fixed,
        Service::Internet | Service::Tv | Service::DuoTv | Service::DuoFix | Service::Account => true,
    };
    let at = captures.line().map_or(0, |(_, range)| range.start);
    if fits { Ok(()) } else { Err(Violation::new(Reason::NumberWrongKind, at)) }
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
    let minor = captures.amount.as_ref().map(|(minor, _)| *minor);
    let price = form.price.or_else(|| captures.price());
    let checked = check(&form.limits, target, minor.filter(|_| price.is_none()), (number_at, at))?;
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
    let is_international = all_digits && digits.parse::<Msisdn>().is_ok();
    if is_international && let Ok(line) = plan.read(digits, true) {
        return Ok(line);
    }
    match number::any(address, 0, number::Grouping::default(), plan) {
        Ok(found) if found.end == address.len() => Ok(found.line),
        Err(Miss { problem: Problem::Number(problem), .. }) => Err(problem),
        _ => Err(NumberProblem::NotInPlan),
    }
}
