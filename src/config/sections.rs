//! Reading what can be read: of a key that is wrong the problem is told, and the others are read without it.

use std::collections::BTreeSet;

use config::{Config, Map, Source, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::load::explain;

type Problems = Vec<String>;

/// What could be read of a source.
pub(super) struct Read<T> {
    pub(super) file: T,
    pub(super) problems: Problems,
    /// Sections of which something could not be read.
    pub(super) broken: BTreeSet<String>,
}

/// What the source holds, and what is wrong with it.
///
/// # Errors
/// Nothing is left that can be read.
pub(super) fn read<T: DeserializeOwned>(source: &Config) -> Result<Read<T>, Problems> {
    let mut read = (Vec::new(), BTreeSet::new());
    let whole = match source.clone().try_deserialize() {
        Ok(file) => return Ok(Read { file, problems: read.0, broken: read.1 }),
        Err(error) => explain("", &error),
    };
    let (problems, broken) = (&mut read.0, &mut read.1);
    let mut kept = Map::new();
    for (name, section) in source.collect().unwrap_or_default() {
        let before = problems.len();
        if let Some(section) = readable::<T>(&[name.as_str()], section, problems) {
            kept.insert(name.clone(), section);
        }
        if problems.len() > before {
            broken.insert(name);
        }
    }
    match of_path(&[], Value::new(None, ValueKind::Table(kept))) {
        Ok(file) if !problems.is_empty() => Ok(Read { file, problems: read.0, broken: read.1 }),
        // What is wrong is wrong with no part alone.
        _ => Err(vec![whole]),
    }
}

/// What stands at a path, without the keys that are wrong by themselves; nothing where the rest cannot be read either.
fn readable<T: DeserializeOwned>(path: &[&str], value: Value, problems: &mut Problems) -> Option<Value> {
    let one = |value: &Value| of_path::<T>(path, value.clone());
    let Err(whole) = one(&value) else { return Some(value) };
    let before = problems.len();
    let ValueKind::Table(keys) = value.kind else {
        problems.push(whole);
        return None;
    };
    if one(&table(Map::new())).is_err() {
        // It has to have some keys, so that none can be looked at alone.
        problems.push(whole);
        return without_one(&keys, |rest| one(rest).is_ok());
    }
    let mut kept = Map::new();
    for (key, value) in keys {
        if let Some(value) = readable::<T>(&[path, &[key.as_str()]].concat(), value, problems) {
            kept.insert(key, value);
        }
    }
    let rest = table(kept);
    if problems.len() == before {
        problems.push(whole);
    }
    one(&rest).is_ok().then_some(rest)
}

/// The table without the one key that was wrong, if it was one.
pub(super) fn without_one(keys: &Map<String, Value>, is_good: impl Fn(&Value) -> bool) -> Option<Value> {
    let without = |wrong: &String| {
        table(keys.iter().filter(|(key, _)| *key != wrong).map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    keys.keys().map(without).find(|rest| is_good(rest))
}

fn table(keys: Map<String, Value>) -> Value {
    Value::new(None, ValueKind::Table(keys))
}

/// Reads a source that has this alone. Errors then name the whole path.
fn of_path<T: DeserializeOwned>(path: &[&str], value: Value) -> Result<T, String> {
    let within = |inner: Value, name: &&str| table(Map::from_iter([((*name).to_owned(), inner)]));
    let value = path.iter().rev().fold(value, within);
    value.try_deserialize().map_err(|error| explain("", &error))
}
