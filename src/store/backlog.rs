//! How much waits, for a monitor: never more is looked at than [`COUNTED_MAX`] rows of an index.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::StoreError;
use super::database::{Database, Store};

/// As many are counted; more are told as so many.
pub const COUNTED_MAX: u32 = 10_000;

// The same text on both databases.
pub(super) const DUE: &str = "SELECT count(*), min(created_at) FROM
    (SELECT created_at FROM outbox WHERE link = $1 AND state = 'open' AND (due_at <= $2 OR last_error IS NOT NULL)
    ORDER BY due_at LIMIT $3) AS due";
pub(super) const QUARANTINED: &str = "SELECT coalesce(bank, ''), count(*) FROM
    (SELECT key, bank FROM inbox WHERE ending = 'quarantined' ORDER BY received_at DESC LIMIT $1) AS latest
    WHERE NOT EXISTS (SELECT 1 FROM quarantine WHERE message_key = latest.key) GROUP BY 1";

/// The replies of a link that wait: they are due, or were tried in vain and are tried again later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// How many, at most [`COUNTED_MAX`].
    pub replies: u32,
    /// When the oldest of these was written.
    pub since: Option<DateTime<Utc>>,
}

impl Store {
    /// The replies and reports of a link that wait at `now`.
    ///
    /// # Errors
    /// The database fails.
    pub async fn outbox_due(&self, link: &str, now: DateTime<Utc>) -> Result<Due, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.outbox_due(link, now).await,
            Database::Postgres(store) => store.outbox_due(link, now).await,
        }
    }

    /// How many of the latest [`COUNTED_MAX`] quarantined messages wait for staff, by bank; `""` where it is not known.
    ///
    /// # Errors
    /// The database fails.
    pub async fn quarantine_size(&self) -> Result<BTreeMap<String, u32>, StoreError> {
        let counted = match &self.database {
            Database::Sqlite(store) => store.quarantine_size().await?,
            Database::Postgres(store) => store.quarantine_size().await?,
        };
        Ok(counted.into_iter().map(|(bank, count)| (bank, counted_as(count))).collect())
    }
}

pub(super) fn counted_as(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(COUNTED_MAX)
}
