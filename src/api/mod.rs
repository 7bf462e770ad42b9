//! The HTTP server: everything that comes in over HTTP. Replies that go out by HTTP are [`crate::links::http`].
//!
//! - [`ROUTES`]: every route, with its credential, limits and handler; [`router`] is made of it
//! - `gateways`: `/v1/sms` and `/v1/ussd`, messages that gateways post; [`Gateways`]: those that may
//! - `clients`: lookup, top-ups, reversals and scratch cards for banks' machines
//! - `sessions`: the SMPP sessions that are bound, for [`Staff`]
//! - `health`, `metrics`: for a balancer and a monitor; [`Monitoring`]: what they ask; `readiness`: whether the database takes
//!   writes; [`Recorder`]: every metric
//! - `state`: [`Server`], the state that all handlers share
//! - [`serve`]: connections, within the caps and a time for each request's head
//! - `front`: the deadline of each request, and errors in one shape
//! - `bearer`: the caller by its secret; `backoff`: an address waits after wrong ones
//! - `posted`: the JSON object of a request; `problem`: what is wrong with it; `instant`: an instant of an answer
//!
//! A new route is its handler, a row of the table, its line on the page, and its test.

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
