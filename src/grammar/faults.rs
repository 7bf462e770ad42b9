//! Faults of a form that its text alone does not show: what its action has no use for, what it needs and does not have,
//! what it says twice.

use super::action::{Action, FormTarget};
use super::fields::Field;
use super::fields::own::OwnField;
use super::form_file::FormFile;
use super::forward;
use super::lower::{Fault, fault_of};
use super::path::Step;
use super::walk::Placed;
use crate::domain::Service;

/// The fault of a row as a whole, for the action of its form.
pub(super) fn fault(row: &[Step], form: &FormFile, has_services: bool) -> Option<Fault> {
    let row = Row::of(row);
    let fault = |message: String, help: &str| fault_of::<()>(message, help).err();
    if let Some(field) = row.before_the_end {
        let message = format!("something follows `{{{}}}`, which takes all that is left", field.name());
        return fault(message, &format!("put `{{{}}}` at the end", field.name()));
    }
    if row.has(Field::Service) && !has_services {
        return fault("`{service}` without words for it".to_owned(), "list them: [services]\ntv = [\"tv\"]");
    }
    let action = form.action;
    if action.is_pin() && !(row.has(Field::Pin) && row.has(Field::NewPin)) {
        return fault("a change of the PIN without the old one or the new one".to_owned(), "write {pin} {new_pin}");
    }
    if let Some(field) = row.fields.iter().find(|field| !(field.facts().serves)(action)) {
        return Some(idle(*field, action));
    }
    if let Some(account) = row.accounts().first().filter(|_| action.is_request() && action != Action::Recharge) {
        let message = format!("a form of action `{}` tops up no account, and has `{{{account}}}`", action.as_str());
        return fault(message, "take it out, or leave `action` out");
    }
    if let Some(name) = row.kept_only(form).find(|name| !action.is_request() && !is_discarded(name, form)) {
        let message = format!("a form of action `{}` keeps no `{{{name}}}`", action.as_str());
        return fault(message, &format!("take it out, or say that it is not kept: discard = [\"{name}\"]"));
    }
    match action {
        Action::Recharge => {
            let fault = priced_twice(&row, form).or_else(|| account_fault(&row, form));
            fault.or_else(|| recharge_fault(&row, form))
        }
        Action::Forward => {
            let has_target = row.fields.iter().any(|field| field.facts().names_target);
            let of_words = || row.own.iter().find_map(|field| forward::words_without_meaning(field, has_target));
            let found = forward::without_meaning(form, row.has(Field::Amount)).or_else(of_words);
            found.and_then(|(message, help)| fault(message, help))
        }
        _ if action.giving().is_some() => priced_twice(&row, form).or_else(|| giving_fault(&row, form)),
        _ => None,
    }
}

/// The values of a row, as far as its faults depend on them.
struct Row<'r> {
    fields: Vec<Field>,
    own: Vec<&'r OwnField>,
    /// A field that takes all that is left, and is not the last.
    before_the_end: Option<Field>,
}

impl<'r> Row<'r> {
    fn of(row: &'r [Step]) -> Self {
        let fields: Vec<Field> = row.iter().filter_map(Step::field).collect();
        let last = row.last().and_then(Step::field);
        let mut greedy = fields.iter().filter(|field| field.facts().takes_the_rest);
        let before_the_end = greedy.find(|field| last != Some(**field)).copied();
        Self { fields, own: row.iter().filter_map(Step::own).collect(), before_the_end }
    }

    fn has(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }

    /// The text has a word that names a service.
    fn names_service(&self) -> bool {
        self.has(Field::Service) || self.own.iter().any(|field| field.has_service())
    }

    /// The form, or a word of its text, sets the price.
    fn prices(&self, form: &FormFile) -> usize {
        usize::from(form.price.is_some()) + self.own.iter().filter(|field| field.has_price()).count()
    }

    /// Values that have no place in a request: they are kept with the message, under their names.
    fn kept_only(&self, form: &FormFile) -> impl Iterator<Item = &str> {
        let known = self.fields.iter().filter(|field| KEPT_ONLY.contains(field)).map(|field| field.name());
        let is_target = |field: &OwnField| form.action == Action::Recharge && field.account().is_some();
        let own = self.own.iter().filter(move |field| !field.has_price() && !is_target(field));
        known.chain(own.map(|field| field.name.as_str()))
    }

    /// The names of its fields that name an account.
    fn accounts(&self) -> Vec<&str> {
        let accounts = self.own.iter().filter(|field| field.account().is_some());
        let mut names: Vec<&str> = accounts.map(|field| field.name.as_str()).collect();
        names.dedup();
        names
    }

    /// The text has a word that names an operator.
    fn names_operator(&self) -> bool {
        self.has(Field::Operator) || self.own.iter().any(|field| field.has_operator())
    }
}

/// Fields that have no place in a request.
const KEPT_ONLY: [Field; 3] = [Field::Date, Field::Number, Field::Text];

fn is_discarded(name: &str, form: &FormFile) -> bool {
    form.discard.iter().any(|discarded| discarded.value == name)
}

