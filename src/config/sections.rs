//! Reading what can be read: of a key that is wrong the problem is told, and the others are read without it.

use config::{Config, Map, Source, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::load::explain;

type Problems = Vec<String>;

/// What the source holds, and what is wrong with it.
///
/// # Errors
/// Nothing is left that can be read.
pub(super) fn read<T: DeserializeOwned>(source: &Config) -> Result<(T, Problems), Problems> {
    let whole = match source.clone().try_deserialize() {
        Ok(whole) => return Ok((whole, Vec::new())),
        Err(error) => explain("", &error),
    };
    let mut problems = Vec::new();
    let mut kept = Map::new();
    for (name, section) in source.collect().unwrap_or_default() {
        if let Some(section) = readable::<T>(&name, section, &mut problems) {
            kept.insert(name, section);
        }
    }
    match of_sections(kept) {
        Ok(rest) if !problems.is_empty() => Ok((rest, problems)),
        // What is wrong is wrong with no part alone.
        _ => Err(vec![whole]),
    }
}

/// A section without the keys that are wrong by themselves; nothing where the rest cannot be read either.
fn readable<T: DeserializeOwned>(name: &str, section: Value, problems: &mut Problems) -> Option<Value> {
    let one = |section: &Value| of_sections::<T>(Map::from_iter([(name.to_owned(), section.clone())]));
    let Err(whole) = one(&section) else { return Some(section) };
    let before = problems.len();
    let ValueKind::Table(keys) = section.kind else {
        problems.push(whole);
        return None;
    };
    let mut kept = Map::new();
    for (key, value) in keys {
        let alone = Map::from_iter([(key.clone(), value.clone())]);
        match one(&Value::new(None, ValueKind::Table(alone))) {
            Ok(_) => drop(kept.insert(key, value)),
            Err(problem) => problems.push(problem),
        }
    }
    let rest = Value::new(None, ValueKind::Table(kept));
    if problems.len() == before {
        problems.push(whole);
    }
    one(&rest).is_ok().then_some(rest)
}

fn of_sections<T: DeserializeOwned>(sections: Map<String, Value>) -> Result<T, String> {
    let value = Value::new(None, ValueKind::Table(sections));
    value.try_deserialize().map_err(|error| explain("", &error))
}
