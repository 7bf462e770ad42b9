//! `POST /v1/lookup`: whether a top-up would be done now, and where its number stands. Nothing is kept.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::refused::{not_answered, not_taken};
use super::top_ups::wanted;
use super::view::RefusalView;
use super::{Caller, Parts};
use crate::domain::{AccountKey, Line, LineKind, Msisdn, Standing};
use crate::links::clients::{NotTaken, Wanted};
use crate::links::http::{Instant, Posted, Problem};
use crate::processor::NotAccepted;

/// What is found.
#[derive(Debug, Serialize)]
pub(super) struct Found {
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

pub(super) async fn lookup(State(parts): State<Parts>, caller: Caller, posted: Posted) -> Result<Json<Found>, Problem> {
    let (number, amount) = wanted(posted)?;
    let line = parts.clients.line(&number).map_err(|rejection| not_taken(&NotTaken::Refused(rejection)))?;
    let answer = parts.clients.try_out(caller.of(&parts)?, Wanted { number: &number, amount }).await;
    let answer = answer.map_err(|refusal| match &refusal {
        NotTaken::Refused(_) => not_taken(&refusal),
        NotTaken::NotAccepted(refusal) => not_answered(refusal),
    })?;
    let state = state(&parts, &line).await?;
    let operator = line.operator.as_deref().map(|id| parts.clients.plan().operator_name(id).unwrap_or(id).to_owned());
    let (refusal, at) = (RefusalView::of(&answer, caller.words(&parts, &answer)), Instant(answer.at));
    let (kind, accepted) = (kind(&line), refusal.is_none());
    Ok(Json(Found { number: line.msisdn, kind, operator, state, accepted, refusal, at }))
}

const fn kind(line: &Line) -> &'static str {
    match line.kind {
        LineKind::Mobile => "mobile",
        LineKind::Fixed => "fixed",
    }
}

async fn state(parts: &Parts, line: &Line) -> Result<&'static str, Problem> {
    let key = match line.kind {
        LineKind::Mobile => AccountKey::subscriber(line.msisdn),
        LineKind::Fixed => AccountKey::fixed_line(line.msisdn),
    };
    let account = parts.store.account(&key).await;
    let account = account.map_err(|error| not_answered(&NotAccepted::failed(&error)))?;
    let standing = |account| Standing::of(account).life(&parts.rules.validity, parts.clock.now()).as_str();
    Ok(account.as_ref().map_or("unknown", standing))
}
