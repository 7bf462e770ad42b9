//! Health, for a balancer, an init system and people. Each is answered within a second, whatever the database does.
//!
//! | route | 200 where | 503 where |
//! | --- | --- | --- |
//! | `GET /health/live` | the program runs | never: no answer means that it is to be started anew |
//! | `GET /health/ready`, `GET /health` | the database takes writes, and not all links are down | otherwise |
//! | `GET /health/store` | the database takes writes | otherwise |

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::readiness::Readiness;
use crate::links::{LinkState, Links};

#[derive(Clone)]
struct Parts {
    readiness: Readiness,
    links: Links,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    store: &'static str,
    /// Why the store does not take writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    links: BTreeMap<String, &'static str>,
    version: &'static str,
}

#[derive(Serialize)]
struct Life {
    status: &'static str,
    version: &'static str,
}

pub(super) fn routes(readiness: Readiness, links: Links) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/store", get(store))
        .route("/health/ready", get(ready))
        .route("/health", get(ready))
        .with_state(Parts { readiness, links })
}

async fn live() -> Json<Life> {
    Json(Life { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

async fn store(State(parts): State<Parts>) -> (StatusCode, Json<Health>) {
    health(&parts, true).await
}

async fn ready(State(parts): State<Parts>) -> (StatusCode, Json<Health>) {
    let states: Vec<LinkState> = parts.links.states().map(|(_, state)| state).collect();
    health(&parts, has_a_way(&states)).await
}

/// Whether texts come and go at all. A bank that has not bound to us is no sign of it.
fn has_a_way(states: &[LinkState]) -> bool {
    let is_way = |state: &LinkState| matches!(state, LinkState::Up | LinkState::Untried);
    states.iter().any(is_way) || !states.contains(&LinkState::Down)
}

async fn health(parts: &Parts, has_a_way: bool) -> (StatusCode, Json<Health>) {
    let problem = parts.readiness.store().await.err();
    let links = parts.links.states().map(|(name, state)| (name.to_owned(), state.as_str())).collect();
    let word = |good: bool| if good { "ok" } else { "failing" };
    let (takes_writes, version) = (problem.is_none(), env!("CARGO_PKG_VERSION"));
    let is_ready = takes_writes && has_a_way;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Health { status: word(is_ready), store: word(takes_writes), problem, links, version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_links_down_is_no_way_and_who_has_not_bound_says_nothing() {
        use LinkState::{Down, Unbound, Untried, Up};
        for (states, expected) in [
            (&[][..], true),
            (&[Up][..], true),
            (&[Down][..], false),
            (&[Down, Down][..], false),
            (&[Down, Up][..], true),
            (&[Down, Untried][..], true),
            (&[Unbound][..], true),
            (&[Unbound, Down][..], false),
        ] {
            assert_eq!(has_a_way(states), expected, "{states:?}");
        }
    }
}