/// A name of `discard` that no row has, or whose value is used.
pub(super) fn discard_fault<'f>(rows: &[Vec<Step>], form: &'f FormFile) -> Option<(&'f Placed<String>, String)> {
    let rows: Vec<Row<'_>> = rows.iter().map(|row| Row::of(row)).collect();
    let wrong =
        form.discard.iter().find(|name| !rows.iter().any(|row| row.kept_only(form).any(|kept| kept == name.value)))?;
    let is_field = Field::ALL.iter().any(|field| field.name() == wrong.value && rows.iter().any(|row| row.has(*field)));
    let is_account = rows.iter().any(|row| row.accounts().contains(&wrong.value.as_str()));
    let why = if is_field || is_account { "the form uses its value" } else { "the form has no such field" };
    Some((wrong, format!("`{}` cannot be discarded: {why}", wrong.value)))
}

/// A value that the form's action has no use for.
fn idle(field: Field, action: Action) -> Fault {
    let help = match field {
        Field::NewPin => "add action = \"pin\"",
        _ if action == Action::Recharge || action.giving().is_some() => "take it out",
        _ => "take it out, or leave `action` out",
    };
    let message = format!("a form of action `{}` has no use for `{{{}}}`", action.as_str(), field.name());
    Fault { message, help: help.to_owned() }
}

fn priced_twice(row: &Row<'_>, form: &FormFile) -> Option<Fault> {
    let prices = row.prices(form);
    let named = |message: &str| fault_of::<()>(message, "keep one of them").err();
    if row.has(Field::Amount) && form.price.is_some() {
        return named("a form with both {amount} and a `price`");
    }
    if row.has(Field::Amount) && prices > 0 {
        return named("a form with both {amount} and a word that has a price");
    }
    if prices > 1 { named("a form with two prices") } else { None }
}

fn giving_fault(row: &Row<'_>, form: &FormFile) -> Option<Fault> {
    let named = |message: &str, help: &str| fault_of::<()>(message, help).err();
    let by_destination = form.target.as_ref().is_some_and(|target| target.value == FormTarget::Destination);
    if form.target.is_some() && !by_destination {
        return named("a transfer of credit to the sender", "write target = \"destination\", or {msisdn} in the text");
    }
    if row.has(Field::Msisdn) && by_destination {
        return named("a form that names its target, and has a `target`", "take `target` out");
    }
    if !row.has(Field::Msisdn) && !by_destination {
        return named("a transfer of credit without a number", "write {msisdn} in it");
    }
    if !row.has(Field::Amount) && row.prices(form) == 0 {
        return named("a transfer of credit without an amount", "write {amount} in it, or give it a price: price = 5");
    }
    if form.service.is_some() || row.names_service() {
        return named("a transfer of credit with a service", "take it out");
    }
    None
}

/// A form whose text names an account of a kind that the file declares.
fn account_fault(row: &Row<'_>, form: &FormFile) -> Option<Fault> {
    let accounts = row.accounts();
    let account = *accounts.first()?;
    let fault = |message: String, help: &str| fault_of::<()>(message, help).err();
    let others = Field::ALL.iter().filter(|field| field.facts().names_target && row.has(**field));
    let named = accounts.iter().copied().chain(others.map(|field| field.name()));
    let named: Vec<String> = named.map(|name| format!("{{{name}}}")).collect();
    if named.len() > 1 {
        return fault("a form that names two targets".to_owned(), &format!("keep one of {}", named.join(", ")));
    }
    if form.target.is_some() {
        return fault("a form that names its target, and has a `target`".to_owned(), "take `target` out");
    }
    let with = if form.service.is_some() || row.names_service() {
        "a service"
    } else if form.operators.is_some() || !form.amount.operators.is_empty() || row.names_operator() {
        "an operator"
    } else if row.has(Field::Voucher) {
        "a scratch card"
    } else {
        return None;
    };
    fault(format!("{with} in a form that tops up `{{{account}}}`"), "take it out: only numbers and products have it")
}

fn recharge_fault(row: &Row<'_>, form: &FormFile) -> Option<Fault> {
    let has = |field| row.has(field);
    let whom = Field::ALL.iter().filter(|field| field.facts().names_target && has(**field)).count();
    let service = form.service.as_ref().map(|service| service.value);
    let is_line = matches!(service, None | Some(Service::Mobile | Service::Fixed)) && !row.names_service();
    let named = |message: &str, help: &str| fault_of::<()>(message, help).err();
    if whom > 1 {
        return named("a form that names two targets", "keep one of {msisdn}, {landline}, {username}");
    }
    if has(Field::Username) && is_line {
        return named("`{username}` without a service that has user names", "add service = \"tv\"");
    }
    if is_line && !has(Field::Amount) && row.prices(form) == 0 && !has(Field::Voucher) {
        return named("a top-up without an amount", "write {amount} in it, or give it a price: price = 5");
    }
    if has(Field::Landline) && service == Some(Service::Mobile) || has(Field::Msisdn) && service == Some(Service::Fixed)
    {
        return named(
            "the service and the kind of number do not agree",
            "{msisdn} is a mobile, {landline} a fixed line",
        );
    }
    if whom > 0 && form.target.is_some() {
        return named("a form that names its target, and has a `target`", "take `target` out");
    }
    let destination = form.target.as_ref().is_some_and(|target| target.value == FormTarget::Destination);
    if destination && !is_line {
        return named("only a number can stand in the destination address", "take `target` out");
    }
    None
}
