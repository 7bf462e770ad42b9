//! The key that a client gives a request, in a header or in a path.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::api::problem::Problem;
use crate::links::clients::KEY_MAX;

/// Header of the key.
const KEY_HEADER: &str = "idempotency-key";

/// The key of the header, which has to be there.
pub(in crate::api) struct IdempotencyKey(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let bad = |detail: String| Problem::bad("header Idempotency-Key", detail);
        let mut values = request.headers.get_all(KEY_HEADER).iter();
        let Some(value) = values.next() else {
            return Err(bad(
                "it is missing: give each request a key of its own, and the same key when you repeat it".into()
            ));
        };
        if values.next().is_some() {
            return Err(bad("it is there twice: a request has one key".into()));
        }
        // A structured field has its text in quotation marks; most clients leave them out.
        let text = value.to_str().unwrap_or_default().trim();
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        key(text).map(|key| Self(key.to_owned())).map_err(bad)
    }
}

/// `key = 1*64( letter / digit / "-" / "_" / "." / "~" / ":" )`
pub(super) fn key(text: &str) -> Result<&str, String> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-_.~:".contains(&b);
    if (1..=KEY_MAX).contains(&text.len()) && text.bytes().all(good) {
        return Ok(text);
    }
    Err(format!(
        "a key has 1 to {KEY_MAX} characters, each a letter, a digit or one of - _ . ~ : (a UUID is a good one)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_can_stand_in_a_path() {
        for good in ["1", "0195f2c0-7b1a-7c3e-8000-3f2a", "ATM01:000042", &"x".repeat(64)] {
            assert_eq!(key(good), Ok(good));
        }
        for bad in ["", "a b", "a/b", "a?b", "ë", &"x".repeat(65)] {
            assert!(key(bad).unwrap_err().contains("64"), "{bad}");
        }
    }
}
