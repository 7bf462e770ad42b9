//! How much waits.

use chrono::{DateTime, Utc};

use super::Store;
use crate::store::StoreError;
use crate::store::backlog::{COUNTED_MAX, DUE, Due, QUARANTINED, counted_as};

impl Store {
    pub(crate) async fn outbox_due(&self, link: &str, now: DateTime<Utc>) -> Result<Due, StoreError> {
        let due = sqlx::query_as(DUE).bind(link).bind(now).bind(i64::from(COUNTED_MAX));
        let (replies, since): (i64, Option<DateTime<Utc>>) = due.fetch_one(&self.pool).await?;
        Ok(Due { replies: counted_as(replies), since })
    }

    pub(crate) async fn quarantine_size(&self) -> Result<Vec<(String, i64)>, StoreError> {
        Ok(sqlx::query_as(QUARANTINED).bind(i64::from(COUNTED_MAX)).fetch_all(&self.pool).await?)
    }
}
