//! Sealing days that are over, some time after midnight.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::domain::Clock;
use crate::store::{DayHead, HeadKey, Store, StoreError, last_over};

/// So often it is looked whether a day is over.
const ASK_EVERY: Duration = Duration::from_secs(30);

/// Seals days.
#[derive(Debug)]
pub struct DaySealer {
    store: Store,
    key: HeadKey,
    seal_after: TimeDelta,
    clock: Clock,
}

impl DaySealer {
    /// A sealer; [`DaySealer::run`] starts it. A day is sealed when it has been over for `seal_after`.
    pub const fn new(store: Store, key: HeadKey, seal_after: TimeDelta, clock: Clock) -> Self {
        Self { store, key, seal_after, clock }
    }

    /// Until `stop`: seals whenever a day is over.
    pub async fn run(self, stop: CancellationToken) {
        let mut done: Option<NaiveDate> = None;
        while !stop.is_cancelled() {
            let over = last_over(self.clock.now(), self.seal_after);
            if over > done {
                match self.seal().await {
                    Ok(_) => done = over,
                    Err(failure) => warn!(error = %failure, "days that are over could not be sealed yet"),
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(ASK_EVERY) => {}
            }
        }
    }

    /// Seals what is over. The log keeps each head's hash outside of the database, where nobody changes both.
    ///
    /// # Errors
    /// The database fails.
    pub async fn seal(&self) -> Result<Vec<DayHead>, StoreError> {
        let heads = self.store.seal_days(&self.key, self.clock.now(), self.seal_after).await?;
        for head in &heads {
            let (day, transfers, sum_cents) = (head.day, head.transfers, head.sum_cents);
            info!(%day, transfers, sum_cents, head = hex::encode(head.hash()), "the day is sealed");
            metrics::counter!("mbush_days_sealed_total").increment(1);
        }
        Ok(heads)
    }
}
