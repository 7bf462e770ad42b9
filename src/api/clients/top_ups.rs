//! `POST /v1/topups`, `GET /v1/topups/KEY` and `POST /v1/topups/KEY/reversal`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::problem::Problem;
use super::view::OrderView;
use super::{Caller, IdempotencyKey, Parts, key};
use crate::domain::Amount;
use crate::links::clients::Wanted;
use crate::processor::OrderState;

/// What has to be sent.
const SHAPE: &str = "a JSON object with the text number and the whole number amount_cents";

/// What a client wants topped up. Other members are left unread.
#[derive(Debug, Deserialize)]
pub(super) struct Body {
    number: String,
    amount_cents: i64,
}

impl Body {
    pub(super) fn read(body: Result<Json<Self>, JsonRejection>) -> Result<(String, Amount), Problem> {
        let Json(body) = body.map_err(|rejection| Problem::body(&rejection, SHAPE))?;
        let amount = Amount::from_cents(body.amount_cents)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "body /amount_cents", error.to_string()))?;
        Ok((body.number, amount))
    }
}

pub(super) async fn make(
    State(parts): State<Parts>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    body: Result<Json<Body>, JsonRejection>,
) -> Result<Json<OrderView>, Problem> {
    let client = caller.of(&parts)?;
    let (number, amount) = Body::read(body)?;
    let answer = parts.clients.top_up(client, &key, Wanted { number: &number, amount }).await;
    let answer = answer.map_err(|refusal| Problem::not_taken(&refusal))?;
    let replayed = answer.replayed;
    let state = if replayed {
        // It may have been taken back since then.
        state(&parts, &caller, &key).await?
    } else {
        OrderState { order: Some(answer), ..OrderState::default() }
    };
    OrderView::of(&key, state, replayed).map(Json).ok_or_else(|| never_received(&key))
}

pub(super) async fn show(
    State(parts): State<Parts>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<OrderView>, Problem> {
    let key = key_in_path(&text)?;
    let state = state(&parts, &caller, key).await?;
    OrderView::of(key, state, true).map(Json).ok_or_else(|| never_received(key))
}

pub(super) async fn reverse(
    State(parts): State<Parts>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<OrderView>, Problem> {
    let key = key_in_path(&text)?;
    let client = caller.of(&parts)?;
    let answer = parts.clients.withdraw(client, key).await;
    let replayed = answer.map_err(|refusal| Problem::not_accepted(&refusal))?.replayed;
    let state = state(&parts, &caller, key).await?;
    OrderView::of(key, state, replayed).map(Json).ok_or_else(|| never_received(key))
}

/// What cannot be a key is not looked up: a database has no such text, or takes it for another.
fn key_in_path(text: &str) -> Result<&str, Problem> {
    key(text).map_err(|detail| Problem::new(StatusCode::BAD_REQUEST, "path", detail))
}

async fn state(parts: &Parts, caller: &Caller, key: &str) -> Result<OrderState, Problem> {
    let state = parts.clients.state(caller.of(parts)?, key).await;
    state.map_err(|refusal| Problem::not_accepted(&refusal))
}

fn never_received(key: &str) -> Problem {
    let detail = format!("a request under the key {key:?} was never received: nothing moved, and it may be sent");
    Problem::new(StatusCode::NOT_FOUND, "path", detail)
}
