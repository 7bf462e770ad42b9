//! The services that sessions use.
//!
//! The wait for an answer is limited. A message that is not committed by then is answered as not taken, and its sender
//! keeps it. It may be committed later, which `inbound` takes into account.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::time::timeout;
use tracing::warn;

use super::accepted::Accepted;
use super::meter::Registry;
use super::receipts::{ReceiptSink, Settlement};
use crate::domain::{AddressType, Clock, InboundSms, Language, Msisdn, ReportWanted};
use crate::links::faults::FaultLog;
use crate::menus::Menus;
use crate::processor::{InboundPart, Ingress, Known, NotAccepted};
use crate::text::shift::NationalTables;

/// The services that sessions use.
#[derive(Debug, Clone)]
pub struct Application {
    pub ingress: Arc<dyn Ingress>,
    pub receipts: Arc<dyn ReceiptSink>,
    /// The menus for a short code that is dialled alone. They may be exchanged at any time.
    pub menus: Arc<ArcSwap<Menus>>,
    /// The sessions that are bound.
    pub registry: Registry,
    /// The limit of log lines about one peer.
    pub faults: FaultLog,
    pub clock: Clock,
    /// The national language tables that the texts of replies are written with.
    pub national: NationalTables,
}

/// The services that the sessions of one peer, or of one server, use. No call that a peer waits for takes longer than
/// `patience`.
#[derive(Debug, Clone)]
pub(super) struct Patient {
    ingress: Arc<dyn Ingress>,
    receipts: Arc<dyn ReceiptSink>,
    patience: Duration,
    pub(super) menus: Arc<ArcSwap<Menus>>,
    pub(super) registry: Registry,
    pub(super) faults: FaultLog,
    pub(super) clock: Clock,
}

impl Application {
    /// The same services for peers that wait for an answer for `response`.
    pub(super) fn within(self, response: Duration) -> Patient {
        let Self { ingress, receipts, menus, registry, faults, clock, .. } = self;
        // A tenth of the time is left for the transport of the answer.
        Patient { ingress, receipts, patience: response * 9 / 10, menus, registry, faults, clock }
    }
}

impl Patient {
    pub(super) async fn accept(&self, sms: InboundSms, report: ReportWanted) -> Accepted {
        let taken =
            async { self.ingress.accept(sms, report).await.map_or_else(Accepted::from, |_| Accepted::Committed) };
        self.wait(taken, Accepted::Unavailable).await
    }

    /// Stores a part of a long message. Returns the key of the message.
    ///
    /// # Errors
    /// The part was not stored.
    pub(super) async fn accept_part(&self, part: InboundPart) -> Result<String, Accepted> {
        let kept = async { self.ingress.accept_part(part).await.map_err(Accepted::from) };
        self.wait(kept, Err(Accepted::Unavailable)).await
    }

    /// # Errors
    /// The database did not answer.
    pub(super) async fn find(&self, link: &str, key: String) -> Result<Known, NotAccepted> {
        self.wait(self.ingress.find(link, key), Err(NotAccepted::Store)).await
    }

    pub(super) async fn settle(&self, settlement: Settlement) -> Accepted {
        self.wait(self.receipts.settle(settlement), Accepted::Unavailable).await
    }

    pub(super) async fn language(&self, from: &str) -> Language {
        self.ingress.language(from).await
    }

    pub(super) fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        self.ingress.phone(from, labelled)
    }

    async fn wait<T>(&self, work: impl Future<Output = T>, late: T) -> T {
        timeout(self.patience, work).await.unwrap_or_else(|_| {
            metrics::counter!("mbush_late_total", "interface" => "smpp").increment(1);
            warn!(
                waited_ms = self.patience.as_millis(),
                "no answer of the database in time; the peer keeps its request"
            );
            late
        })
    }
}
