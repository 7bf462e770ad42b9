//! The state that all handlers share.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::http::StatusCode;

use super::gateway_roster::Gateways;
use super::monitoring::Monitoring;
use super::staff::Staff;
use crate::domain::{Clock, Rules};
use crate::links::clients::Clients;
use crate::menus::Menus;
use crate::processor::Ingress;

/// The state that all handlers share.
#[derive(Debug)]
pub struct Server {
    /// Where messages go.
    pub ingress: Arc<dyn Ingress>,
    /// Those who post messages.
    pub gateways: Gateways,
    /// Those who order under keys.
    pub clients: Clients,
    /// Staff; without them their routes are not there.
    pub staff: Option<Arc<Staff>>,
    /// What balancers and monitors ask; without it they are answered 404.
    pub monitoring: Option<Monitoring>,
    /// What is shown to who dials a short code alone; they may be exchanged at any time.
    pub menus: Arc<ArcSwap<Menus>>,
    /// What decisions obey.
    pub rules: Arc<Rules>,
    /// The time.
    pub clock: Clock,
}

impl Server {
    /// # Errors
    /// 404 where nobody monitors this server.
    pub(super) fn monitoring(&self) -> Result<&Monitoring, StatusCode> {
        self.monitoring.as_ref().ok_or(StatusCode::NOT_FOUND)
    }
}
