//! PINs.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::database::Database;
use super::{Store, StoreError};
use crate::domain::{AccountKey, PinRecord};

/// One statement for both databases. The PIN of an account is changed under the lock of its account.
pub(super) const SET: &str = "INSERT INTO pins (account, id, hash, initial, set_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (account) DO UPDATE SET id = excluded.id, hash = excluded.hash, initial = excluded.initial,
        set_at = excluded.set_at";
pub(super) const OF_ACCOUNT: &str = "SELECT account, id, hash, initial, set_at FROM pins WHERE account = $1";
pub(super) const RESET: &str = "DELETE FROM pins WHERE account = $1";

/// A row, in the terms of the domain.
pub(super) fn read(
    account: &str,
    id: Uuid,
    hash: String,
    initial: bool,
    set_at: DateTime<Utc>,
) -> Result<PinRecord, StoreError> {
    let account = account.parse().map_err(|error| StoreError::corrupt("pins", error))?;
    Ok(PinRecord { account, id, hash, initial, set_at })
}

impl Store {
    /// The PIN of an account, where it has one of its own.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn pin(&self, account: &AccountKey) -> Result<Option<PinRecord>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.pin(account).await,
            Database::Postgres(store) => store.pin(account).await,
        }
    }

    /// Takes the PIN of an account away, so that it has the one that all begin with. Whether it had one of its own.
    ///
    /// # Errors
    /// The database fails.
    pub async fn reset_pin(&self, account: &AccountKey) -> Result<bool, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.reset_pin(account).await,
            Database::Postgres(store) => store.reset_pin(account).await,
        }
    }
}
