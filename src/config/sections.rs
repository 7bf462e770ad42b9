//! Reading what can be read: of a key that is wrong the problem is told, and the others are read without it.

use std::collections::BTreeSet;

use config::{Config, Map, Source, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::problem::explain;

type Problems = Vec<String>;

/// The part of a source that could be read.
pub(super) struct Read<T> {
    pub(super) file: T,
    pub(super) problems: Problems,
    /// Sections of which something could not be read.
    pub(super) broken: BTreeSet<String>,
}

/// The source's values, and what is wrong with them.
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

/// The value at a path, without the keys that are wrong by themselves; nothing where the rest cannot be read either.
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

/// A table that has to have some keys, and what it is read as: without those that are wrong, which are told of one after the
/// other, as the errors name them. Nothing, where one of them is needed.
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
        // What is missing only because it was taken out has been told of.
        let is_told = |key: &String| problem.contains("missing") && problem.contains(&format!("{key}\""));
        if wrong.is_some() || !taken_out.iter().any(is_told) {
            problems.push(problem);
        }
        let wrong = wrong?;
        keys.remove(&wrong);
        taken_out.push(wrong);
    }
}

/// Tells whether an error of the library's is about this key of what stands at this path, or about something in it.
fn is_about(problem: &str, path: &str, key: &str) -> bool {
    let dot = if path.is_empty() { "" } else { "." };
    let is_in = |end| problem.contains(&format!("for key `{path}{dot}{key}{end}"));
    problem.contains(&format!("unknown field `{key}`")) || ["`", ".", "["].into_iter().any(is_in)
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
