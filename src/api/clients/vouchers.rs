//! `POST /v1/vouchers/redeem`: a scratch card, redeemed once, and answered the same under the same key.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use secrecy::SecretString;
use serde::Deserialize;

use super::problem::Problem;
use super::view::OrderView;
use super::{Caller, IdempotencyKey, Parts};
use crate::processor::OrderState;

/// What has to be sent.
const SHAPE: &str = "a JSON object with the texts number and code";

/// A card for a number. Other members are left unread.
#[derive(Deserialize)]
pub(super) struct Body {
    number: String,
    code: SecretString,
}

pub(super) async fn redeem(
    State(parts): State<Parts>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    body: Result<Json<Body>, JsonRejection>,
) -> Result<Json<OrderView>, Problem> {
    let Json(body) = body.map_err(|rejection| Problem::body(&rejection, SHAPE))?;
    let answer = parts.clients.redeem(caller.of(&parts)?, &key, &body.number, body.code).await;
    let answer = answer.map_err(|refusal| Problem::not_taken(&refusal))?;
    let replayed = answer.replayed;
    let state = OrderState { order: Some(answer), ..OrderState::default() };
    let view = OrderView::of(&key, state, replayed);
    // cannot be missing: there is an answer.
    view.map(Json).ok_or_else(|| Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "server", "no answer"))
}
