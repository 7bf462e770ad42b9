//! `/v1` for clients: a bank's cash machines, pages or app, each with a bearer secret of its own.
//!
//! - `POST /v1/lookup`: whether a top-up would be done, and of what state the number is; nothing moves
//! - `POST /v1/topups`, `GET /v1/topups/KEY`, `POST /v1/topups/KEY/reversal`: once for each key
//! - `POST /v1/vouchers/redeem`: a scratch card, once for each key
//!
//! `docs/api.md` has requests and answers with all that may go wrong.

mod language;
mod lookup;
mod refused;
mod top_ups;
mod view;
mod vouchers;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts as RequestParts;
use axum::routing::{get, post};

use crate::domain::{Clock, Language, Rules};
use crate::links::bearer::bearer;
use crate::links::clients::{Client, Clients, KEY_MAX};
use crate::links::http::Problem;
use crate::processor::Answer;
use crate::store::Store;

/// Header of the key.
const KEY_HEADER: &str = "idempotency-key";

/// What the routes work with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Who may call, and where their orders go.
    pub clients: Clients,
    /// The database, for the state of a number.
    pub store: Store,
    /// What decisions obey.
    pub rules: Arc<Rules>,
    /// The time.
    pub clock: Clock,
}

/// The routes.
pub fn routes(parts: Parts) -> Router {
    Router::new()
        .route("/v1/lookup", post(lookup::lookup))
        .route("/v1/topups", post(top_ups::make))
        .route("/v1/topups/{key}", get(top_ups::show))
        .route("/v1/topups/{key}/reversal", post(top_ups::reverse))
        .route("/v1/vouchers/redeem", post(vouchers::redeem))
        .with_state(parts)
}

/// Who calls, proven by its secret before the body is read, and the language that it asks for.
struct Caller {
    name: String,
    language: Option<Language>,
}

impl Caller {
    /// The client. There is one of this name, or the caller would not be there.
    fn of<'a>(&self, parts: &'a Parts) -> Result<&'a Client, Problem> {
        parts.clients.by_name(&self.name).ok_or_else(unknown_caller)
    }

    /// A refusal in the language that is asked for. Where none is, in the words that were committed with it.
    fn words(&self, parts: &Parts, answer: &Answer) -> Option<String> {
        let (Some(language), Some(rejection)) = (self.language, answer.outcome.rejection()) else {
            return answer.reply.clone();
        };
        let client = parts.clients.by_name(&self.name)?;
        Some(parts.clients.words(client, rejection, Some(language)))
    }
}

fn unknown_caller() -> Problem {
    Problem::unauthorized("the client's")
}

impl FromRequestParts<Parts> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut RequestParts, parts: &Parts) -> Result<Self, Problem> {
        let client = bearer(&request.headers).and_then(|secret| parts.clients.by_secret(secret));
        let name = client.ok_or_else(unknown_caller)?.name().to_owned();
        Ok(Self { name, language: language::asked(&request.headers) })
    }
}

/// The key of the header, which has to be there.
struct IdempotencyKey(String);

impl FromRequestParts<Parts> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut RequestParts, _parts: &Parts) -> Result<Self, Problem> {
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
fn key(text: &str) -> Result<&str, String> {
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
