//! What all sessions of the server share.

use std::collections::HashMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::account::Account;
use crate::config::smpp_server::SmppServer as Settings;
use crate::links::doors::{Gate, Strangers};
use crate::links::smpp::application::Patient;
use crate::links::smpp::tls::ServerSide;
use crate::smpp::octets::Octets;

/// What all sessions of the server share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) system_id: Octets<16>,
    pub(super) accounts: HashMap<Vec<u8>, Arc<Account>>,
    pub(super) strangers: Strangers,
    pub(super) gate: Arc<Gate>,
    pub(super) tls: Option<Arc<ServerSide>>,
    pub(super) application: Patient,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}
