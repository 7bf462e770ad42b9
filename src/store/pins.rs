//! PINs.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::database::Database;
use super::{Store, StoreError};
use crate::domain::{AccountKey, PinRecord};

/// One statement for both databases. The PIN of an account is changed under the lock of its account.
pub(super) const SET: &str = "INSERT INTO pins (account, id, hash, initial, set_at, given_by)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (account) DO UPDATE SET id = excluded.id, hash = excluded.hash, initial = excluded.initial,
        set_at = excluded.set_at, given_by = excluded.given_by";
pub(super) const OF_ACCOUNT: &str = "SELECT account, id, hash, initial, set_at, given_by FROM pins WHERE account = $1";

/// A row as the database has it: its identifier and its instant differ.
pub(super) type Row<Id, At> = (String, Id, String, bool, At, Option<String>);

/// A row, in the terms of the domain.
pub(super) fn read(row: Row<Uuid, DateTime<Utc>>) -> Result<PinRecord, StoreError> {
    let (account, id, hash, initial, set_at, given_by) = row;
    let account = account.parse().map_err(|error| StoreError::corrupt("pins", error))?;
    Ok(PinRecord { account, id, hash, initial, set_at, given_by })
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
}
