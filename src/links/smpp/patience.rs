//! A peer waits so long for an answer, and no longer: what is not done by then is answered as not taken, and its sender
//! keeps it. It may be done all the same, which [`super::inbound`] remembers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::timeout;
use tracing::warn;

use super::Application;
use super::ingress::{Accepted, Ingress, Known};
use super::receipts::{ReceiptSink, Settlement};
use crate::domain::{AddressType, InboundSms, Language, Msisdn, ReportWanted};
use crate::processor::InboundPart;

impl Application {
    /// The same for peers that wait no longer than this for an answer.
    pub(super) fn within(self, response: Duration) -> Self {
        // A tenth is for the way there and back.
        let patience = response * 9 / 10;
        let ingress = Arc::new(Patient { inner: self.ingress, patience });
        let receipts = Arc::new(Patient { inner: self.receipts, patience });
        Self { ingress, receipts, ..self }
    }
}

/// Gives up what takes too long.
struct Patient<T: ?Sized> {
    inner: Arc<T>,
    patience: Duration,
}

impl<T: ?Sized> fmt::Debug for Patient<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patient").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl<T: ?Sized> Patient<T> {
    async fn wait<V>(&self, work: impl Future<Output = V>, late: V) -> V {
        timeout(self.patience, work).await.unwrap_or_else(|_| {
            metrics::counter!("mbush_late_total", "door" => "smpp").increment(1);
            warn!(
                waited_ms = self.patience.as_millis(),
                "no answer of the database in time; the peer keeps its request"
            );
            late
        })
    }
}

impl Ingress for Patient<dyn Ingress> {
    fn accept(&self, sms: InboundSms, report: ReportWanted) -> BoxFuture<'_, Accepted> {
        self.wait(self.inner.accept(sms, report), Accepted::Unavailable).boxed()
    }

    fn accept_part(&self, part: InboundPart) -> BoxFuture<'_, Result<String, Accepted>> {
        self.wait(self.inner.accept_part(part), Err(Accepted::Unavailable)).boxed()
    }

    fn phone(&self, from: &str, labelled: Option<AddressType>) -> Option<Msisdn> {
        self.inner.phone(from, labelled)
    }

    fn language<'a>(&'a self, from: &'a str) -> BoxFuture<'a, Language> {
        self.inner.language(from)
    }

    fn find<'a>(&'a self, link: &'a str, key: String) -> BoxFuture<'a, Known> {
        self.wait(self.inner.find(link, key), Known::Unavailable).boxed()
    }
}

impl ReceiptSink for Patient<dyn ReceiptSink> {
    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Accepted> {
        self.wait(self.inner.settle(settlement), Accepted::Unavailable).boxed()
    }
}
