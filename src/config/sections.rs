//! Reads the sections. A key with an error is reported, and the others are read without it.

use std::collections::BTreeSet;

use config::{Config, Map, Source, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::problem::explain;

type Problems = Vec<String>;

/// The part of a source that could be read.
pub(super) struct Read<T> {
    pub(super) file: T,
    pub(super) problems: Problems,
    /// Sections in which a part could not be read.
    pub(super) broken: BTreeSet<String>,
}

/// Reads the values of a source, and collects the problems.
///
/// # Errors
/// Nothing can be read.
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
        // The problem concerns the whole, not a single part.
        _ => Err(vec![whole]),
    }
}

/// Returns the value at a path without the keys that are wrong; `None` if the rest cannot be read either.
fn readable<T: DeserializeOwned>(path: &[&str], value: Value, problems: &mut Problems) -> Option<Value> {
    let one = |value: &Value| of_path::<T>(path, value.clone());
    let Err(whole) = one(&value) else { return Some(value) };
    let before = problems.len();
    let ValueKind::Table(keys) = value.kind else {
        problems.push(whole);
        return None;
    };
    if one(&table(Map::new())).is_err() {
        // The structure has required keys, so none can be checked alone.
        return peeled(keys, &path.join("."), one, problems).map(|(rest, _)| rest);
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

/// Reads a table with required keys. The keys that are wrong are removed and reported one after the other, as the
/// errors name them. `None` if a removed key is required.
pub(super) fn peeled<T>(
    mut keys: Map<String, Value>,
    path: &str,
    read: impl Fn(&Value) -> Result<T, String>,
    problems: &mut Problems,
) -> Option<(Value, T)> {
    let mut taken_out: Vec<String> = Vec::new();
    loop {
        let rest = table(keys.clone());
        let problem = match read(&rest) {
            Ok(value) => return Some((rest, value)),
            Err(problem) => problem,
        };
        let wrong = keys.keys().find(|key| is_about(&problem, path, key)).cloned();
        // A key that is missing because it was removed has been reported.
        let is_told = |key: &String| problem.contains("missing") && problem.contains(&format!("{key}\""));
        if wrong.is_some() || !taken_out.iter().any(is_told) {
            problems.push(problem);
        }
        let wrong = wrong?;
        keys.remove(&wrong);
        taken_out.push(wrong);
    }
}

/// Returns true if an error of the library concerns this key of the table at this path, or a value in it.
fn is_about(problem: &str, path: &str, key: &str) -> bool {
    let dot = if path.is_empty() { "" } else { "." };
    let is_in = |end| problem.contains(&format!("for key `{path}{dot}{key}{end}"));
    problem.contains(&format!("unknown field `{key}`")) || ["`", ".", "["].into_iter().any(is_in)
}

fn table(keys: Map<String, Value>) -> Value {
    Value::new(None, ValueKind::Table(keys))
}

/// Reads a source with this value only. Errors then name the whole path.
fn of_path<T: DeserializeOwned>(path: &[&str], value: Value) -> Result<T, String> {
    let within = |inner: Value, name: &&str| table(Map::from_iter([((*name).to_owned(), inner)]));
    let value = path.iter().rev().fold(value, within);
    value.try_deserialize().map_err(|error| explain("", &error))
}
