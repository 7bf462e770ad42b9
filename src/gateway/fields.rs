//! The fields of a request: parameters of a query or a form, or the members of JSON.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde_json::Value;

use super::file::{FieldsIn, Words};
use super::pointer::Pointer;
use super::request::Request;

/// The fields of a request, or of one element of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fields {
    /// Parameters in the order in which they were sent.
    Pairs(Vec<(String, Vec<u8>)>),
    Json(Value),
}

/// A request that does not fit the file of its gateway.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {detail}")]
pub struct Fault {
    /// The place of the mistake: `body /results/0`, `field id`.
    pub place: String,
    /// The correction.
    pub detail: String,
}

impl Fault {
    pub(super) fn new(place: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { place: place.into(), detail: detail.into() }
    }
}

impl Fields {
    /// Reads the fields of a request.
    pub(super) fn of(request: &Request<'_>, fields_in: FieldsIn) -> Result<Self, Fault> {
        match resolved(request, fields_in) {
            FieldsIn::Query => Ok(Self::Pairs(pairs(request.query().as_bytes()))),
            FieldsIn::Form | FieldsIn::Any => Ok(Self::Pairs(pairs(request.body))),
            FieldsIn::Json => match serde_json::from_slice(request.body) {
                Ok(value) => Ok(Self::Json(value)),
                Err(error) => Err(Fault::new("body", format!("it is not JSON: {error}"))),
            },
        }
    }

    /// The elements of the list at `each`, or all fields as the only element.
    pub(super) fn elements(self, each: Option<&Pointer>) -> Result<Vec<Self>, Fault> {
        let (Self::Json(value), Some(each)) = (&self, each) else { return Ok(vec![self]) };
        match each.first(value) {
            Some(Value::Array(elements)) => Ok(elements.iter().cloned().map(Self::Json).collect()),
            _ => Err(Fault::new(format!("body {each}"), "a list of messages is expected there")),
        }
    }

    /// The value of the first of these fields that is present; `None` if none is.
    pub(super) fn first(&self, names: &Words) -> Result<Option<Vec<u8>>, Fault> {
        for name in names.all() {
            if let Some(value) = self.get(name)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The value of a field; `None` if it is missing or empty.
    pub(super) fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let value = match self {
            Self::Pairs(pairs) => {
                let mut values = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
                let value = values.next().cloned();
                if values.next().is_some() {
                    return Err(Fault::new(format!("field {name}"), "it is there twice: send it once"));
                }
                value
            }
            Self::Json(value) => match Pointer::of_field(name).first(value) {
                None | Some(Value::Null) => None,
                Some(Value::Array(_) | Value::Object(_)) => {
                    return Err(Fault::new(format!("field {name}"), "a text or a number is expected"));
                }
                Some(Value::Number(number)) if number.is_f64() => {
                    return Err(Fault::new(format!("field {name}"), "a text or a whole number is expected"));
                }
                Some(scalar) => Some(shown(scalar).into_owned().into_bytes()),
            },
        };
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// Returns true if one of these fields is there, even if it is empty.
    pub(super) fn has_any(&self, names: &[String]) -> bool {
        names.iter().any(|name| match self {
            Self::Pairs(pairs) => pairs.iter().any(|(known, _)| known == name),
            Self::Json(value) => Pointer::of_field(name).first(value).is_some_and(|value| !value.is_null()),
        })
    }

    /// All parameters, or the members of JSON that are no lists or objects, for a signature.
    pub(super) fn signed(&self) -> Vec<(String, Vec<u8>)> {
        match self {
            Self::Pairs(pairs) => pairs.clone(),
            Self::Json(Value::Object(members)) => {
                let scalars = members.iter().filter(|(_, value)| !value.is_array() && !value.is_object());
                scalars.map(|(name, value)| (name.clone(), shown(value).into_owned().into_bytes())).collect()
            }
            Self::Json(_) => Vec::new(),
        }
    }
}

fn resolved(request: &Request<'_>, fields_in: FieldsIn) -> FieldsIn {
    let media = request.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_json = || media.eq_ignore_ascii_case("application/json");
    match fields_in {
        FieldsIn::Any if request.method == "GET" => FieldsIn::Query,
        FieldsIn::Any if is_json() => FieldsIn::Json,
        FieldsIn::Any => FieldsIn::Form,
        stated => stated,
    }
}

/// A scalar as text: a string as it is, anything else as in JSON.
pub(super) fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// The parameters of `application/x-www-form-urlencoded`. Values keep their octets, whatever their character set.
fn pairs(encoded: &[u8]) -> Vec<(String, Vec<u8>)> {
    let decoded = |part: &[u8]| {
        let spaced: Vec<u8> = part.iter().map(|octet| if *octet == b'+' { b' ' } else { *octet }).collect();
        percent_decode(&spaced).collect::<Vec<u8>>()
    };
    let parts = encoded.split(|octet| *octet == b'&').filter(|part| !part.is_empty());
    let pair = |part: &[u8]| {
        let at = part.iter().position(|octet| *octet == b'=').unwrap_or(part.len());
        let (name, value) = part.split_at(at);
        let value = value.get(1..).unwrap_or_default();
        (String::from_utf8_lossy(&decoded(name)).into_owned(), decoded(value))
    };
    parts.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_keep_their_octets() {
        let read = pairs(b"a=1+2%2B&b=%00P%00%EB&c&=x&&d=a=b");
        let shown: Vec<(&str, &[u8])> = read.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let expected: [(&str, &[u8]); 5] = [("a", b"1 2+"), ("b", b"\0P\0\xeb"), ("c", b""), ("", b"x"), ("d", b"a=b")];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_field_is_one_scalar() {
        let fields = Fields::Json(serde_json::json!({ "id": 7, "deep": { "to": "50005" }, "none": null, "list": [] }));
        let text = |name: &str| fields.get(name).unwrap().map(|value| String::from_utf8(value).unwrap());
        assert_eq!(text("id"), Some("7".to_owned()));
        assert_eq!(text("/deep/to"), Some("50005".to_owned()));
        assert_eq!((text("none"), text("missing")), (None, None));
        assert!(fields.get("list").is_err() && fields.get("deep").is_err());
        let twice = Fields::Pairs(pairs(b"id=1&id=2"));
        assert_eq!(twice.get("id").unwrap_err().to_string(), "field id: it is there twice: send it once");
    }
}
