//! The task that records expired batches. Their cards are refused from that date on even without it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::steps::{Step, expire};
use crate::domain::Clock;
use crate::store::Store;

/// Interval of the task. Batches are few, and nothing waits for it.
const EVERY: Duration = Duration::from_mins(10);
/// Name that the steps are recorded under.
const BY: &str = "sweeper";

/// Records batches whose date has passed. Any number of nodes may run it: each batch is recorded once.
#[derive(Debug)]
pub struct ExpirySweeper {
    store: Store,
    clock: Clock,
}

impl ExpirySweeper {
    pub const fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Runs at once and then at intervals, until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            self.look().await;
            if stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_none() {
                return;
            }
        }
    }

    async fn look(&self) {
        let step = Step { by: BY.to_owned(), note: "its date has passed".to_owned(), at: self.clock.now() };
        match expire(&self.store, &step).await {
            Ok(expired) => expired.iter().for_each(|batch| info!(batch, "a batch of cards has expired")),
            Err(error) => {
                warn!(%error, "expired batches of cards could not be recorded; their cards are refused all the same");
            }
        }
    }
}
