//! Delivery receipts on their way into the outbox: those that have queued while the last were written share a commit.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use crate::domain::Clock;
use crate::links::smpp::receipts::{Fate, ReceiptSink, Settled, Settlement};
use crate::store::{DeliveryReceipt, Store};

/// Receipts that may wait; of more, links hear that they cannot be written now, and try again.
const QUEUE_MAX: usize = 4_096;
/// Most receipts in one transaction.
const BATCH_MAX: usize = 256;

type Waiting = (DeliveryReceipt, oneshot::Sender<Settled>);

/// Writes receipts. A clone writes through the same queue; the task ends when the last one is gone.
#[derive(Debug, Clone)]
pub struct Receipts(mpsc::Sender<Waiting>);

impl Receipts {
    /// Starts the task that writes.
    pub fn start(store: Store, clock: Clock) -> Self {
        let (sender, mut waiting) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH_MAX);
            while waiting.recv_many(&mut batch, BATCH_MAX).await > 0 {
                write(&store, &clock, std::mem::take(&mut batch)).await;
            }
        });
        Self(sender)
    }
}

async fn write(store: &Store, clock: &Clock, batch: Vec<Waiting>) {
    let (receipts, senders): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
    let settled = match store.receive_receipts(&receipts, clock.now()).await {
        Ok(found) => found.into_iter().map(|found| if found { Settled::Matched } else { Settled::Unknown }).collect(),
        Err(failure) => {
            warn!(receipts = receipts.len(), error = %failure, "receipts were not stored; they are tried again");
            vec![Settled::Unavailable; receipts.len()]
        }
    };
    for ((sender, settled), receipt) in senders.into_iter().zip(settled).zip(receipts) {
        if settled == Settled::Matched {
            let state = if receipt.undeliverable.is_none() { "delivered" } else { "undeliverable" };
            metrics::counter!("mbush_receipts_total", "link" => receipt.link, "state" => state).increment(1);
        }
        // A link that no longer waits has stopped.
        let _told = sender.send(settled);
    }
}

impl ReceiptSink for Receipts {
    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Settled> {
        async move {
            let Settlement { link, remote_ids, phone, fate } = settlement;
            let undeliverable = match fate {
                Fate::Delivered => None,
                Fate::Undeliverable { reason } => Some(reason),
            };
            let (sender, settled) = oneshot::channel();
            if self.0.try_send((DeliveryReceipt { link, remote_ids, phone, undeliverable }, sender)).is_err() {
                return Settled::Unavailable;
            }
            settled.await.unwrap_or(Settled::Unavailable)
        }
        .boxed()
    }
}
