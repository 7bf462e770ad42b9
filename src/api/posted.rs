//! The JSON object in the body of a request. [`Fields`] reads it, and reports a fault as a problem of the body.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;

use super::problem::Problem;
use crate::text::fields::{Fields, Wrong};

/// A body before it is parsed. It is read after the caller is known.
#[derive(Debug)]
pub(super) struct Posted {
    is_json: bool,
    octets: Result<Bytes, BytesRejection>,
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
    /// Returns the fields. An unknown or repeated field is a fault.
    ///
    /// # Errors
    /// [`Problem`], with the place.
    pub(super) fn fields(self, known: &[&str]) -> Result<Fields, Problem> {
        let octets = self.octets.map_err(|rejection| incomplete(&rejection))?;
        if !self.is_json {
            return Err(Problem::no_json());
        }
        Ok(Fields::read(&octets, known)?)
    }

    /// Checks that the body is empty or an object without fields. `why` is the reason that there are no fields.
    ///
    /// # Errors
    /// [`Problem`], with the place.
    pub(super) fn nothing(self, why: &str) -> Result<(), Problem> {
        let octets = self.octets.map_err(|rejection| incomplete(&rejection))?;
        Ok(Fields::nothing(&octets, why)?)
    }
}

pub(super) fn incomplete(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = "it is longer than `http.body_bytes_max` of the server allows; send less at a time";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body", detail)
        }
        _ => Problem::bad("body", "it did not come whole"),
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        let problem = Self::bad(wrong.field.map_or_else(|| "body".to_owned(), |name| place(&name)), wrong.detail);
        match wrong.instead {
            Some((expected, found)) => problem.instead(expected, found),
            None => problem,
        }
    }
}

/// Returns the place of a member of the body, as a JSON pointer (RFC 6901).
fn place(name: &str) -> String {
    format!("body /{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["number", "amount_minor"];

    fn problem(body: &str) -> (String, String) {
        let read = Fields::read(body.as_bytes(), KNOWN).and_then(|mut fields| {
            fields.text("number")?;
            fields.whole("amount_minor")
        });
        let body = Problem::from(read.unwrap_err()).body();
        (body["where"].as_str().unwrap().to_owned(), body["detail"].as_str().unwrap().to_owned())
    }

    #[test]
    fn what_is_wrong_with_a_field_is_said_in_the_apis_terms() {
        for (body, place, part) in [
            ("", "body", "it is empty"),
            ("{", "body", "number and amount_minor"),
            ("[1]", "body", "a list"),
            ("\"x\"", "body", "a text"),
            ("{}", "body /number", "a text is expected, and nothing was found"),
            (r#"{"number": 49}"#, "body /number", "a number was found"),
            (r#"{"number": "1"}"#, "body /amount_minor", "nothing was found"),
            (r#"{"number": "1", "amount_minor": "5"}"#, "body /amount_minor", "the text \"5\" was found"),
            (r#"{"number": "1", "amount_minor": 5.5}"#, "body /amount_minor", "the number 5.5 was found"),
            (r#"{"number": "1", "amount_minor": 5e2}"#, "body /amount_minor", "a whole number is expected"),
            (r#"{"number": "1", "amount_minor": 9223372036854775808}"#, "body /amount_minor", "9223372036854775808"),
            (r#"{"number": "1", "amount_minor": null}"#, "body /amount_minor", "null was found"),
            (r#"{"number": "1", "amount_minor": 5, "currency": "USD"}"#, "body /currency", "no field \"currency\""),
            (r#"{"number": "1", "amount_minor": 5, "a/b\n": 1}"#, "body /a~1b\\n", "no field \"a/b\\n\""),
            (r#"{"number": "1", "amount_minor": 5, "a\u202e": 1}"#, "body /a\\u202e", "no field \"a\\u202e\""),
            (r#"{"number": "1", "amount_minor": "\u3164"}"#, "body /amount_minor", "the text \"\\u3164\" was found"),
            (r#"{"number": "1", "number": "2", "amount_minor": 5}"#, "body /number", "twice"),
            (r#"{"number": "1", "amount_minor": 5} x"#, "body", "not JSON"),
        ] {
            let (is, detail) = problem(body);
            assert!(is == place && detail.contains(part), "{body}: {is}: {detail}");
            assert!(!detail.contains("i64") && !detail.contains("invalid type"), "{body}: {detail}");
        }
    }
}
