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

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::config::section::Http;
use crate::links::Links;
use crate::links::http::{Gateways, Problem, routes};
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
        .layer(from_fn(explain))
}

async fn not_found(uri: Uri) -> Problem {
    Problem::of_status(StatusCode::NOT_FOUND, uri.path())
}

/// What layers and the router refuse by a status alone is said as all else is. What has JSON to say has said it.
async fn explain(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let (status, media) = (response.status(), response.headers().get(CONTENT_TYPE));
    let is_said = media.and_then(|media| media.to_str().ok()).is_some_and(|media| media.contains("json"));
    if is_said || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (head, _) = response.into_parts();
    let mut said = Problem::of_status(status, &path).into_response();
    // Of a 405, what there is instead; of whatever closes the connection, that it does.
    for name in [axum::http::header::ALLOW, axum::http::header::CONNECTION] {
        if let Some(value) = head.headers.get(&name) {
            said.headers_mut().insert(name, value.clone());
        }
    }
    said
}
