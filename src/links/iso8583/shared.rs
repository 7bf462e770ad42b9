//! The state that all connections share.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::responder::Responder;
use crate::config::iso8583::Iso8583 as Settings;
use crate::links::admission::{AuthFailures, ConnectionLimits};
use crate::links::smpp::tls::ServerSide;

/// The state that all connections share.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) responder: Responder,
    pub(super) limits: Arc<ConnectionLimits>,
    pub(super) auth_failures: Arc<AuthFailures>,
    pub(super) tls: Option<Arc<ServerSide>>,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}
