//! `mbush.example.toml` has every key that there is, and no other. The keys are asked of the structures themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::value::Error;
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use toml::Value;

use super::*;

/// What stands at a place of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// These keys.
    Struct(&'static [&'static str]),
    /// Any names.
    Map,
    /// A list.
    List,
}

/// Follows a path into a structure, and notes what stands at its end.
struct Follow<'a> {
    path: &'a [String],
    found: &'a mut Option<Kind>,
}

impl Follow<'_> {
    fn end<T>(self, kind: Kind) -> Result<T, Error> {
        *self.found = Some(kind);
        Err(Error::custom("the end of the path"))
    }

    fn one<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let (key, rest) = self.path.split_first().ok_or_else(|| Error::custom("no more path"))?;
        visitor.visit_map(One { key: Some(key.clone()), rest: Follow { path: rest, found: self.found } })
    }
}

impl<'de> Deserializer<'de> for Follow<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a value"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.path.is_empty() { self.end(Kind::Struct(fields)) } else { self.one(visitor) }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.path.is_empty() { self.end(Kind::Map) } else { self.one(visitor) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Some((_, rest)) = self.path.split_first() else { return self.end(Kind::List) };
        visitor.visit_seq(One { key: None, rest: Follow { path: rest, found: self.found } })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct enum identifier ignored_any
    }
}

/// The one entry of a map, or element of a list, that is on the path.
struct One<'a> {
    key: Option<String>,
    rest: Follow<'a>,
}

impl<'de> MapAccess<'de> for One<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let key = self.key.take().ok_or_else(|| Error::custom("one key"))?;
        seed.deserialize(serde::de::value::StringDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Follow { path: self.rest.path, found: self.rest.found })
    }
}

impl<'de> SeqAccess<'de> for One<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        seed.deserialize(Follow { path: self.rest.path, found: self.rest.found }).map(Some)
    }
}

/// Every key of a structure, with what stands there: `store.url`, `limits.banks.*.amount_min_cents`, `bonus.*.name`.
fn keys<T: DeserializeOwned>(before: &[&str], keys: &mut BTreeMap<Vec<String>, Option<Kind>>) {
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(path) = paths.pop() {
        let mut found = None;
        // Some names are words of a closed set.
        let names: Vec<String> =
            path.iter().map(|name| if name == "*" { "sms".to_owned() } else { name.clone() }).collect();
        drop(T::deserialize(Follow { path: &names, found: &mut found }));
        match &found {
            Some(Kind::Struct(fields)) => {
                paths.extend(fields.iter().map(|field| [&path[..], &[(*field).to_owned()]].concat()));
            }
            Some(Kind::Map | Kind::List) => paths.push([&path[..], &["*".to_owned()]].concat()),
            None => {}
        }
        let whole: Vec<String> = before.iter().map(|name| (*name).to_owned()).chain(path).collect();
        keys.insert(whole, found);
    }
}

fn all_keys() -> BTreeMap<Vec<String>, Option<Kind>> {
    let mut all = BTreeMap::new();
    keys::<File>(&[], &mut all);
    keys::<crate::config::link::SmppLink>(&["links", "smpp"], &mut all);
    keys::<crate::config::smpp_server::Esme>(&["links", "esme"], &mut all);
    keys::<crate::config::gateway::HttpGateway>(&["links", "http"], &mut all);
    all
}

/// The example with every key that is commented out in force.
fn uncommented() -> toml::Table {
    let key = regex::Regex::new(r#"^# ((?:[a-z_]+|"[^"]+") = .*|\[[a-zA-Z_.\[\]-]+\])$"#).unwrap();
    let example = include_str!("../../mbush.example.toml");
    let lines = example.lines().map(|line| key.captures(line).map_or(line.to_owned(), |found| found[1].to_owned()));
    let text: String = lines.map(|line| line + "\n").collect();
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// The keys of a value, with names of maps and places in lists as `*`, and links by their kind.
fn used(
    known: &BTreeMap<Vec<String>, Option<Kind>>,
    path: &[String],
    value: &Value,
    found: &mut BTreeSet<Vec<String>>,
) {
    found.insert(path.to_vec());
    let below = |name: &str| [path, &[name.to_owned()]].concat();
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                let place = match known.get(path) {
                    _ if path == ["links"] => below(value["kind"].as_str().unwrap()),
                    Some(Some(Kind::Map)) => below("*"),
                    _ => below(name),
                };
                used(known, &place, value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| used(known, &below("*"), value, found)),
        _ => {}
    }
}

struct Shown<'a>(Vec<&'a Vec<String>>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|path| path.join("."))).finish()
    }
}

#[test]
fn the_example_has_every_key_and_no_other() {
    let known = all_keys();
    let has = |path: &str| known.contains_key(&path.split('.').map(str::to_owned).collect::<Vec<_>>());
    for path in
        ["store.url", "validity.tiers.*.days", "limits.channels.*.amount_max_cents", "links.http.reply_secret_file"]
    {
        assert!(has(path), "`{path}` is not among {:?}", Shown(known.keys().collect()));
    }
    let mut found = BTreeSet::new();
    used(&known, &[], &Value::Table(uncommented()), &mut found);
    let is_name =
        |path: &&Vec<String>| path.last().is_some_and(|last| last == "*") || path.as_slice() == ["links", "*"];
    let missing: Vec<_> = known.keys().filter(|path| !is_name(path) && !found.contains(*path)).collect();
    assert!(missing.is_empty(), "mbush.example.toml has not {:?}", Shown(missing));
    let unknown: Vec<_> = found.iter().filter(|path| !known.contains_key(*path)).collect();
    assert!(unknown.is_empty(), "there are no such keys as in mbush.example.toml: {:?}", Shown(unknown));
}
