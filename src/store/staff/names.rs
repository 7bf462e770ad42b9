//! Names of accounts, for who has misspelt one.

use super::super::database::Database;
use super::super::{Store, StoreError};
use crate::domain::{AccountKey, AccountKind};

const NAMES: &str = "SELECT name FROM accounts WHERE name >= $1 AND name < $2 ORDER BY name LIMIT $3";
const HAS_MOVED: &str = "SELECT EXISTS (SELECT 1 FROM transfers WHERE debit = $1 OR credit = $1)";

impl Store {
    /// So many names of accounts of a kind, from this key on, in their order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn account_names(&self, kind: AccountKind, from: &str, most: u32) -> Result<Vec<String>, StoreError> {
        // `;` is the character behind `:`.
        let (first, end) = (format!("{kind}:{from}"), format!("{kind};"));
        Ok(match &self.database {
            Database::Sqlite(store) => {
                let names = sqlx::query_scalar(NAMES).bind(first).bind(end).bind(i64::from(most));
                names.fetch_all(store.readers()).await?
            }
            Database::Postgres(store) => {
                let names = sqlx::query_scalar(NAMES).bind(first).bind(end).bind(i64::from(most));
                names.fetch_all(store.pool()).await?
            }
        })
    }

    /// Whether any transfer has this account on a side. Of an account that keeps no balance, all transfers are looked at
    /// until one is found.
    ///
    /// # Errors
    /// The database fails.
    pub async fn has_moved(&self, account: &AccountKey) -> Result<bool, StoreError> {
        let name = account.to_string();
        Ok(match &self.database {
            Database::Sqlite(store) => sqlx::query_scalar(HAS_MOVED).bind(name).fetch_one(store.readers()).await?,
            Database::Postgres(store) => sqlx::query_scalar(HAS_MOVED).bind(name).fetch_one(store.pool()).await?,
        })
    }
}
