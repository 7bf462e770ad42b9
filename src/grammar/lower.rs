//! From the items of a form's text to plain rows of steps, one for each way through it.

use super::fields::amount::{AmountShape, Decimals};
use super::fields::number::{Grouping, NumberShape};
use super::file::{Action, FormFile, FormTarget};
use super::form::{Separators, Step, Word};
use super::pattern::{Field, Node, Width};
use crate::domain::{LineKind, Service};
use crate::text::normalise::keyword_spellings;

/// Most ways through one form; a form with more is better written as several.
const ROWS_MAX: usize = 256;

/// Most steps of one row.
const STEPS_MAX: usize = 64;

/// What is wrong with a form, and what to do about it.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: String,
}

fn fault_of<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { message: message.into(), help: help.into() })
}

/// One item of a row before its neighbours are known.
#[derive(Clone)]
enum Item {
    Word(String),
    Field(Field, Width),
    Separator(bool),
}

/// Every way through the nodes.
pub(super) fn rows(nodes: &[Node], set: Separators) -> Result<Vec<Vec<Step>>, Fault> {
    let mut rows = Vec::new();
    for items in expand(nodes)? {
        for items in with_and_without_gaps(merged(items)) {
            let row = row(&items, set)?;
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        if rows.len() > ROWS_MAX {
            return too_many_rows();
        }
    }
    Ok(rows)
}

/// `duo_tv` becomes `duo tv` and `duotv`, so that each of them is a keyword to be found by.
fn with_and_without_gaps(items: Vec<Item>) -> Vec<Vec<Item>> {
    let gap =
        items.windows(3).position(|three| matches!(three, [Item::Word(_), Item::Separator(false), Item::Word(_)]));
    let Some(gap) = gap else { return vec![items] };
    let mut with = items.clone();
    let mut without = items;
    without.remove(gap + 1);
    if let Some(separator) = with.get_mut(gap + 1) {
        *separator = Item::Separator(true);
    }
    [merged(without), with].into_iter().flat_map(with_and_without_gaps).collect()
}

fn too_many_steps<T>() -> Result<T, Fault> {
    fault_of(format!("a form of more than {STEPS_MAX} items"), "write it as several forms")
}

fn too_many_rows<T>() -> Result<T, Fault> {
    fault_of(format!("a form with more than {ROWS_MAX} ways through it"), "write it as several forms")
}

fn expand(nodes: &[Node]) -> Result<Vec<Vec<Item>>, Fault> {
    let mut rows: Vec<Vec<Item>> = vec![Vec::new()];
    for node in nodes {
        let branches: Vec<Vec<Item>> = match node {
            Node::Word(word) => vec![vec![Item::Word(word.clone())]],
            Node::Field(field, width) => vec![vec![Item::Field(*field, *width)]],
            Node::Separator { required } => vec![vec![Item::Separator(*required)]],
            Node::Either(branches) => {
                let mut all = Vec::new();
                for branch in branches {
                    all.extend(expand(branch)?);
                }
                all
            }
            Node::Optional(inside) => {
                // Without comes first: the first way is the one that is shown.
                let mut all = vec![Vec::new()];
                all.extend(expand(inside)?);
                all
            }
        };
        if rows.iter().any(|row| row.len() > 2 * STEPS_MAX) {
            return too_many_steps();
        }
        if rows.len() * branches.len() > ROWS_MAX {
            return too_many_rows();
        }
        rows =
            rows.iter().flat_map(|row| branches.iter().map(move |branch| [&row[..], &branch[..]].concat())).collect();
    }
    Ok(rows)
}

/// Words that touch become one, separators that touch become one, and none stands at an end.
fn merged(items: Vec<Item>) -> Vec<Item> {
    let mut row: Vec<Item> = Vec::new();
    for item in items {
        match (row.last_mut(), item) {
            (Some(Item::Word(before)), Item::Word(word)) => before.push_str(&word),
            (Some(Item::Separator(before)), Item::Separator(required)) => *before |= required,
            (None, Item::Separator(_)) => {}
            (_, item) => row.push(item),
        }
    }
    if matches!(row.last(), Some(Item::Separator(_))) {
        row.pop();
    }
    row
}

fn row(items: &[Item], set: Separators) -> Result<Vec<Step>, Fault> {
    if items.len() > STEPS_MAX {
        return too_many_steps();
    }
    let with_currency = items.iter().any(|item| matches!(item, Item::Field(Field::Currency, _)));
    let mut steps = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let next = items.get(index + 1);
        let glued = matches!(next, Some(Item::Field(..)));
        let open_ended = glued || matches!(next, Some(Item::Separator(false)));
        steps.push(match item {
            Item::Word(written) => Step::Word(word(written, open_ended)?),
            Item::Separator(required) => Step::Separator { required: *required, set },
            Item::Field(field, width) => {
                let sign = match next {
                    Some(Item::Word(word)) => word.chars().next(),
                    _ => None,
                };
                let surroundings = Surroundings { glued, sign, set, with_currency };
                let step = field_step(*field, *width, surroundings);
                if glued && !is_fixed_width(*field, *width) {
                    return fault_of(
                        format!(
                            "`{{{}}}` is followed by another value at once, and nobody can tell where it ends",
                            field.name()
                        ),
                        format!("put a space between them, or give it a width: `{{{}:9}}`", field.name()),
                    );
                }
                step
            }
        });
    }
    Ok(steps)
}

