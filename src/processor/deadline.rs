//! The time that a transaction may take.

use std::time::Duration;

use crate::store::StoreError;

/// Longest time of one transaction, with the wait for a connection and for locks. It is shorter than any door's patience, so
/// that a door can still say that the database hangs.
const TRANSACTION_MAX: Duration = Duration::from_secs(8);

/// Runs a transaction, and gives it up if it takes too long.
pub(super) async fn in_time<T>(transaction: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(TRANSACTION_MAX, transaction).await.unwrap_or(Err(StoreError::Late))
}
