//! The HTTP server: the gateways' door, health for a balancer, metrics for a monitor.
//!
//! - `POST /v1/sms`, `POST /v1/ussd`: see [`crate::links::http`]
//! - [`serve`]: connections, within the caps and a time for each request's head
//! - `front`: a deadline for each request, and errors in one shape
//! - `bearers`: who sends wrong secrets waits
//! - [`clients`]: lookup, top-ups, reversals and scratch cards for banks' machines
//! - `health`: `GET /health/live`, `/health/ready`, `/health/store`; `readiness`: whether the database takes writes
//! - `GET /metrics`: OpenMetrics; `backlog`: what waits
//! - `GET /v1/smpp/sessions`: who is bound, for staff

mod backlog;
mod bearers;
pub mod clients;
mod front;
mod health;
mod metrics;
mod readiness;
mod serve;
mod sessions;

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use secrecy::SecretString;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::config::http::Http;
use crate::links::Links;
use crate::links::http::{Gateways, routes};
use crate::links::smpp::meter::Registry;
use crate::processor::Processor;
use backlog::Backlog;
use bearers::Bearers;
use front::Front;
use readiness::Readiness;

pub use metrics::Recorder;
pub use serve::serve;

/// What the server answers from.
#[derive(Debug)]
pub struct Parts {
    /// Gateways that post.
    pub gateways: Gateways,
    /// Banks' machines.
    pub clients: clients::Parts,
    /// What staff see, and their secret, where there is one.
    pub staff: Option<(SecretString, Registry)>,
    /// All links.
    pub links: Links,
    /// Where messages go.
    pub processor: Processor,
    /// What was counted.
    pub recorder: Recorder,
}

/// All routes; those for staff where there is a secret for them.
pub fn router(settings: &Http, parts: Parts) -> Router {
    let Parts { gateways, clients, staff, links, processor, recorder } = parts;
    let (store, clock) = (clients.store.clone(), clients.clock.clone());
    let readiness = Readiness::new(store.clone());
    let backlog = Backlog::new((store, readiness.clone()), (links.clone(), processor), clock);
    let staff = staff.map_or_else(Router::new, |(secret, registry)| sessions::routes(registry, secret));
    let front = Front { deadline: Duration::from_secs(settings.timeout_seconds), body_max: settings.body_bytes_max };
    routes(gateways)
        .merge(staff)
        .merge(clients::routes(clients))
        .route_layer(from_fn_with_state(Bearers::new(settings), bearers::watch))
        .merge(health::routes(readiness, links))
        .merge(metrics::routes(recorder, backlog))
        .fallback(|| std::future::ready(StatusCode::NOT_FOUND))
        .layer(RequestBodyLimitLayer::new(settings.body_bytes_max))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(front, front::front))
}
