//! The fields of a JSON object from a machine: the body of a request, or a line of a file. An error states the field,
//! the expected value and the value found. Unknown fields are refused, because their writer expects an effect that they
//! would not have (`"currency": "USD"`).

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// Most characters of a value or of a name that an error repeats.
const SHOWN_CHARS_MAX: usize = 40;

/// The fields of a JSON object that have not been read yet.
pub struct Fields {
    values: Vec<(String, Value)>,
}

/// An error in an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Wrong {
    /// Name of the field, truncated to 40 characters; `None` for the object.
    pub field: Option<String>,
    /// The error in words.
    pub detail: String,
    /// The expected value and the value found, in words.
    pub instead: Option<(String, String)>,
}

impl Wrong {
    fn whole(detail: String) -> Self {
        Self { field: None, detail, instead: None }
    }

    fn of(field: &str, detail: String) -> Self {
        Self { field: Some(short(field)), detail, instead: None }
    }

    fn instead(self, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { instead: Some((expected.into(), found.into())), ..self }
    }
}

impl Fields {
    /// Parses an object that has only known fields, none of them twice.
    ///
    /// # Errors
    /// [`Wrong`].
    pub fn read(octets: &[u8], known: &[&str]) -> Result<Self, Wrong> {
        let fields = Self::object(octets, &format!("a JSON object with the fields {} is expected", list(known)))?;
        match fields.values.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(fields),
            Some((name, _)) => Err(unknown(name, &format!("there are {}", list(known)))),
        }
    }

    /// Accepts an empty body or an object without fields. `why` is the reason for which no fields are allowed.
    ///
    /// # Errors
    /// [`Wrong`].
    pub fn nothing(octets: &[u8], why: &str) -> Result<(), Wrong> {
        if octets.trim_ascii().is_empty() {
            return Ok(());
        }
        match Self::object(octets, "none is expected, or {}")?.values.first() {
            None => Ok(()),
            Some((name, _)) => Err(unknown(name, why)),
        }
    }

    fn object(octets: &[u8], wanted: &str) -> Result<Self, Wrong> {
        let values = match serde_json::from_slice::<Object>(octets) {
            Ok(Object(values)) => values,
            Err(_) if let Ok(value) = serde_json::from_slice::<Value>(octets) => {
                let problem = Wrong::whole(format!("it is {}; {wanted}", kind(&value)));
                return Err(problem.instead("an object", kind(&value)));
            }
            Err(_) if octets.trim_ascii().is_empty() => return Err(Wrong::whole(format!("it is empty; {wanted}"))),
            Err(error) if error.is_eof() => {
                return Err(Wrong::whole(format!("it ends in the middle of its JSON; {wanted}")));
            }
            Err(error) => return Err(Wrong::whole(format!("it is not JSON: {error}; {wanted}"))),
        };
        let twice =
            values.iter().enumerate().find(|(at, (name, _))| values.iter().take(*at).any(|(other, _)| other == name));
        match twice {
            Some((_, (name, _))) => {
                let detail = format!("the field {} is there twice: give it once", shown(name));
                Err(Wrong::of(name, detail).instead("one field", "two of the same name"))
            }
            None => Ok(Self { values }),
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// The field is missing or not a text.
    pub fn text(&mut self, name: &'static str) -> Result<String, Wrong> {
        match self.take(name) {
            Some(Value::String(text)) => Ok(text),
            other => Err(mismatch(name, "a text", found(other.as_ref(), kind))),
        }
    }

    /// Reads a text; empty if the field is missing.
    ///
    /// # Errors
    /// The field is not a text.
    pub fn text_or_empty(&mut self, name: &'static str) -> Result<String, Wrong> {
        match self.take(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(mismatch(name, "a text", kind(&other).to_owned())),
        }
    }

    /// Reads an integer.
    ///
    /// # Errors
    /// The field is missing or not an integer.
    pub fn whole(&mut self, name: &'static str) -> Result<i64, Wrong> {
        let value = self.take(name);
        let number = value.as_ref().and_then(Value::as_i64);
        number.ok_or_else(|| mismatch(name, "a whole number", found(value.as_ref(), valued)))
    }

    /// Returns true if the field is present.
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(known, _)| known == name)
    }

    /// Checks that at most one of these fields is present, because they are names of one thing.
    ///
    /// # Errors
    /// Two of them are present.
    pub fn only_one_of(&self, names: &[&str]) -> Result<(), Wrong> {
        let found: Vec<&str> = names.iter().copied().filter(|name| self.has(name)).collect();
        match found[..] {
            [_, second, ..] => {
                let detail = format!("{} are names of one field: give one of them", list(&found));
                Err(Wrong::of(second, detail).instead("one field", "two of the same meaning"))
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.values.iter().position(|(known, _)| known == name)?;
        Some(self.values.swap_remove(at).1)
    }
}

/// The members in order, repeated names included.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn unknown(name: &str, why: &str) -> Wrong {
    Wrong::of(name, format!("there is no field {}: {why}", shown(name))).instead("no such field", shown(name))
}

fn mismatch(name: &'static str, expected: &str, found: String) -> Wrong {
    Wrong::of(name, format!("{name}: {expected} is expected, and {found} was found")).instead(expected, found)
}

fn found<T: Into<String>>(value: Option<&Value>, say: impl Fn(&Value) -> T) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| say(value).into())
}

/// Name of the type of a value. The value itself is not shown, because it may be a secret.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Type of a value, and the value itself if it is short.
fn valued(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {}", shown(text)),
        other => kind(other).to_owned(),
    }
}

/// A text in JSON quotation marks. The caller escapes invisible characters.
fn shown(text: &str) -> String {
    Value::from(short(text)).to_string()
}

fn short(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}

fn list(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
