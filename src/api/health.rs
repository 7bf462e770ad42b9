//! Health, for a balancer, an init system and people. Each is answered within a second, whatever the database does.
//!
//! | route | 200 where | 503 where |
//! | --- | --- | --- |
//! | `GET /health/live` | the program runs | never: no answer means that it is to be started anew |
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
    /// Why the store does not take writes.
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
    Ok(health(server.monitoring()?, true).await)
}

pub(super) async fn ready(State(server): State<Arc<Server>>) -> Result<(StatusCode, Json<Health>), StatusCode> {
    let monitoring = server.monitoring()?;
    let states: Vec<LinkState> = monitoring.links.states().map(|(_, state)| state).collect();
    Ok(health(monitoring, has_a_way(&states)).await)
}

/// Whether texts come and go at all. A bank that has not bound to us is no sign of it.
fn has_a_way(states: &[LinkState]) -> bool {
    let is_way = |state: &LinkState| matches!(state, LinkState::Up | LinkState::Untried);
    states.iter().any(is_way) || !states.contains(&LinkState::Down)
}

async fn health(monitoring: &Monitoring, has_a_way: bool) -> (StatusCode, Json<Health>) {
    let problem = monitoring.readiness.store().await.err();
    let links = monitoring.links.states().map(|(name, state)| (name.to_owned(), state.as_str())).collect();
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
