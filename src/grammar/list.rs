//! Lists: several top-ups in one text, written `<{msisdn} {amount}>`.

use super::action::Action;
use super::allowed::{ListedItem, Violation};
use super::assemble::{assemble as assemble_one, named_target};
use super::captured::kept;
use super::fields::{Captures, Field, Listed};
use super::form::{Bank, Form};
use super::form_file::FormFile;
use super::lower::{Fault, fault_of};
use super::message::{Incoming, ListRequest, Reading};
use super::path::{Mark, Step};
use super::separators::Separators;
use crate::domain::{Fields, NumberingPlan, Reason, Request, Target};
use crate::text::normalise::Normalised;

/// Fields that no list can have, and neither can a form with a list beside it.
const NOWHERE: [Field; 3] = [Field::Text, Field::Voucher, Field::NewPin];

/// The row as it would be without a list: one item in place of all.
pub(super) fn single(row: &[Step]) -> Vec<Step> {
    let ends = row.iter().enumerate().filter(|(_, step)| matches!(step, Step::List(Mark::End)));
    let ends: Vec<usize> = ends.map(|(place, _)| place).collect();
    let is_further = |place: usize| {
        let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return false };
        (*first..=*last).contains(&place)
    };
    let kept = row.iter().enumerate().filter(|(place, step)| !is_further(*place) && !matches!(step, Step::List(_)));
    kept.map(|(_, step)| step.clone()).collect()
}

/// The fault of a row with a list, or of a form whose key `list` says nothing. `between` stands between its items.
pub(super) fn fault(row: &[Step], form: &FormFile, between: Separators) -> Option<Fault> {
    let fault = |message: String, help: &str| fault_of::<()>(message, help).err();
    let Some((item, beside)) = parts(row) else {
        let message = "`list` in a form without a list".to_owned();
        let help = "write < and > around what is repeated, as <{msisdn} {amount}>, or take `list` out";
        return form.list.as_ref().and_then(|_| fault(message, help));
    };
    if form.action != Action::Recharge {
        let message = format!("a list in a form of action `{}`: only top-ups can be listed", form.action.as_str());
        return fault(message, "leave `action` out, or write the form for one at a time");
    }
    if form.reply.is_some() {
        return fault(
            "a `reply` in a form with a list".to_owned(),
            "take it out: a list has a reply that names all items",
        );
    }
    if !item.iter().any(Step::names_target) {
        let help = "write {msisdn}, {landline}, {username} or an account of your own between < and >";
        return fault("a list whose items name nobody".to_owned(), help);
    }
    let named = |step: &&Step| step.field().is_some_and(|field| NOWHERE.contains(&field));
    if let Some(field) = item.iter().chain(&beside).find(named).and_then(Step::field) {
        return fault(
            format!("`{{{}}}` in a form with a list", field.name()),
            "take it out, or write a form without a list",
        );
    }
    if let Some(secret) = item.iter().find(|step| step.pin().is_some()).and_then(name) {
        return fault(format!("`{{{secret}}}` in each item of a list"), "put it before the < or behind the >");
    }
    if item.iter().filter(|step| step.is_value()).all(is_any_word) && (between.space || between.newline) {
        let help = "let a sign separate them: list = { separators = [\"comma\"] }";
        return fault(
            "a space or a line break between items that are any words: a word too much would be one more".to_owned(),
            help,
        );
    }
    let twice =
        item.iter().filter_map(name).find(|inside| beside.iter().filter_map(name).any(|other| other == *inside));
    twice.and_then(|name| fault(format!("`{{{name}}}` stands in the list and beside it"), "keep one of them"))
}

/// Tells whether the value may be any word of a text.
fn is_any_word(step: &Step) -> bool {
    match step.own() {
        Some(own) => own.is_any_word(),
        None => matches!(step.field(), Some(Field::Username | Field::Reference)),
    }
}

