//! `POST /v1/topups`, `GET /v1/topups/KEY` and `POST /v1/topups/KEY/reversal`.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::caller::Caller;
use super::idempotency_key::{IdempotencyKey, key};
use super::refused::{not_accepted, not_answered, not_taken};
use super::view::OrderView;
use crate::api::posted::Posted;
use crate::api::problem::Problem;
use crate::api::state::Server;
use crate::domain::locale::Currency;
use crate::domain::{Amount, Said};
use crate::links::clients::Wanted;
use crate::processor::{Answer, OrderState};

/// Reads the number and the amount of a top-up. A currency that is named has to be that of the ledger.
pub(super) fn wanted(posted: Posted) -> Result<(String, Amount), Problem> {
    let mut fields = posted.fields(&["number", "amount_minor", "currency"])?;
    let (number, minor) = (fields.text("number")?, fields.whole("amount_minor")?);
    if fields.has("currency") {
        let (named, ledger) = (fields.text("currency")?, Currency::ledger());
        if named != ledger.code() {
            return Err(Problem::bad("body /currency", format!("`{named}`: the currency of this ledger is {ledger}")));
        }
    }
    let amount = Amount::from_minor(minor).map_err(|error| Problem::bad("body /amount_minor", error.to_string()))?;
    Ok((number, amount))
}

pub(in crate::api) async fn make(
    State(server): State<Arc<Server>>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    posted: Posted,
) -> Result<Json<OrderView>, Problem> {
    let (number, amount) = wanted(posted)?;
    let answer = server.clients.top_up(&caller.client, &key, Wanted { number: &number, amount }).await;
    ordered(&server, &caller, &key, answer.map_err(|refusal| not_taken(&refusal))?).await
}

/// Returns the state of the order under a key after this answer.
pub(super) async fn ordered(
    server: &Server,
    caller: &Caller,
    key: &str,
    answer: Answer,
) -> Result<Json<OrderView>, Problem> {
    let replayed = answer.replayed;
    let state = if replayed {
        // The order may have been reversed since then.
        state(server, caller, key).await?
    } else {
        OrderState { order: Some(answer), ..OrderState::default() }
    };
    shown(server, caller, key, state, Some(replayed))
}

fn shown(
    server: &Server,
    caller: &Caller,
    key: &str,
    state: OrderState,
    replayed: Option<bool>,
) -> Result<Json<OrderView>, Problem> {
    let words = |answer: &Answer| caller.words(server, answer);
    OrderView::of(key, state, replayed, &words).map(Json).ok_or_else(|| never_received(key))
}

pub(in crate::api) async fn show(
    State(server): State<Arc<Server>>,
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<OrderView>, Problem> {
    let key = key_in_path(path)?;
    let state = server.clients.state(&caller.client, &key).await.map_err(|refusal| not_answered(&refusal))?;
    shown(&server, &caller, &key, state, None)
}

pub(in crate::api) async fn reverse(
    State(server): State<Arc<Server>>,
    caller: Caller,
    path: Result<Path<String>, PathRejection>,
    posted: Posted,
) -> Result<Json<OrderView>, Problem> {
    let key = key_in_path(path)?;
    posted.nothing("a reversal takes all of it back")?;
    let answer = server.clients.withdraw(&caller.client, &key, Said::default()).await;
    let replayed = answer.map_err(|refusal| not_accepted(&refusal))?.replayed;
    let state = state(&server, &caller, &key).await?;
    shown(&server, &caller, &key, state, Some(replayed))
}

/// Refuses a key that is not valid before it is looked up. The database cannot hold such a text, or would take it for
/// another.
fn key_in_path(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let text = path.map(|Path(text)| text).unwrap_or_default();
    key(&text).map(str::to_owned).map_err(|detail| Problem::bad("path", detail))
}

async fn state(server: &Server, caller: &Caller, key: &str) -> Result<OrderState, Problem> {
    let state = server.clients.state(&caller.client, key).await;
    state.map_err(|refusal| not_accepted(&refusal))
}

fn never_received(key: &str) -> Problem {
    let detail = format!("a request under the key {key:?} was not received; it may be sent");
    Problem::new(StatusCode::NOT_FOUND, "path", detail)
}
