//! The state that all handlers share.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::http::StatusCode;

use super::gateway_roster::Gateways;
use super::monitoring::Monitoring;
use super::staff::Staff;
use crate::domain::{Clock, Rules};
use crate::links::clients::Clients;
use crate::links::faults::FaultLog;
use crate::links::smpp::receipts::ReceiptSink;
use crate::menus::Menus;
use crate::processor::Ingress;

/// The state that all handlers share.
#[derive(Debug)]
pub struct Server {
    pub ingress: Arc<dyn Ingress>,
    /// Keeps the states of replies that gateways report.
    pub receipts: Arc<dyn ReceiptSink>,
    /// The limit of log lines about one gateway.
    pub faults: FaultLog,
    /// The gateways that may post messages.
    pub gateways: Gateways,
    /// The clients that may place orders.
    pub clients: Clients,
    /// Without it, the routes of staff do not exist.
    pub staff: Option<Arc<Staff>>,
    /// Without it, the routes for load balancers and monitoring are answered 404.
    pub monitoring: Option<Monitoring>,
    /// The menus for a short code that is dialled alone. They may be exchanged at any time.
    pub menus: Arc<ArcSwap<Menus>>,
    pub rules: Arc<Rules>,
    pub clock: Clock,
}

impl Server {
    /// # Errors
    /// 404 if monitoring is not configured.
    pub(super) fn monitoring(&self) -> Result<&Monitoring, StatusCode> {
        self.monitoring.as_ref().ok_or(StatusCode::NOT_FOUND)
    }
}
