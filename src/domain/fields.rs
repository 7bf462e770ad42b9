//! The values that a form captures under names of its own: a meter, the last digits of a card, the word of a package.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::{Amount, Msisdn};

/// Written in place of a secret, whatever its length.
const CONCEALED: &str = "****";

/// Fields of every grammar that accompany a request and are no part of it.
const REMARKS: [&str; 3] = ["date", "number", "text"];

/// The captured values of a message, in the order of its text. Names are unique.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(Vec<Field>);

/// A captured value with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    #[serde(flatten)]
    pub value: FieldValue,
    /// The value in one spelling, if it was typed in another.
    #[serde(skip)]
    folded: Option<String>,
}

/// A value with its type. In JSON it is `"type"` and `"value"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum FieldValue {
    /// As typed.
    Text(String),
    /// Digits, which may begin with zeros.
    Digits(String),
    /// A whole number.
    Integer(u64),
    Amount(Amount),
    /// A number of the numbering plan.
    Number(Msisdn),
    Date(NaiveDate),
    Secret(Secret),
    /// A value of a type that only a newer version of the program knows, as it is stored. It is only read from the
    /// database.
    #[serde(untagged)]
    Newer(serde_json::Map<String, serde_json::Value>),
}

/// A value that is never stored, printed or sent on.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Fields {
    pub fn push(&mut self, name: impl Into<String>, value: FieldValue) {
        self.0.push(Field { name: name.into(), value, folded: None });
    }

    /// Adds a value as typed, and its one spelling, by which two requests are compared.
    pub fn push_typed(&mut self, name: impl Into<String>, value: FieldValue, folded: String) {
        self.0.push(Field { name: name.into(), value, folded: Some(folded) });
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// Changes every text, as to conceal a secret that the sender has repeated in it.
    pub fn change_texts(&mut self, change: impl Fn(&str) -> String) {
        for field in &mut self.0 {
            if let FieldValue::Text(text) = &mut field.value {
                *text = change(text);
            }
            if let Some(folded) = &mut field.folded {
                *folded = change(folded);
            }
        }
    }

    /// The values that tell two requests apart, as one text: what the bank's own fields hold, by name, and in whatever
    /// letters it was typed. A date, a remark and a secret tell nothing: a repeated request may have another one. `None` if
    /// there are no others.
    pub fn identity(&self) -> Option<String> {
        let tells =
            |field: &&Field| !REMARKS.contains(&field.name.as_str()) && !matches!(field.value, FieldValue::Secret(_));
        let mut told: Vec<String> =
            self.0.iter().filter(tells).map(|field| format!("{}={:?}", field.name, field.compared())).collect();
        told.sort_unstable();
        (!told.is_empty()).then(|| told.join(" "))
    }

    /// The values that must not be stored.
    pub fn secrets(&self) -> impl Iterator<Item = &Zeroizing<String>> {
        self.0.iter().filter_map(|field| match &field.value {
            FieldValue::Secret(Secret(digits)) => Some(digits),
            _ => None,
        })
    }
}

impl Field {
    /// The value as two requests are compared by it.
    pub fn compared(&self) -> String {
        self.folded.clone().unwrap_or_else(|| self.value.to_string())
    }
}

impl Secret {
    pub const fn new(written: Zeroizing<String>) -> Self {
        Self(written)
    }

    /// As the sender wrote it.
    pub const fn written(&self) -> &Zeroizing<String> {
        &self.0
    }
}

/// As a reply and a list for staff show it.
impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Digits(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Amount(amount) => amount.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Date(date) => date.fmt(f),
            Self::Secret(_) => f.write_str(CONCEALED),
            Self::Newer(stored) => match stored.get("value") {
                Some(serde_json::Value::String(text)) => f.write_str(text),
                Some(value) => value.fmt(f),
                None => Ok(()),
            },
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CONCEALED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(CONCEALED)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_as_json_with_types_and_without_secrets() {
        let mut fields = Fields::default();
        fields.push("meter", FieldValue::Digits("00412345678".into()));
        fields.push("months", FieldValue::Integer(3));
        fields.push("fee", FieldValue::Amount(Amount::from_minor(150).unwrap()));
        fields.push("code", FieldValue::Secret(Secret::new(Zeroizing::new("4711".into()))));
        let json = serde_json::to_string(&fields).unwrap();
        assert_eq!(
            json,
            r#"[{"name":"meter","type":"digits","value":"00412345678"},{"name":"months","type":"integer","value":3},{"name":"fee","type":"amount","value":150},{"name":"code","type":"secret","value":"****"}]"#
        );
        let again: Fields = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), json);
        assert!(!format!("{fields:?}").contains("4711"));
    }

    #[test]
    fn a_type_of_a_newer_version_is_kept_as_it_is_stored() {
        let json = r#"[{"name":"meter","type":"digits","value":"0041"},{"name":"at","type":"place","value":{"lat":42}},{"name":"who","type":"person","value":"Besa"}]"#;
        let fields: Fields = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&fields).unwrap(), json);
        let shown: Vec<String> = fields.iter().map(|field| field.value.to_string()).collect();
        assert_eq!(shown, ["0041", r#"{"lat":42}"#, "Besa"]);
    }

    #[test]
    fn requests_are_told_apart_by_own_values_in_whatever_letters_and_order() {
        let fields = |values: &[(&str, &str)]| {
            let mut fields = Fields::default();
            for (name, typed) in values {
                fields.push_typed(*name, FieldValue::Text((*typed).to_owned()), typed.to_lowercase());
            }
            fields.identity()
        };
        let one = fields(&[("branch", "Prizren"), ("area", "7")]);
        assert_eq!(one, fields(&[("area", "7"), ("branch", "prizren"), ("text", "Hello")]));
        assert_ne!(one, fields(&[("area", "7"), ("branch", "peja")]));
        assert_eq!(fields(&[("text", "Hello")]), None);
    }
}
