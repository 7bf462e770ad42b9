//! `/v1` for clients: a bank's cash machines, pages or app, each with a bearer secret of its own.
//!
//! - `POST /v1/lookup`: whether a top-up would be done, and of what state the number is; nothing moves
//! - `POST /v1/topups`, `GET /v1/topups/KEY`, `POST /v1/topups/KEY/reversal`: once for each key
//! - `POST /v1/vouchers/redeem`: a scratch card, once for each key
//!
//! `docs/api.md` has requests and answers with all that may go wrong.

mod lookup;
mod problem;
mod top_ups;
mod view;
mod vouchers;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts as RequestParts;
use axum::routing::{get, post};

use crate::domain::{Clock, Rules};
use crate::links::clients::{Client, Clients, KEY_MAX};
use crate::store::Store;
use problem::Problem;

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

/// Who calls, proven by its secret before the body is read.
struct Caller(String);

impl Caller {
    /// The client. There is one of this name, or the caller would not be there.
    fn of<'a>(&self, parts: &'a Parts) -> Result<&'a Client, Problem> {
        parts.clients.by_name(&self.0).ok_or_else(unknown_caller)
    }
}

fn unknown_caller() -> Problem {
    let detail = "send the client's secret as `Authorization: Bearer SECRET`";
    Problem::new(StatusCode::UNAUTHORIZED, "header Authorization", detail)
}

impl FromRequestParts<Parts> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut RequestParts, parts: &Parts) -> Result<Self, Problem> {
        let header = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = header.and_then(|value| value.split_once(' '));
        let secret = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, secret)| secret.trim());
        let client = secret.and_then(|secret| parts.clients.by_secret(secret));
        Ok(Self(client.ok_or_else(unknown_caller)?.name().to_owned()))
    }
}

/// The key of the header, which has to be there.
struct IdempotencyKey(String);

impl FromRequestParts<Parts> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut RequestParts, _parts: &Parts) -> Result<Self, Problem> {
        let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "header Idempotency-Key", detail);
        let Some(value) = request.headers.get(KEY_HEADER) else {
            return Err(bad(
                "it is missing: give each request a key of its own, and the same key when you repeat it".into()
            ));
        };
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
