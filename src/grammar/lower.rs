//! From the items of a form's text to plain rows of steps, one for each way through it.

use super::action::{Action, FormTarget};
use super::fields::kind::{Around, Width, Widths};
use super::fields::{Field, Value};
use super::form::{Step, Word};
use super::form_file::FormFile;
use super::forward;
use super::pattern::Node;
use super::separators::Separators;
use crate::domain::Service;
use crate::text::normalise::keyword_spellings;

/// Most ways through one form; a form with more is better written as several.
const ROWS_MAX: usize = 256;

/// Most steps of one row.
const STEPS_MAX: usize = 64;

/// A fault of a form, and its correction.
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
                let value = Value::new(*field, *width, Around { glued, sign, set, with_currency });
                if glued && !is_fixed_width(*field, *width) {
                    return fault_of(
                        format!(
                            "`{{{}}}` is followed by another value at once, and nobody can tell where it ends",
                            field.name()
                        ),
                        format!("put a space between them, or give it a width: `{{{}:9}}`", field.name()),
                    );
                }
                Step::Value(value)
            }
        });
    }
    Ok(steps)
}

fn is_fixed_width(field: Field, width: Width) -> bool {
    matches!(field.facts().width, Widths::Size(_))
        && width.low.is_some()
        && width.high.is_none_or(|high| Some(high) == width.low)
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

/// The fault of a row as a whole, for the action of its form.
pub(super) fn fault(row: &[Step], form: &FormFile, has_services: bool) -> Option<Fault> {
    let fields: Vec<Field> = row.iter().filter_map(Step::field).collect();
    let fault = |message: String, help: &str| fault_of::<()>(message, help).err();
    if let Some(field) = Field::ALL.iter().find(|&field| fields.iter().filter(|known| *known == field).count() > 1) {
        return fault(format!("`{{{}}}` stands twice in one form", field.name()), "take one of them out");
    }
    let behind = fields.iter().find(|field| field.facts().takes_the_rest);
    if let Some(field) = behind.filter(|field| row.last().and_then(Step::field) != Some(**field)) {
        let message = format!("something follows `{{{}}}`, which takes all that is left", field.name());
        return fault(message, &format!("put `{{{}}}` at the end", field.name()));
    }
    if fields.contains(&Field::Service) && !has_services {
        return fault("`{service}` without words for it".to_owned(), "list them: [services]\ntv = [\"tv\"]");
    }
    let has = |field| fields.contains(&field);
    let action = form.action;
    if action.giving().is_some() && !(has(Field::Msisdn) && has(Field::Amount)) {
        let message = "a transfer of credit without a number or an amount";
        return fault(message.to_owned(), "write {msisdn} and {amount} in it");
    }
    if action.is_pin() && !(has(Field::Pin) && has(Field::NewPin)) {
        return fault("a change of the PIN without the old one or the new one".to_owned(), "write {pin} {new_pin}");
    }
    if let Some(field) = fields.iter().find(|field| !(field.facts().serves)(action)) {
        return Some(idle(*field, action));
    }
    match action {
        Action::Recharge => recharge_fault(&has, form),
        Action::Forward => {
            forward::without_meaning(form, has(Field::Amount)).and_then(|(message, help)| fault(message, help))
        }
        _ if action.giving().is_some() && (form.service.is_some() || form.target.is_some() || form.price.is_some()) => {
            fault("a transfer of credit with a service, a target or a price".to_owned(), "take them out")
        }
        _ => None,
    }
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

fn recharge_fault(has: &impl Fn(Field) -> bool, form: &FormFile) -> Option<Fault> {
    let whom = Field::ALL.iter().filter(|field| field.facts().names_target && has(**field)).count();
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
