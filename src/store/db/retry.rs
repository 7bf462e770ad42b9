//! Retries a transaction if the database was busy.

use std::time::Duration;

use crate::store::StoreError;

/// Wait before the second attempt; it doubles with each further attempt.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// Attempts at a transaction, with a wait between them that doubles.
#[derive(Debug)]
pub struct Retry {
    attempt: u32,
    attempts_max: u32,
    wait: Duration,
}

impl Retry {
    pub const fn new(attempts_max: u32) -> Self {
        Self { attempt: 1, attempts_max, wait: FIRST_WAIT }
    }

    /// Number of the last attempt, from 1.
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Waits before the next attempt. Returns `false` at once if none is left, or if it would fail for the same reason.
    pub async fn again(&mut self, failure: &StoreError) -> bool {
        if self.attempt >= self.attempts_max || !failure.is_transient() {
            return false;
        }
        tokio::time::sleep(self.wait).await;
        (self.wait, self.attempt) = (self.wait * 2, self.attempt + 1);
        true
    }
}
