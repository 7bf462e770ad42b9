//! The JSON object that a machine posts, field by field. What is wrong with one is said in the API's terms: which, what is
//! expected there, what was found. A field that the door does not know is refused: whoever sends `"currency": "USD"` means
//! something by it that would not be done.

use std::convert::Infallible;
use std::fmt;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::problem::Problem;

/// Characters of a value or of a field's name that are told back.
const SHOWN_CHARS_MAX: usize = 40;

/// A body as it came. It is read after the caller is known.
#[derive(Debug)]
pub struct Posted {
    is_json: bool,
    octets: Result<Bytes, BytesRejection>,
}

/// The fields of a JSON object that are not taken yet.
pub struct Fields {
    values: Vec<(String, Value)>,
}

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_json = media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
        Ok(Self { is_json, octets: Bytes::from_request(request, state).await })
    }
}

impl Posted {
    /// The fields, none of which is another than these or there twice.
    ///
    /// # Errors
    /// [`Problem`], with the place.
    pub fn fields(self, known: &[&str]) -> Result<Fields, Problem> {
        let octets = self.octets.map_err(|rejection| incomplete(&rejection))?;
        if !self.is_json {
            return Err(Problem::no_json());
        }
        Fields::read(&octets, known)
    }

    /// Nothing, or an object without fields: of a request that has none. `why` says why there are none.
    ///
    /// # Errors
    /// [`Problem`], with the place.
    pub fn nothing(self, why: &str) -> Result<(), Problem> {
        let octets = self.octets.map_err(|rejection| incomplete(&rejection))?;
        if octets.trim_ascii().is_empty() {
            return Ok(());
        }
        let fields = Fields::object(&octets, &[])?;
        match fields.values.first() {
            None => Ok(()),
            Some((name, _)) => Err(unknown(name, why)),
        }
    }
}

impl Fields {
    fn read(octets: &[u8], known: &[&str]) -> Result<Self, Problem> {
        let fields = Self::object(octets, known)?;
        match fields.values.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(fields),
            Some((name, _)) => Err(unknown(name, &format!("there are {}", list(known)))),
        }
    }

    fn object(octets: &[u8], known: &[&str]) -> Result<Self, Problem> {
        let wanted = format!("send a JSON object with the fields {}", list(known));
        let wanted = if known.is_empty() { "send none, or {}".to_owned() } else { wanted };
        let values = match serde_json::from_slice::<Object>(octets) {
            Ok(Object(values)) => values,
            Err(_) if let Ok(value) = serde_json::from_slice::<Value>(octets) => {
                let problem = Problem::bad("body", format!("it is {}; {wanted}", kind(&value)));
                return Err(problem.instead("an object", kind(&value)));
            }
            Err(_) if octets.trim_ascii().is_empty() => {
                return Err(Problem::bad("body", format!("it is empty; {wanted}")));
            }
            Err(error) if error.is_eof() => {
                return Err(Problem::bad("body", format!("it ends in the middle of its JSON; {wanted}")));
            }
            Err(error) => return Err(Problem::bad("body", format!("it is no JSON: {error}; {wanted}"))),
        };
        let twice =
            values.iter().enumerate().find(|(at, (name, _))| values.iter().take(*at).any(|(other, _)| other == name));
        match twice {
            Some((_, (name, _))) => {
                let detail = format!("the field {} is there twice; which of them is meant?", shown(name));
                Err(Problem::bad(place(name), detail).instead("one field", "two of the same name"))
            }
            None => Ok(Self { values }),
        }
    }

    /// A text.
    ///
    /// # Errors
    /// It is missing, or something else.
    pub fn text(&mut self, name: &'static str) -> Result<String, Problem> {
        match self.take(name) {
            Some(Value::String(text)) => Ok(text),
            other => Err(mismatch(name, "a text", found(other.as_ref(), kind))),
        }
    }

    /// A text that may be left out, and is empty then.
    ///
    /// # Errors
    /// It is something else.
    pub fn text_or_empty(&mut self, name: &'static str) -> Result<String, Problem> {
        match self.take(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(mismatch(name, "a text", kind(&other).to_owned())),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// It is missing, or something else.
    pub fn whole(&mut self, name: &'static str) -> Result<i64, Problem> {
        let value = self.take(name);
        let number = value.as_ref().and_then(Value::as_i64);
        number.ok_or_else(|| mismatch(name, "a whole number", found(value.as_ref(), valued)))
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.values.iter().position(|(known, _)| known == name)?;
        Some(self.values.swap_remove(at).1)
    }
}

/// The members in their order, the same name twice included.
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

fn incomplete(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = "it is longer than `http.body_bytes_max` of the server allows; send less at a time";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body", detail)
        }
        _ => Problem::bad("body", "it did not come whole"),
    }
}

