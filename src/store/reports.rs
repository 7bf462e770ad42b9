//! Reports to the machines that submitted messages: how one ended, and the row of the outbox that says so.

use chrono::{DateTime, TimeDelta, Utc};

use super::database::{Database, Store};
use super::rows::ContentOf;
use super::{Leased, StoreError};
use crate::domain::Report;

/// A report goes out so much later than its message was committed: the answer to the submission, which tells the
/// identifier that the report names, is meant to be there first.
pub(super) const AFTER: TimeDelta = TimeDelta::seconds(1);

// The same text on both databases.
pub(super) const ENDED: &str = "SELECT outcome, received_at FROM inbox WHERE key = $1";

impl Store {
    /// How the message of this key ended, where there is one. Its ending is as old as the message, to the second.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn report_about(&self, key: &str) -> Result<Option<Report>, StoreError> {
        let ended = match &self.database {
            Database::Sqlite(store) => store.ended(key).await?,
            Database::Postgres(store) => store.ended(key).await?,
        };
        ended.map(|(outcome, at)| Ok(Report::of(&ContentOf::outcome(&outcome)?, at, at))).transpose()
    }
}

impl Leased {
    pub(super) fn report_from(json: Option<&str>) -> Result<Option<Report>, StoreError> {
        json.map(|json| serde_json::from_str(json).map_err(|error| StoreError::corrupt("outbox", error.to_string())))
            .transpose()
    }
}

/// The column that makes a row of the outbox a report.
pub(super) fn column(report: &Report) -> Result<String, StoreError> {
    serde_json::to_string(report).map_err(|error| StoreError::corrupt("outbox", error.to_string()))
}

/// When a report that was made at this instant is due.
pub(super) fn due(created_at: DateTime<Utc>) -> DateTime<Utc> {
    created_at + AFTER
}
