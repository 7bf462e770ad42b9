//! `mbush.example.toml` has exactly the keys that exist. The keys are taken from the structures themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::value::Error;
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};
use toml::Value;

use super::*;

/// Kind of the value at a place of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A structure with these keys.
    Struct(&'static [&'static str]),
    /// A map with any names.
    Map,
    List,
    /// A word of a closed set that is read without `word`, so that an error would not list the words.
    Enum,
}

/// Follows a path into a structure, and records the kind of the value at its end.
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

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        self.end(Kind::Enum)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct identifier ignored_any
    }
}

/// The single entry of a map, or element of a list, that is on the path.
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

/// Every key of a structure with its kind: `store.url`, `limits.banks.*.amount_min`, `bonus.*.name`.
fn keys<T: DeserializeOwned>(before: &[&str], keys: &mut BTreeMap<Vec<String>, Option<Kind>>) {
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(path) = paths.pop() {
        let mut found = None;
        // Some names belong to a closed set.
        let names: Vec<String> =
            path.iter().map(|name| if name == "*" { "sms".to_owned() } else { name.clone() }).collect();
        drop(T::deserialize(Follow { path: &names, found: &mut found }));
        match &found {
            Some(Kind::Struct(fields)) => {
                paths.extend(fields.iter().map(|field| [&path[..], &[(*field).to_owned()]].concat()));
            }
            Some(Kind::Map | Kind::List) => paths.push([&path[..], &["*".to_owned()]].concat()),
            Some(Kind::Enum) | None => {}
        }
        let whole: Vec<String> = before.iter().map(|name| (*name).to_owned()).chain(path).collect();
        keys.insert(whole, found);
    }
}

fn all_keys() -> BTreeMap<Vec<String>, Option<Kind>> {
    let mut all = BTreeMap::new();
    keys::<File>(&[], &mut all);
    keys::<crate::config::link::Smsc>(&["links", "smsc"], &mut all);
    keys::<crate::config::smpp_server::Esme>(&["links", "esme"], &mut all);
    keys::<crate::config::gateway::HttpGateway>(&["links", "http"], &mut all);
    all
}

/// The example with every commented key enabled.
fn uncommented() -> toml::Table {
    let key = regex::Regex::new(r#"^# ((?:[a-z_]+|"[^"]+") = .*|\[[a-zA-Z_.\[\]-]+\])$"#).unwrap();
    let example = include_str!("../../mbush.example.toml");
    let lines = example.lines().map(|line| key.captures(line).map_or(line.to_owned(), |found| found[1].to_owned()));
    let text: String = lines.map(|line| line + "\n").collect();
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// The keys of a value, with `*` for names of maps and places in lists, and links by their kind.
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
    for path in ["store.url", "validity.tiers.*.days", "limits.channels.*.amount_max", "links.http.reply_secret_file"] {
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

#[test]
fn every_word_of_a_closed_set_is_read_so_that_an_error_names_the_words() {
    let known = all_keys();
    assert!(known.contains_key(&["bonus", "*", "channels", "*"].map(str::to_owned)[..]), "lists are looked into");
    let unnamed: Vec<_> = known.iter().filter(|(_, kind)| **kind == Some(Kind::Enum)).map(|(path, _)| path).collect();
    assert!(unnamed.is_empty(), "these are not read by `word` or `words`: {:?}", Shown(unnamed));
}

/// The example with all keys enabled that do not exclude each other: of a secret and its file the secret, which can be
/// read.
fn all_at_once() -> String {
    let mut table = uncommented();
    // Its folder has to be there.
    table.remove("country");
    let mut without_files = |path: &[&str], keys: &[&str]| {
        let section = path.iter().fold(&mut table, |table, name| table[*name].as_table_mut().unwrap());
        for key in keys {
            assert!(section.contains_key(&format!("{key}_file")) && section.contains_key(*key), "{path:?} {key}");
            section.remove(&format!("{key}_file"));
        }
    };
    without_files(&["http"], &["admin_secret"]);
    without_files(&["links", "ipko"], &["password"]);
    without_files(&["links", "teb"], &["password"]);
    without_files(&["links", "gateway"], &["secret", "reply_secret"]);
    without_files(&["clients", "bkt-atm"], &["secret"]);
    without_files(&["banks", "raiffeisen", "pin_check"], &["secret"]);
    without_files(&["forward", "loan"], &["secret"]);
    toml::to_string(&table).unwrap()
}

#[test]
fn the_example_is_taken_with_every_key_in_force() {
    let config = Config::from_toml(&all_at_once()).unwrap_or_else(|error| panic!("{error}"));
    assert!(config.http.admin_secret().unwrap().is_some() && config.links.len() == 3 && config.clients.len() == 1);
}

#[test]
fn each_secret_of_the_example_is_another_and_is_warned_of() {
    let config = Config::from_toml(&all_at_once()).unwrap();
    let warned = config.weak_secrets();
    let secrets = regex::Regex::new(r#"(?m)^(?:# )?([a-z_]*(?:secret|password)) = "([^"]+)"$"#).unwrap();
    let example = include_str!("../../mbush.example.toml");
    let found: Vec<_> =
        secrets.captures_iter(example).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    let different: BTreeSet<&String> = found.iter().map(|(_, secret)| secret).collect();
    assert!(found.len() == 8 && different.len() == found.len(), "{found:?}");
    assert_eq!(warned.len(), found.len(), "{warned:?}");
    for (key, _) in &found {
        assert!(warned.iter().any(|line| line.contains(&format!(".{key}"))), "{key} is not among {warned:?}");
    }
}