/// The steps of the first item, and those beside the list; `None` if the row has none.
fn parts(row: &[Step]) -> Option<(Vec<Step>, Vec<Step>)> {
    let begin = row.iter().position(|step| matches!(step, Step::List(Mark::Begin)))?;
    let end = row.iter().position(|step| matches!(step, Step::List(Mark::End)))?;
    let last = row.iter().rposition(|step| matches!(step, Step::List(_)))?;
    let item = row.get(begin + 1..end)?.to_vec();
    Some((item, [row.get(..begin)?, row.get(last + 1..)?].concat()))
}

fn name(step: &Step) -> Option<&str> {
    step.field().map(Field::name).or_else(|| step.own().map(|own| own.name.as_str()))
}

/// The requests of a list, or the first reason why one of them is not done.
pub(super) fn assemble(
    bank: &Bank,
    form: &Form,
    (captures, list): (&Captures, &Listed),
    message: &Incoming<'_>,
    text: &Normalised<'_>,
    plan: &NumberingPlan,
) -> Result<Reading, Violation> {
    let mut items: Vec<Request> = Vec::with_capacity(list.items.len());
    let mut fields = kept(form, captures, text);
    for (place, item) in (1..).zip(&list.items) {
        let values = captures.with(item);
        let read = assemble_one(bank, form, &values, message, text, plan);
        let Reading::Recharge(mut request) = read.map_err(|violation| in_item(violation, form, &values, text))? else {
            return Err(Violation::new(Reason::Unreadable, 0));
        };
        if items.iter().any(|earlier| (earlier.service, &earlier.target) == (request.service, &request.target)) {
            return Err(twice(values, request.target, text, plan));
        }
        if let Some(((), range)) =
            item.reference.as_ref().filter(|_| items.iter().any(|earlier| earlier.reference == request.reference))
        {
            let value = request.reference;
            return Err(Violation { value, ..Violation::new(Reason::ListNamesTwice, range.start) });
        }
        if place > 1 && item.reference.is_none() {
            request.reference = request.reference.map(|reference| format!("{reference}/{place}"));
        }
        let item = Captures { secrets: captures.secrets.clone(), ..item.clone() };
        add(&mut fields, &kept(form, &item, text), place);
        items.push(request);
    }
    Ok(match <[Request; 1]>::try_from(items) {
        Ok([request]) => Reading::Recharge(request),
        Err(items) => Reading::List(ListRequest { bank: bank.id.clone(), form: form.name.clone(), items, fields }),
    })
}

/// The violation with the item of which it is.
fn in_item(violation: Violation, form: &Form, values: &Captures, text: &Normalised<'_>) -> Violation {
    let item = named_target(form, values, text).map(|target| ListedItem { captures: values.clone(), target });
    Violation { item: item.map(Box::new), ..violation }
}

/// Adds the fields of an item; from the second on, its place is behind their names.
fn add(fields: &mut Fields, item: &Fields, place: usize) {
    for field in item.iter() {
        let name = if place > 1 { format!("{}.{place}", field.name) } else { field.name.clone() };
        fields.push_typed(name, field.value.clone(), field.compared());
    }
}

fn twice(values: Captures, target: Target, text: &Normalised<'_>, plan: &NumberingPlan) -> Violation {
    let at = values.line().map(|(_, range)| range.start);
    let at = at.or_else(|| values.username.as_ref().map(|((), range)| range.start));
    let at =
        at.or_else(|| values.own.iter().find(|own| own.account(text.folded()).is_some()).map(|own| own.range.start));
    let value = match &target {
        Target::Line(line) => plan.national(line.msisdn),
        Target::Username(name) => name.clone(),
        Target::Registered(phone) => plan.national(*phone),
        Target::Account(account) => account.identifier().to_owned(),
    };
    let item = Some(Box::new(ListedItem { captures: values, target }));
    Violation { value: Some(value), item, ..Violation::new(Reason::ListNamesTwice, at.unwrap_or(0)) }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
