//! From the items of a form's text to plain rows of steps, one for each way through it.

use std::sync::Arc;

use super::fields::kind::{Around, Width, Widths};
use super::fields::own::OwnField;
use super::fields::own::file::OwnFields;
use super::fields::own::spec::Spec;
use super::fields::{Field, Value};
use super::list_file::ListShape;
use super::path::{Mark, More, Own, Step, Word};
use super::pattern::Node;
use super::separators::Separators;
use super::width;
use crate::text::normalise::keyword_spellings;

/// Most ways through one form; a form with more is better written as several.
const ROWS_MAX: usize = 256;

/// Most steps of one row.
const STEPS_MAX: usize = 64;

/// Most steps of one item of a list.
const LISTED_STEPS_MAX: usize = 12;

/// A fault of a form, and its correction.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: String,
}

pub(super) fn fault_of<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { message: message.into(), help: help.into() })
}

/// One item of a row before its neighbours are known.
#[derive(Clone)]
enum Item {
    Word(String),
    Field(Field, Width),
    Own(Arc<OwnField>),
    Separator(bool),
    /// One item of a list.
    List(Vec<Self>),
}

impl Item {
    /// Tells whether a value begins or ends here.
    fn is_value(&self) -> bool {
        match self {
            Self::Field(..) | Self::Own(_) => true,
            Self::Word(_) | Self::Separator(_) => false,
            Self::List(items) => items.iter().any(Self::is_value),
        }
    }
}

/// The rules that a form's text itself does not have.
#[derive(Clone, Copy)]
pub(super) struct Rules<'r> {
    pub(super) separators: Separators,
    /// The bank's own fields.
    pub(super) declared: &'r OwnFields,
    pub(super) list: ListShape,
}

