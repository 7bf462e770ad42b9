//! The state that all sessions of the server share.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::account::Account;
use crate::config::smpp_server::SmppServer as Settings;
use crate::links::admission::{AuthFailures, ConnectionLimits};
use crate::links::smpp::application::Patient;
use crate::links::smpp::tls::ServerSide;
use crate::smpp::octets::Octets;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) system_id: Octets<16>,
    pub(super) accounts: HashMap<Vec<u8>, Arc<Account>>,
    pub(super) auth_failures: AuthFailures,
    pub(super) limits: Arc<ConnectionLimits>,
    pub(super) tls: Option<Arc<ServerSide>>,
    pub(super) application: Patient,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}