fn is_fixed_width(field: Field, width: Width) -> bool {
    let sized = matches!(
        field,
        Field::Amount | Field::Msisdn | Field::Landline | Field::Pin | Field::Voucher | Field::Reference
    );
    sized && width.low.is_some() && width.high.is_none_or(|high| Some(high) == width.low)
}

/// A word with every spelling that counts as it.
pub(super) fn word(written: &str, glued: bool) -> Result<Word, Fault> {
    match keyword_spellings(written) {
        Ok(spellings) if spellings.iter().all(|spelling| !spelling.is_empty()) => {
            Ok(Word { written: written.to_owned(), spellings, glued })
        }
        Ok(_) => fault_of(format!("`{written}` is nothing that can be typed"), "write letters or signs"),
        Err(error) => fault_of(format!("`{written}` can never be read: {error}"), "write plain letters"),
    }
}

/// What stands around a value in its form.
#[derive(Clone, Copy)]
struct Surroundings {
    /// Another value follows at once.
    glued: bool,
    /// This character follows at once.
    sign: Option<char>,
    set: Separators,
    /// The form has a field for the currency.
    with_currency: bool,
}

impl Surroundings {
    /// Whether a sign separates values here, so that it cannot be within one.
    fn separates(self, sign: char) -> bool {
        self.set.has(sign) || self.sign == Some(sign)
    }
}

fn field_step(field: Field, width: Width, around: Surroundings) -> Step {
    let glued = around.glued;
    let span = |low: u32, high: u32| {
        let least = width.low.unwrap_or(low);
        (least, width.high.or(width.low).unwrap_or(high))
    };
    let number = |kind| {
        let grouping = Grouping { space: true, dash: !around.separates('-'), slash: !around.separates('/') };
        Step::Number(NumberShape { kind, grouping, width: width.low })
    };
    match field {
        Field::Amount => Step::Amount(AmountShape {
            decimals: Decimals { comma: !around.separates(','), stop: !around.separates('.') },
            width: width.low,
            cents: width.cents,
            currency: !around.with_currency && !glued,
        }),
        Field::Msisdn => number(LineKind::Mobile),
        Field::Landline => number(LineKind::Fixed),
        Field::Username => Step::Username,
        Field::Service => Step::Service,
        Field::Pin | Field::NewPin => Step::Digits { field, width: span(4, 8), glued, grouped: false },
        Field::Voucher => Step::Digits { field, width: span(16, 16), glued, grouped: width.grouped },
        Field::Reference => Step::Reference { width: span(1, 32), glued, may_be_number: true },
        Field::Currency => Step::Currency,
        Field::Operator => Step::Operator,
        Field::Date => Step::Date,
        Field::Number => Step::Integer { range: span(0, 999_999) },
        Field::Text => Step::Text,
    }
}

