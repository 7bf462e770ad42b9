//! `GET /v1/smpp/sessions`: the SMPP sessions that are bound, with their counts, for staff with the admin secret.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Json, Router};
use secrecy::SecretString;

use crate::links::bearer::{bearer, is_secret};
use crate::links::http::Problem;
use crate::links::smpp::meter::{Registry, SessionReport};

#[derive(Clone)]
struct Parts {
    registry: Registry,
    secret: Arc<SecretString>,
}

pub(super) fn routes(registry: Registry, secret: SecretString) -> Router {
    let parts = Parts { registry, secret: Arc::new(secret) };
    Router::new().route("/v1/smpp/sessions", get(sessions)).with_state(parts)
}

async fn sessions(State(parts): State<Parts>, headers: HeaderMap) -> Result<Json<Vec<SessionReport>>, Problem> {
    let is_staff = bearer(&headers).is_some_and(|secret| is_secret(&parts.secret, secret));
    if is_staff { Ok(Json(parts.registry.report())) } else { Err(Problem::unauthorized("the admin")) }
}
