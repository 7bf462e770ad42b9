//! `GET /metrics`: what was counted and timed, for a monitor.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};

use super::state::Server;

pub(super) async fn metrics(
    State(server): State<Arc<Server>>,
) -> Result<([(HeaderName, &'static str); 1], String), StatusCode> {
    let monitoring = server.monitoring()?;
    monitoring.measure().await;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], monitoring.recorder.render()))
}
