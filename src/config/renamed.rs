//! Keys that had another name or another unit in earlier versions. An old key is an error that says what to write. Its
//! value is read all the same, so that the other problems of a file are reported with it.

use std::collections::BTreeSet;

use config::{Map, Value, ValueKind};

use super::environment;
use crate::domain::format_minor;

/// A key of a section. `*` stands for any name, or any place in a list.
struct Renamed {
    section: &'static str,
    old: &'static str,
    new: &'static str,
    unit: Unit,
}

/// The unit of the old key.
#[derive(Clone, Copy)]
enum Unit {
    /// A number of cents; the new key takes a sum of money.
    Cents,
    /// A number of whole euros; the new key takes a sum of money.
    Euros,
    /// As of the new key; with an example of a value.
    Same(&'static str),
}

const fn renamed(section: &'static str, old: &'static str, new: &'static str, unit: Unit) -> Renamed {
    Renamed { section, old, new, unit }
}

const SENDER: Unit = Unit::Same("\"50005\"");

/// Every renamed key.
const KEYS: &[Renamed] = &[
    renamed("limits", "amount_min_cents", "amount_min", Unit::Cents),
    renamed("limits", "amount_max_cents", "amount_max", Unit::Cents),
    renamed("limits.channels.*", "amount_min_cents", "amount_min", Unit::Cents),
    renamed("limits.channels.*", "amount_max_cents", "amount_max", Unit::Cents),
    renamed("limits.banks.*", "amount_min_cents", "amount_min", Unit::Cents),
    renamed("limits.banks.*", "amount_max_cents", "amount_max", Unit::Cents),
    renamed("limits.payer", "day_amount_max_cents", "day_amount_max", Unit::Cents),
    renamed("limits.payer", "month_amount_max_cents", "month_amount_max", Unit::Cents),
    renamed("limits.target", "day_amount_max_cents", "day_amount_max", Unit::Cents),
    renamed("limits.target", "month_amount_max_cents", "month_amount_max", Unit::Cents),
    renamed("clients.*.amounts", "amount_min_cents", "amount_min", Unit::Cents),
    renamed("clients.*.amounts", "amount_max_cents", "amount_max", Unit::Cents),
    renamed("clients.*.limits", "day_amount_max_cents", "day_amount_max", Unit::Cents),
    renamed("clients.*.limits", "month_amount_max_cents", "month_amount_max", Unit::Cents),
    renamed("clients.*", "confirm_from", "confirm_sender", SENDER),
    renamed("validity.tiers.*", "from_euros", "from", Unit::Euros),
    renamed("products.*", "price_cents", "price", Unit::Cents),
    renamed("bonus.*", "fixed_cents", "fixed", Unit::Cents),
    renamed("bonus.*", "cap_cents", "cap", Unit::Cents),
    renamed("bonus.*", "amount_min_cents", "amount_min", Unit::Cents),
    renamed("bonus.*", "amount_max_cents", "amount_max", Unit::Cents),
    renamed("vouchers", "denominations_cents", "denominations", Unit::Cents),
    renamed("vouchers", "client_wrong_per_minute_max", "peer_wrong_per_minute_max", Unit::Same("30")),
    renamed("pins", "link_wrong_per_minute_max", "peer_wrong_per_minute_max", Unit::Same("30")),
    renamed("credit_transfer", "amount_min_cents", "amount_min", Unit::Cents),
    renamed("credit_transfer", "amount_max_cents", "amount_max", Unit::Cents),
    renamed("credit_transfer", "fee_cents", "fee", Unit::Cents),
    renamed("credit_transfer", "balance_min_cents", "balance_min", Unit::Cents),
    renamed("credit_transfer", "remaining_min_cents", "remaining_min", Unit::Cents),
    renamed("credit_transfer", "day_amount_max_cents", "day_amount_max", Unit::Cents),
    renamed("credit_transfer", "month_amount_max_cents", "month_amount_max", Unit::Cents),
    renamed("dealers", "low_stock_cents", "low_stock", Unit::Cents),
    renamed("dealers", "day_amount_max_cents", "day_amount_max", Unit::Cents),
    renamed("dealers", "month_amount_max_cents", "month_amount_max", Unit::Cents),
    renamed("dealers.commission.*", "cents", "fixed", Unit::Cents),
    renamed("dealers.commission.*", "amount_min_cents", "amount_min", Unit::Cents),
    renamed("dealers.commission.*", "amount_max_cents", "amount_max", Unit::Cents),
    renamed("staff", "notify_from", "notify_sender", SENDER),
    renamed("life", "text_from", "hours_from", Unit::Same("\"09:00:00\"")),
    renamed("life", "text_until", "hours_until", Unit::Same("\"20:00:00\"")),
    renamed("audit", "signing_key", "signing_key_file", Unit::Same("\"/etc/mbush/audit.key\"")),
    renamed("smpp_server", "partial_pdu_seconds", "partial_seconds", Unit::Same("10")),
    renamed("iso8583", "spec", "spec_file", Unit::Same("\"/etc/mbush/switch.toml\"")),
];

/// Gives the old keys of a source their new names and units. Returns the problems, one for each old key. `variables` are
/// the names of the variables of the environment, in capitals.
pub(super) fn mend(root: &mut Value, variables: &BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    Walk { variables, problems: &mut problems }.value(&[], root);
    problems.sort_unstable();
    problems
}

/// One step of a path: a name, or a place in a list.
#[derive(Clone)]
enum Step {
    Name(String),
    Place(usize),
}

struct Walk<'a> {
    variables: &'a BTreeSet<String>,
    problems: &'a mut Vec<String>,
}

