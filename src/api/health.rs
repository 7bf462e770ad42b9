//! Health, for a load balancer, an init system and people. Each route answers within a second, in whatever state the
//! database is.
//!
//! | route | 200 if | 503 if |
//! | --- | --- | --- |
//! | `GET /health/live` | the program runs | never: without an answer, restart the program |
//! | `GET /health/ready`, `GET /health` | the database takes writes, and not all links are down | otherwise |
//! | `GET /health/store` | the database takes writes | otherwise |

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use super::monitoring::Monitoring;
use super::state::Server;
use crate::links::LinkState;

#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    store: &'static str,
    /// The reason that the database does not take writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    links: BTreeMap<String, &'static str>,
    version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Life {
    status: &'static str,
    version: &'static str,
}

pub(super) async fn live() -> Json<Life> {
    Json(Life { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

pub(super) async fn store(State(server): State<Arc<Server>>) -> Result<(StatusCode, Json<Health>), StatusCode> {
    Ok(health(server.monitoring()?, false).await)
}

pub(super) async fn ready(State(server): State<Arc<Server>>) -> Result<(StatusCode, Json<Health>), StatusCode> {
    Ok(health(server.monitoring()?, true).await)
}

/// Returns true if messages can come and go. A bank that has not bound to the SMPP server does not count as a fault.
fn has_a_way(states: &[LinkState]) -> bool {
    let is_way = |state: &LinkState| matches!(state, LinkState::Up | LinkState::Untried);
    states.iter().any(is_way) || !states.contains(&LinkState::Down)
}

/// `needs_links` is true if the links count, too.
async fn health(monitoring: &Monitoring, needs_links: bool) -> (StatusCode, Json<Health>) {
    let problem = monitoring.readiness.store().await.err();
    // The states are read once, so that the answer agrees with itself.
    let links: Vec<(&str, LinkState)> = monitoring.links.states().collect();
    let has_a_way = !needs_links || has_a_way(&links.iter().map(|(_, state)| *state).collect::<Vec<_>>());
    let links = links.into_iter().map(|(name, state)| (name.to_owned(), state.as_str())).collect();
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
