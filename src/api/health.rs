//! `GET /health`: 200 while the database answers, 503 otherwise; links are shown, and do not decide.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::links::Links;
use crate::store::Store;

#[derive(Clone)]
struct Parts {
    store: Store,
    links: Links,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    store: &'static str,
    links: BTreeMap<String, &'static str>,
    version: &'static str,
}

pub(super) fn routes(store: Store, links: Links) -> Router {
    Router::new().route("/health", get(health)).with_state(Parts { store, links })
}

async fn health(State(parts): State<Parts>) -> (StatusCode, Json<Health>) {
    let alive = parts.store.ping().await.is_ok();
    let links = parts.links.states().map(|(name, up)| (name.to_owned(), if up { "up" } else { "down" })).collect();
    let word = if alive { "ok" } else { "failing" };
    let status = if alive { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Health { status: word, store: word, links, version: env!("CARGO_PKG_VERSION") }))
}
