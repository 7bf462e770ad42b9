//! `POST /v1/vouchers/redeem`: a scratch card, redeemed once, and answered the same under the same key.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use secrecy::SecretString;

use super::caller::Caller;
use super::idempotency_key::IdempotencyKey;
use super::refused::not_taken;
use super::top_ups::ordered;
use super::view::OrderView;
use crate::api::posted::Posted;
use crate::api::problem::Problem;
use crate::api::state::Server;
use crate::processor::Processor;

/// Longest code, in characters: its digits, however they are grouped.
const CODE_CHARS_MAX: usize = 64;

pub(in crate::api) async fn redeem(
    State(server): State<Arc<Server>>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    posted: Posted,
) -> Result<Json<OrderView>, Problem> {
    let mut fields = posted.fields(&["number", "code"])?;
    let (number, code) = (fields.text("number")?, code(&fields.text("code")?)?);
    let answer = server.clients.redeem(&caller.client, &key, &number, code).await;
    ordered(&server, &caller, &key, answer.map_err(|refusal| not_taken(&refusal))?).await
}

/// The digits of a code, as it would be read in a text. A code that no card has is an order that is refused, and counts as a
/// wrong try; a text that cannot be a code is neither.
fn code(written: &str) -> Result<SecretString, Problem> {
    let code = Some(written).filter(|written| written.chars().count() <= CODE_CHARS_MAX).and_then(Processor::code);
    let detail = "this is no code of a card: give its 16 digits, in groups or not";
    code.map(SecretString::from).ok_or_else(|| Problem::bad("body /code", detail))
}
