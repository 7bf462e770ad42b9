//! The HTTP server: the gateways' door, health for a load balancer, metrics for a monitor.
//!
//! - `POST /v1/sms`: see [`crate::links::http`]
//! - [`serve`]: connections, within a cap and a time for each request's head
//! - [`clients`]: lookup, top-ups, reversals and scratch cards for banks' machines
//! - `GET /health`: the database and each link
//! - `GET /metrics`: OpenMetrics
//! - `GET /v1/smpp/sessions`: who is bound, for staff

pub mod clients;
mod health;
mod metrics;
mod serve;
mod sessions;

use std::time::Duration;

use axum::http::{StatusCode, Uri};
use axum::{Json, Router};
use secrecy::SecretString;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::config::section::Http;
use crate::links::Links;
use crate::links::http::{Gateways, routes};
use crate::links::smpp::meter::Registry;
use crate::store::Store;

pub use metrics::Recorder;
pub use serve::serve;

/// All routes; those for staff where there is a secret for them.
pub fn router(
    settings: &Http,
    gateways: Gateways,
    store: Store,
    links: Links,
    recorder: Recorder,
    staff: Option<(SecretString, Registry)>,
    clients: clients::Parts,
) -> Router {
    let staff = staff.map_or_else(Router::new, |(secret, registry)| sessions::routes(registry, secret));
    routes(gateways)
        .merge(staff)
        .merge(clients::routes(clients))
        .merge(health::routes(store, links))
        .merge(metrics::routes(recorder))
        .fallback(not_found)
        .layer(RequestBodyLimitLayer::new(settings.body_bytes_max))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(settings.timeout_seconds),
        ))
        .layer(CatchPanicLayer::new())
}

async fn not_found(uri: Uri) -> (StatusCode, Json<serde_json::Value>) {
    let detail = format!(
        "there is nothing at {}; there are POST /v1/sms, POST /v1/topups, GET /health and GET /metrics",
        uri.path()
    );
    (StatusCode::NOT_FOUND, Json(serde_json::json!({ "status": 404, "title": "Not Found", "detail": detail })))
}
