//! Delivery receipts: receipts that queued during the last commit share the next one.
//!
//! A receipt that matches no known reply is stored in the same commit and tried again: the identifier of the reply may
//! not be committed yet, here or on another node.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{debug, warn};

use crate::domain::Clock;
use crate::links::smpp::Accepted;
use crate::links::smpp::receipts::{Fate, ReceiptSink, Settlement};
use crate::store::{DeliveryReceipt, EarlyReceipt, Store, StoreError};

/// Receipts that may wait for a commit. Above this number, links are asked to slow down.
const QUEUE_MAX: usize = 4_096;
/// Most receipts in one transaction.
const BATCH_MAX: usize = 256;
/// Interval at which receipts that are due for a retry are read.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Waits before each further attempt to match a receipt, since the attempt before. After the last one it is discarded.
const TRY_AGAIN: [TimeDelta; 5] = [
    TimeDelta::milliseconds(500),
    TimeDelta::seconds(2),
    TimeDelta::seconds(10),
    TimeDelta::minutes(1),
    TimeDelta::minutes(10),
];
/// Longest time that a receipt waits, unless the clock is set back.
const WAIT_MAX: TimeDelta = TimeDelta::minutes(11);

type Waiting = (DeliveryReceipt, oneshot::Sender<Accepted>);

/// Stores receipts. Clones share one queue; the task ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Receipts(mpsc::Sender<Waiting>);

impl Receipts {
    pub fn start(store: Store, clock: Clock) -> Self {
        let (sender, waiting) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(Writer { store, clock }.run(waiting));
        Self(sender)
    }
}

struct Writer {
    store: Store,
    clock: Clock,
}

impl Writer {
    async fn run(self, mut waiting: mpsc::Receiver<Waiting>) {
        let mut looks = tokio::time::interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH_MAX);
        loop {
            tokio::select! {
                count = waiting.recv_many(&mut batch, BATCH_MAX) => {
                    if count == 0 {
                        return;
                    }
                    self.write(std::mem::take(&mut batch)).await;
                }
                _ = looks.tick() => {
                    if let Err(failure) = self.look().await {
                        warn!(error = %failure, "early receipts could not be processed; they are tried again");
                    }
                }
            }
        }
    }

    async fn write(&self, batch: Vec<Waiting>) {
        let (receipts, senders): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let now = self.clock.now();
        let accepted = match self.store.receive_receipts(&receipts, now, now + TRY_AGAIN[0]).await {
            Ok(found) => {
                receipts.iter().zip(found).filter(|(_, found)| *found).for_each(|(receipt, _)| count(receipt));
                Accepted::Committed
            }
            Err(failure) => {
                warn!(receipts = receipts.len(), error = %failure, "receipts were not stored; they stay with their SMSC");
                Accepted::Unavailable
            }
        };
        for sender in senders {
            // If the link no longer waits, it has stopped; its peer sends the receipt again.
            let _told = sender.send(accepted);
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let most = u32::try_from(BATCH_MAX).unwrap_or(u32::MAX);
        let early = self.store.early_receipts(now, now + WAIT_MAX, most).await?;
        if early.is_empty() {
            return Ok(());
        }
        let tried: Vec<(EarlyReceipt, Option<DateTime<Utc>>)> = early
            .into_iter()
            .map(|early| {
                let next = next_try(&early, now);
                (early, next)
            })
            .collect();
        let found = self.store.try_receipts_again(&tried, now).await?;
        for ((early, next), found) in tried.iter().zip(found) {
            match (found, next) {
                (true, _) => count(&early.receipt),
                (false, None) => debug!(link = early.receipt.link, "no reply matches the receipt"),
                (false, Some(_)) => {}
            }
        }
        Ok(())
    }
}

/// Time of the next attempt after one at `now`; `None` after the last.
fn next_try(early: &EarlyReceipt, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let tries = usize::try_from(early.tries).unwrap_or(usize::MAX);
    TRY_AGAIN.get(tries.saturating_add(1)).map(|wait| now + *wait)
}

fn count(receipt: &DeliveryReceipt) {
    let state = if receipt.undeliverable.is_none() { "delivered" } else { "undeliverable" };
    metrics::counter!("mbush_receipts_total", "link" => receipt.link.clone(), "state" => state).increment(1);
}

impl ReceiptSink for Receipts {
    fn settle(&self, settlement: Settlement) -> BoxFuture<'_, Accepted> {
        async move {
            let Settlement { link, remote_ids, phone, fate } = settlement;
            let undeliverable = match fate {
                Fate::Delivered => None,
                Fate::Undeliverable { reason } => Some(reason),
            };
            let receipt = DeliveryReceipt { link, remote_ids, phone, undeliverable };
            if receipt.remote_id().is_none() {
                debug!(link = receipt.link, "the receipt has an identifier that no reply can have");
                return Accepted::Committed;
            }
            let (sender, accepted) = oneshot::channel();
            match self.0.try_send((receipt, sender)) {
                Ok(()) => accepted.await.unwrap_or(Accepted::Unavailable),
                Err(TrySendError::Full(_)) => Accepted::Busy,
                Err(TrySendError::Closed(_)) => Accepted::Unavailable,
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_tried_less_and_less_often_and_then_forgotten() {
        let receipt = DeliveryReceipt {
            link: "ipko".into(),
            remote_ids: vec!["1".into()],
            phone: String::new(),
            undeliverable: None,
        };
        let now = DateTime::UNIX_EPOCH;
        let wait =
            |tries| next_try(&EarlyReceipt { receipt: receipt.clone(), tries }, now).map(|at| (at - now).num_seconds());
        assert_eq!([0, 1, 2, 3, 4, u32::MAX].map(wait), [Some(2), Some(10), Some(60), Some(600), None, None]);
    }
}