impl Walk<'_> {
    fn value(&mut self, path: &[Step], value: &mut Value) {
        let below = |step| [path, &[step]].concat();
        match &mut value.kind {
            ValueKind::Table(keys) => {
                for key in KEYS.iter().filter(|key| is_at(key.section, path)) {
                    self.key(path, key, keys);
                }
                for (name, value) in keys.iter_mut() {
                    self.value(&below(Step::Name(name.clone())), value);
                }
            }
            ValueKind::Array(values) => {
                for (place, value) in values.iter_mut().enumerate() {
                    self.value(&below(Step::Place(place)), value);
                }
            }
            _ => {}
        }
    }

    /// Gives an old key of this table its new name, unless that is there too. A variable overrides the file.
    fn key(&mut self, path: &[Step], key: &Renamed, keys: &mut Map<String, Value>) {
        let Some(old) = keys.remove(key.old) else { return };
        let converted = key.unit.convert(&old);
        let is_variable = self.variables.contains(&variable(path, key.old));
        let (old_name, new_name) = if is_variable {
            (variable(path, key.old), variable(path, key.new))
        } else {
            let place = shown(path);
            (format!("{place}.{}", key.old), format!("{place}.{}", key.new))
        };
        let overrides = is_variable && !self.variables.contains(&new_name);
        let value = key.written(converted.as_ref());
        let remedy = match (keys.contains_key(key.new) && !overrides, is_variable) {
            (true, _) => format!("remove {old_name}, because {new_name} is set too"),
            (false, true) => format!("write {new_name}={}", in_shell(&value)),
            (false, false) => format!("write {} = {value}", key.new),
        };
        self.problems.push(format!("{old_name} is now {new_name}: {remedy}"));
        if overrides || !keys.contains_key(key.new) {
            keys.insert(key.new.to_owned(), converted.unwrap_or(old));
        }
    }
}

impl Renamed {
    /// The value of the new key as the file has it; an example if the old value could not be converted.
    fn written(&self, converted: Option<&Value>) -> String {
        let example = || match self.unit {
            Unit::Cents | Unit::Euros => "a sum with all decimals in quotation marks, as in \"1.00\"".to_owned(),
            Unit::Same(example) => example.to_owned(),
        };
        converted.and_then(|value| toml(&value.kind)).unwrap_or_else(example)
    }
}

impl Unit {
    /// The value in the unit of the new key; `None` if it is not one of the old key.
    fn convert(self, old: &Value) -> Option<Value> {
        let minor_of_one = match self {
            Self::Cents => 1,
            Self::Euros => 100,
            Self::Same(_) => return Some(old.clone()),
        };
        let mut new = old.clone();
        new.kind = match &old.kind {
            ValueKind::Array(values) => {
                ValueKind::Array(values.iter().map(|value| self.convert(value)).collect::<Option<_>>()?)
            }
            ValueKind::I64(number) => ValueKind::String(money(*number, minor_of_one)?),
            // A variable is a text.
            ValueKind::String(number) => ValueKind::String(money(number.trim().parse().ok()?, minor_of_one)?),
            _ => return None,
        };
        Some(new)
    }
}

fn money(number: i64, minor_of_one: i64) -> Option<String> {
    number.checked_mul(minor_of_one).filter(|cents| *cents >= 0).map(format_minor)
}

/// A value of the renamed keys in the form of the file.
fn toml(kind: &ValueKind) -> Option<String> {
    match kind {
        // A text of JSON is one of TOML.
        ValueKind::String(text) => Some(serde_json::Value::from(text.as_str()).to_string()),
        ValueKind::I64(number) => Some(number.to_string()),
        ValueKind::Array(values) => {
            let values = values.iter().map(|value| toml(&value.kind)).collect::<Option<Vec<_>>>()?;
            Some(format!("[{}]", values.join(", ")))
        }
        _ => None,
    }
}

/// A value of the file as a shell gives it to a variable: a text has no quotation marks, and a list has those of the file.
fn in_shell(value: &str) -> String {
    let value = value.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(value);
    let is_plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"./:_-".contains(&b));
    if is_plain { value.to_owned() } else { format!("'{value}'") }
}

fn is_at(section: &str, path: &[Step]) -> bool {
    let names: Vec<&str> = section.split('.').collect();
    let fits = |(name, step): (&&str, &Step)| match step {
        Step::Name(found) => *name == "*" || *name == found,
        Step::Place(_) => *name == "*",
    };
    names.len() == path.len() && names.iter().zip(path).all(fits)
}

/// `limits.channels.ussd`, `bonus[0]`.
fn shown(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Name(name) if text.is_empty() => text.push_str(name),
            Step::Name(name) => text.extend([".", name]),
            Step::Place(place) => text.extend(["[", &place.to_string(), "]"]),
        }
    }
    text
}

/// The variable of a key. A part of a list has none of its own.
fn variable(path: &[Step], key: &str) -> String {
    let names = path.iter().map(|step| match step {
        Step::Name(name) => name.clone(),
        Step::Place(place) => place.to_string(),
    });
    environment::name(names.chain([key.to_owned()]))
}

#[cfg(test)]
#[path = "renamed_tests.rs"]
mod tests;
