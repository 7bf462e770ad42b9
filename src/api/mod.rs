//! The HTTP server. Replies that go out over HTTP are in [`crate::links::http`].
//!
//! - [`ROUTES`]: all routes, with credential, limits and handler; [`router`] is made of them
//! - `gateways`: `/v1/sms` and `/v1/ussd`, messages that gateways post; [`Gateways`]: the gateways that may post
//! - `clients`: lookup, top-ups, reversals and scratch cards for banks' machines
//! - `sessions`: the SMPP sessions that are bound, for [`Staff`]
//! - `health`, `metrics`: for load balancers and monitoring; [`Monitoring`]: the parts of the program that they read
//! - `readiness`: checks whether the database takes writes; [`Recorder`]: all metrics
//! - `state`: [`Server`], the state that all handlers share
//! - [`serve`]: connections, with limits of their number and of the time for each request's head
//! - `front`: the deadline of each request, and one form for all errors
//! - `bearer`: the caller of a request, by its secret; `backoff`: waits of addresses after wrong secrets
//! - `posted`: the JSON object of a request; `problem`: an error answer; `instant`: an instant in an answer
//!
//! A new route needs a handler, a row of the table, a description on its page, and a test.

mod backoff;
mod bearer;
mod clients;
mod front;
mod gateway_roster;
mod gateways;
mod health;
mod instant;
mod metrics;
mod monitoring;
mod posted;
mod problem;
mod readiness;
mod recorder;
mod routes;
mod serve;
mod sessions;
mod staff;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;

use crate::config::http::Http;
use backoff::Backoff;
use front::Front;

pub use front::Effect;
pub use gateway_roster::Gateways;
pub use monitoring::Monitoring;
pub use recorder::Recorder;
pub use routes::{Access, Method, ROUTES, Route};
pub use serve::serve;
pub use staff::Staff;
pub use state::Server;

/// The routes that this server serves.
pub fn router(settings: &Http, server: Server) -> Router {
    let (server, backoff) = (Arc::new(server), Backoff::new(settings));
    let is_there = |route: &&Route| route.access != Access::OfStaff || server.staff.is_some();
    let router = ROUTES
        .iter()
        .filter(is_there)
        .fold(Router::new(), |router, route| router.route(route.path, route.service(settings, &server, &backoff)));
    let nothing = Front::of_no_route(settings).before(any(|| std::future::ready(StatusCode::NOT_FOUND)));
    router.fallback_service(nothing).with_state(server)
}
