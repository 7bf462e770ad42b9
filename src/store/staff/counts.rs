//! Counts of all that there is, beside lists of staff that show some of it.

use super::super::database::Database;
use super::super::{Store, StoreError};
use crate::domain::{AccountKey, ActionState};

// The same text on both databases.
const QUARANTINED: &str = "SELECT count(*) FROM inbox i LEFT JOIN quarantine q ON q.message_key = i.key
    WHERE i.ending = $1 AND q.message_key IS NULL";
const PENDING_HOLDS: &str = "SELECT count(*) FROM holds WHERE state = 'pending' AND ($1 = '' OR account = $1)";
const ACTIONS: &str = "SELECT count(*) FROM operator_actions WHERE state = $1";

impl Store {
    /// Counts the messages that wait for staff.
    ///
    /// # Errors
    /// The database fails.
    pub async fn quarantine_count(&self) -> Result<i64, StoreError> {
        self.count(QUARANTINED, "quarantined").await
    }

    /// Counts the pending holds, of one account or of all.
    ///
    /// # Errors
    /// The database fails.
    pub async fn pending_holds_count(&self, account: Option<&AccountKey>) -> Result<i64, StoreError> {
        self.count(PENDING_HOLDS, &account.map(ToString::to_string).unwrap_or_default()).await
    }

    /// Counts the actions of this state.
    ///
    /// # Errors
    /// The database fails.
    pub async fn actions_count(&self, state: ActionState) -> Result<i64, StoreError> {
        self.count(ACTIONS, state.as_str()).await
    }

    async fn count(&self, statement: &'static str, of: &str) -> Result<i64, StoreError> {
        Ok(match &self.database {
            Database::Sqlite(store) => sqlx::query_scalar(statement).bind(of).fetch_one(store.readers()).await?,
            Database::Postgres(store) => sqlx::query_scalar(statement).bind(of).fetch_one(store.pool()).await?,
        })
    }
}
