//! `POST /v1/lookup`: whether a top-up would be done now, and where its number stands. Nothing is kept.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::caller::Caller;
use super::refused::{not_answered, not_taken};
use super::top_ups::wanted;
use super::view::RefusalView;
use crate::api::instant::Instant;
use crate::api::posted::Posted;
use crate::api::problem::Problem;
use crate::api::state::Server;
use crate::domain::{Line, LineKind, Msisdn, Standing};
use crate::links::clients::{NotTaken, Wanted};

/// What is found.
#[derive(Debug, Serialize)]
pub(in crate::api) struct Found {
    number: Msisdn,
    /// `mobile` or `fixed`.
    kind: &'static str,
    /// The operator that the number belongs to, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    /// `new`, `active`, `receive_only`, `suspended`; `unknown` where the number has no account.
    state: &'static str,
    /// A top-up now would be done.
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalView>,
    /// When that was so.
    at: Instant,
}

pub(in crate::api) async fn lookup(
    State(server): State<Arc<Server>>,
    caller: Caller,
    posted: Posted,
) -> Result<Json<Found>, Problem> {
    let clients = &server.clients;
    let (number, amount) = wanted(posted)?;
    let line = clients.line(&number).map_err(|rejection| not_taken(&NotTaken::Refused(rejection)))?;
    let answer = clients.try_out(&caller.client, Wanted { number: &number, amount }).await;
    let answer = answer.map_err(|refusal| match &refusal {
        NotTaken::Refused(_) => not_taken(&refusal),
        NotTaken::NotAccepted(refusal) => not_answered(refusal),
    })?;
    let state = state(&server, &line).await?;
    let operator = line.operator.as_deref().map(|id| clients.plan().operator_name(id).unwrap_or(id).to_owned());
    let (refusal, at) = (RefusalView::of(&answer, caller.words(&server, &answer)), Instant(answer.at));
    let (kind, accepted) = (kind(&line), refusal.is_none());
    Ok(Json(Found { number: line.msisdn, kind, operator, state, accepted, refusal, at }))
}

const fn kind(line: &Line) -> &'static str {
    match line.kind {
        LineKind::Mobile => "mobile",
        LineKind::Fixed => "fixed",
    }
}

async fn state(server: &Server, line: &Line) -> Result<&'static str, Problem> {
    let account = server.clients.account(line).await.map_err(|refusal| not_answered(&refusal))?;
    let standing = |account| Standing::of(account).life(&server.rules.validity, server.clock.now()).as_str();
    Ok(account.as_ref().map_or("unknown", standing))
}
