//! The time limit of a transaction.

use std::time::Duration;

use crate::store::StoreError;

/// Maximum duration of a transaction, including the waits for a connection and for locks. It is shorter than the
/// timeout of any entry point, so that the entry point can still report a database that hangs.
const TRANSACTION_MAX: Duration = Duration::from_secs(8);

/// Runs a transaction, and abandons it after the time limit.
pub(super) async fn in_time<T>(transaction: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(TRANSACTION_MAX, transaction).await.unwrap_or(Err(StoreError::Late))
}