fn unknown(name: &str, why: &str) -> Problem {
    Problem::bad(place(name), format!("there is no field {}: {why}", shown(name))).instead("no such field", shown(name))
}

fn mismatch(name: &'static str, expected: &str, found: String) -> Problem {
    Problem::bad(place(name), format!("{name}: {expected} is expected, and {found} was found")).instead(expected, found)
}

/// As RFC 6901 points to it.
fn place(name: &str) -> String {
    let name: String = name.chars().take(SHOWN_CHARS_MAX).collect();
    format!("body /{}", name.replace('~', "~0").replace('/', "~1"))
}

fn found<T: Into<String>>(value: Option<&Value>, say: impl Fn(&Value) -> T) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| say(value).into())
}

/// Of what kind a value is. The value itself may be worth money, and is not told.
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

/// With its value, where it is short.
fn valued(value: &Value) -> String {
    match value {
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {}", shown(text)),
        other => kind(other).to_owned(),
    }
}

/// In quotation marks, as JSON has it. What is not seen is escaped with the whole problem.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    Value::from(short).to_string()
}

fn list(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["number", "amount_cents"];

    fn problem(body: &str) -> (String, String) {
        let read = Fields::read(body.as_bytes(), KNOWN).and_then(|mut fields| {
            fields.text("number")?;
            fields.whole("amount_cents")
        });
        let body = read.unwrap_err().body();
        (body["where"].as_str().unwrap().to_owned(), body["detail"].as_str().unwrap().to_owned())
    }

    #[test]
    fn what_is_wrong_with_a_field_is_said_in_the_apis_terms() {
        for (body, place, part) in [
            ("", "body", "no JSON"),
            ("{", "body", "number and amount_cents"),
            ("[1]", "body", "a list"),
            ("\"x\"", "body", "a text"),
            ("{}", "body /number", "a text is expected, and nothing was found"),
            (r#"{"number": 49}"#, "body /number", "a number was found"),
            (r#"{"number": "1"}"#, "body /amount_cents", "nothing was found"),
            (r#"{"number": "1", "amount_cents": "5"}"#, "body /amount_cents", "the text \"5\" was found"),
            (r#"{"number": "1", "amount_cents": 5.5}"#, "body /amount_cents", "the number 5.5 was found"),
            (r#"{"number": "1", "amount_cents": 5e2}"#, "body /amount_cents", "a whole number is expected"),
            (r#"{"number": "1", "amount_cents": 9223372036854775808}"#, "body /amount_cents", "9223372036854775808"),
            (r#"{"number": "1", "amount_cents": null}"#, "body /amount_cents", "null was found"),
            (r#"{"number": "1", "amount_cents": 5, "currency": "USD"}"#, "body /currency", "no field \"currency\""),
            (r#"{"number": "1", "amount_cents": 5, "a/b\n": 1}"#, "body /a~1b\\n", "no field \"a/b\\n\""),
            (r#"{"number": "1", "amount_cents": 5, "a\u202e": 1}"#, "body /a\\u202e", "no field \"a\\u202e\""),
            (r#"{"number": "1", "amount_cents": "\u3164"}"#, "body /amount_cents", "the text \"\\u3164\" was found"),
            (r#"{"number": "1", "number": "2", "amount_cents": 5}"#, "body /number", "twice"),
            (r#"{"number": "1", "amount_cents": 5} x"#, "body", "no JSON"),
        ] {
            let (is, detail) = problem(body);
            assert!(is == place && detail.contains(part), "{body}: {is}: {detail}");
            assert!(!detail.contains("i64") && !detail.contains("invalid type"), "{body}: {detail}");
        }
    }
}