/// Every way through the nodes.
pub(super) fn rows(nodes: &[Node], rules: Rules<'_>) -> Result<Vec<Vec<Step>>, Fault> {
    let mut rows = Vec::new();
    for items in expand(nodes, rules.declared)? {
        for items in with_and_without_gaps(merged(items)) {
            let with_currency = has_currency(&items);
            let row = row(&items, Context { rules, signs: rules.separators, with_currency })?;
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

fn expand(nodes: &[Node], declared: &OwnFields) -> Result<Vec<Vec<Item>>, Fault> {
    let mut rows: Vec<Vec<Item>> = vec![Vec::new()];
    for node in nodes {
        let branches: Vec<Vec<Item>> = match node {
            Node::Word(word) => vec![vec![Item::Word(word.clone())]],
            Node::Field(field, width) => vec![vec![Item::Field(*field, *width)]],
            Node::Own(name, spec) => vec![vec![Item::Own(own(name, *spec, declared)?)]],
            Node::Separator { required } => vec![vec![Item::Separator(*required)]],
            Node::List(inside) => {
                let ways = expand(inside, declared)?.into_iter().map(merged).flat_map(with_and_without_gaps);
                ways.map(|way| vec![Item::List(way)]).collect()
            }
            Node::Either(branches) => {
                let mut all = Vec::new();
                for branch in branches {
                    all.extend(expand(branch, declared)?);
                }
                all
            }
            Node::Optional(inside) => {
                // Without comes first: the first way is the one that is shown.
                let mut all = vec![Vec::new()];
                all.extend(expand(inside, declared)?);
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

/// The field that a form names: one of the file's, or one that the form itself declares.
fn own(name: &str, spec: Option<Spec>, declared: &OwnFields) -> Result<Arc<OwnField>, Fault> {
    match (spec, declared.get(name)) {
        (Some(spec), _) => Ok(Arc::new(OwnField::inline(name, spec))),
        (None, Some(field)) => Ok(field.clone()),
        (None, None) => fault_of(format!("there is no field `{name}`"), "declare it under [fields]"),
    }
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

/// The surroundings of a row of items.
#[derive(Clone, Copy)]
struct Context<'r> {
    rules: Rules<'r>,
    /// The separators that no value may hold.
    signs: Separators,
    /// The currency is a field of its own.
    with_currency: bool,
}

fn has_currency(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::Field(field, _) => *field == Field::Currency,
        Item::List(items) => has_currency(items),
        Item::Word(_) | Item::Own(_) | Item::Separator(_) => false,
    })
}

fn row(items: &[Item], context: Context<'_>) -> Result<Vec<Step>, Fault> {
    if items.len() > STEPS_MAX {
        return too_many_steps();
    }
    let set = context.rules.separators;
    let mut steps = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let next = items.get(index + 1);
        let glued = next.is_some_and(Item::is_value);
        let open_ended = glued || matches!(next, Some(Item::Separator(false)));
        match item {
            Item::Word(written) => steps.push(Step::Word(word(written, open_ended)?)),
            Item::Separator(required) => {
                let is_behind_list = matches!(steps.last(), Some(Step::List(_)));
                let set = if is_behind_list { set.and(context.rules.list.between) } else { set };
                steps.push(Step::Separator { required: *required, set });
            }
            Item::Field(field, width) => {
                let sign = match next {
                    Some(Item::Word(word)) => word.chars().next(),
                    _ => None,
                };
                let around = Around { glued, sign, set: context.signs, with_currency: context.with_currency };
                if glued && !is_fixed_width(*field, *width) {
                    return glued_fault(field.name(), width::apart(*field));
                }
                steps.push(Step::Value(Value::new(*field, *width, around)));
            }
            Item::Own(field) => steps.push(own_step(field, glued, context.signs)?),
            Item::List(item) => {
                if !matches!(next, None | Some(Item::Separator(true))) {
                    return fault_of("something touches the end of a list", "put a space behind the `>`");
                }
                steps.extend(list(item, context)?);
                let signs = Separators { space: false, newline: false, ..context.rules.list.between };
                if next.is_none() && signs.signs != 0 {
                    steps.push(Step::Separator { required: false, set: signs });
                }
            }
        }
    }
    Ok(steps)
}

fn own_step(field: &Arc<OwnField>, glued: bool, signs: Separators) -> Result<Step, Fault> {
    if glued && !field.is_fixed_width() {
        return glued_fault(&field.name, "put a space between them, or give it a fixed width");
    }
    if let Some(sign) = field.sign_of(|sign| signs.has(sign)) {
        let message = format!("`{sign}` separates fields here, and `{{{}}}` may hold it", field.name);
        return fault_of(message, "take it out of `separators`, or out of the pattern");
    }
    Ok(Step::Own(Own { field: field.clone(), glued }))
}

/// The items that a list must have, and those that it may have.
fn list(item: &[Item], context: Context<'_>) -> Result<Vec<Step>, Fault> {
    let ListShape { least, most, between } = context.rules.list;
    if item.len() > LISTED_STEPS_MAX {
        let help = format!("write fewer things between < and >, at most {LISTED_STEPS_MAX}");
        return fault_of(format!("a list whose items have {} things each", item.len()), help);
    }
    let signs = context.rules.separators.and(between);
    let item = row(item, Context { signs, ..context })?;
    let mut steps = vec![Step::List(Mark::Begin)];
    let further: Vec<Step> = std::iter::once(Step::Separator { required: true, set: between })
        .chain(item.iter().cloned())
        .chain([Step::List(Mark::End)])
        .collect();
    steps.extend(item);
    steps.push(Step::List(Mark::End));
    for _ in 1..least {
        steps.extend(further.iter().cloned());
    }
    if most > least {
        steps.push(Step::List(Mark::More(Arc::new(More { steps: further, times: most - least }))));
    }
    Ok(steps)
}

fn glued_fault<T>(name: &str, help: impl Into<String>) -> Result<T, Fault> {
    let message = format!("`{{{name}}}` is followed by another value at once, and nobody can tell where it ends");
    fault_of(message, help)
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
