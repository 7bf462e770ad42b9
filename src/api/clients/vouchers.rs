//! `POST /v1/vouchers/redeem`: a scratch card, redeemed once, and answered the same under the same key.

use axum::Json;
use axum::extract::State;
use secrecy::SecretString;

use super::refused::not_taken;
use super::top_ups::ordered;
use super::view::OrderView;
use super::{Caller, IdempotencyKey, Parts};
use crate::links::http::{Posted, Problem};
use crate::processor::Processor;

/// Longest code, in characters: its digits, however they are grouped.
const CODE_CHARS_MAX: usize = 64;

pub(super) async fn redeem(
    State(parts): State<Parts>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    posted: Posted,
) -> Result<Json<OrderView>, Problem> {
    let mut fields = posted.fields(&["number", "code"])?;
    let (number, code) = (fields.text("number")?, code(&fields.text("code")?)?);
    let answer = parts.clients.redeem(caller.of(&parts)?, &key, &number, code).await;
    ordered(&parts, &caller, &key, answer.map_err(|refusal| not_taken(&refusal))?).await
}

/// The digits of a code, as it would be read in a text. A code that no card has is an order that is refused, and counts as a
/// wrong try; a text that cannot be a code is neither.
fn code(written: &str) -> Result<SecretString, Problem> {
    let code = Some(written).filter(|written| written.chars().count() <= CODE_CHARS_MAX).and_then(Processor::code);
    let detail = "this is no code of a card: give its 16 digits, in groups or not";
    code.map(SecretString::from).ok_or_else(|| Problem::bad("body /code", detail))
}
