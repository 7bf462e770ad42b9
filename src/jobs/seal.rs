//! Seals past days, some time after midnight.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::domain::{Clock, Floor};
use crate::store::{DayHead, HeadKey, Store, StoreError, last_over};

/// Interval at which the day is checked.
const ASK_EVERY: Duration = Duration::from_secs(30);

/// Returns true if `seen` may be the last head after `last`.
fn follows(last: &DayHead, seen: &DayHead) -> bool {
    last.day > seen.day || last == seen
}

#[derive(Debug)]
pub struct DaySealer {
    store: Store,
    key: HeadKey,
    seal_after: TimeDelta,
    clock: Clock,
    floor: Floor,
    /// The last head that was read.
    seen: Option<DayHead>,
}

/// Result of one run.
#[derive(Debug, PartialEq, Eq)]
pub enum Look {
    /// These days were sealed; empty if none was due or another node was faster.
    Sealed(Vec<DayHead>),
    /// Several days are due, from the first to the last; none was sealed.
    Several(NaiveDate, NaiveDate),
    /// The head of this day is missing or different since it was read.
    Changed(NaiveDate),
}

impl Look {
    fn log(&self) {
        match self {
            Self::Sealed(_) => {}
            Self::Several(first, last) => warn!(
                %first, %last,
                "several past days are not sealed: nobody sealed them in time, the key is new, or heads were removed; \
                 compare the last head with the log, then sign the days with `mbush audit seal`"
            ),
            Self::Changed(day) => {
                error!(%day, "the head of a sealed day was removed or changed; nothing is sealed: run `mbush audit`");
            }
        }
    }
}

impl DaySealer {
    /// Creates the task; [`DaySealer::run`] starts it. A day is sealed after it has been over for `seal_after`. The
    /// floor rises to the end of the last sealed day.
    pub const fn new(store: Store, key: HeadKey, seal_after: TimeDelta, clock: Clock, floor: Floor) -> Self {
        Self { store, key, seal_after, clock, floor, seen: None }
    }

    /// Seals each day after its end, until `stop` is cancelled.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut done = None;
        while !stop.is_cancelled() {
            let over = last_over(self.clock.now(), self.seal_after);
            if over > done {
                match self.look().await {
                    Ok(found) => {
                        found.log();
                        done = over;
                    }
                    Err(failure) => warn!(error = %failure, "past days could not be sealed; they are tried again"),
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(ASK_EVERY) => {}
            }
        }
    }

    /// Seals the last day, and no more than one. Several are due if no node ran for longer, or if heads were deleted.
    /// In that case the present content must not be signed without a check by people.
    pub async fn look(&mut self) -> Result<Look, StoreError> {
        let last = self.store.last_head().await?;
        if let Some(seen) = self.seen.as_ref().filter(|seen| last.as_ref().is_none_or(|last| !follows(last, seen))) {
            return Ok(Look::Changed(seen.day));
        }
        let look = match self.store.days_due(self.clock.now(), self.seal_after).await? {
            Some((first, last)) if first < last => Look::Several(first, last),
            _ => Look::Sealed(self.seal().await?),
        };
        self.seen = self.store.last_head().await?;
        if let Some(head) = &self.seen {
            self.floor.raise(head.end());
        }
        Ok(look)
    }

    /// Seals all past days. The log keeps the hash of each head outside of the database, where a change of the database
    /// does not reach it.
    pub async fn seal(&self) -> Result<Vec<DayHead>, StoreError> {
        let heads = self.store.seal_days(&self.key, self.clock.now(), self.seal_after).await?;
        for head in &heads {
            let (day, transfers, sum_minor) = (head.day, head.transfers, head.sum_minor);
            info!(%day, transfers, sum_minor, head = hex::encode(head.hash()), "the day is sealed");
            metrics::counter!("mbush_days_sealed_total").increment(1);
        }
        Ok(heads)
    }
}