/// What is wrong with a row as a whole, for what its form asks.
pub(super) fn fault(row: &[Step], form: &FormFile, has_services: bool) -> Option<Fault> {
    for field in Field::ALL {
        if row.iter().filter(|step| step.field() == Some(field)).count() > 1 {
            return fault_of::<()>(format!("`{{{}}}` stands twice in one form", field.name()), "take one of them out")
                .err();
        }
    }
    let has = |field| row.iter().any(|step| step.field() == Some(field));
    if has(Field::Text) && row.last().and_then(Step::field) != Some(Field::Text) {
        return fault_of::<()>("something follows `{text}`, which takes all that is left", "put `{text}` at the end")
            .err();
    }
    if has(Field::Service) && !has_services {
        return fault_of::<()>("`{service}` without words for it", "list them: [services]\ntv = [\"tv\"]").err();
    }
    match form.action {
        action if action.giving().is_some() => return transfer_fault(&has, form),
        action if action.is_pin() && (!has(Field::Pin) || !has(Field::NewPin)) => {
            return fault_of::<()>("a change of the PIN without the old one or the new one", "write {pin} {new_pin}")
                .err();
        }
        _ => {}
    }
    if has(Field::NewPin) && !form.action.is_pin() {
        return fault_of::<()>("`{new_pin}` in a form that changes no PIN", "add action = \"pin\"").err();
    }
    if form.action != Action::Recharge {
        let idle = [Field::Amount, Field::Msisdn, Field::Landline, Field::Username, Field::Service, Field::Voucher];
        return idle.into_iter().find(|&field| has(field)).and_then(|field| {
            let message = format!("a form of action `{}` has no use for `{{{}}}`", form.action.as_str(), field.name());
            fault_of::<()>(message, "take it out, or leave `action` out").err()
        });
    }
    recharge_fault(&has, form)
}

fn transfer_fault(has: &impl Fn(Field) -> bool, form: &FormFile) -> Option<Fault> {
    let fault = |message: String, help: &str| fault_of::<()>(message, help).err();
    if !has(Field::Msisdn) || !has(Field::Amount) {
        return fault(
            "a transfer of credit without a number or an amount".to_owned(),
            "write {msisdn} and {amount} in it",
        );
    }
    let idle = [Field::Landline, Field::Username, Field::Service, Field::Voucher, Field::Reference];
    if let Some(field) = idle.into_iter().find(|&field| has(field)) {
        let message = format!("a form of action `{}` has no use for `{{{}}}`", form.action.as_str(), field.name());
        return fault(message, "take it out");
    }
    if form.service.is_some() || form.target.is_some() || form.price.is_some() {
        return fault("a transfer of credit with a service, a target or a price".to_owned(), "take them out");
    }
    None
}

fn recharge_fault(has: &impl Fn(Field) -> bool, form: &FormFile) -> Option<Fault> {
    let whom = [Field::Msisdn, Field::Landline, Field::Username].into_iter().filter(|&field| has(field)).count();
    let service = form.service.as_ref().map(|service| service.value);
    let is_line = matches!(service, None | Some(Service::Mobile | Service::Fixed)) && !has(Field::Service);
    let named = |message: &str, help: &str| fault_of::<()>(message, help).err();
    if whom > 1 {
        return named("a form that names two targets", "keep one of {msisdn}, {landline}, {username}");
    }
    if has(Field::Username) && is_line {
        return named("`{username}` without a service that has user names", "add service = \"tv\"");
    }
    if is_line && !has(Field::Amount) && form.price.is_none() && !has(Field::Voucher) {
        return named("a top-up without an amount", "write {amount} in it, or give it a price: price = 5");
    }
    if has(Field::Amount) && form.price.is_some() {
        return named("a form with both {amount} and a `price`", "keep one of them");
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
