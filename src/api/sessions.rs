//! `GET /v1/smpp/sessions`: the SMPP sessions that are bound, with their counts, for staff with the admin secret.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

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

async fn sessions(State(parts): State<Parts>, headers: HeaderMap) -> Result<Json<Vec<SessionReport>>, StatusCode> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given =
        header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let is_staff = given
        .is_some_and(|(_, secret)| bool::from(parts.secret.expose_secret().as_bytes().ct_eq(secret.trim().as_bytes())));
    if is_staff { Ok(Json(parts.registry.report())) } else { Err(StatusCode::UNAUTHORIZED) }
}
