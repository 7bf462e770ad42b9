//! Usage of limits, loaded and written in the transaction of a batch. Differs from PostgreSQL's: one JSON text carries
//! all keys, and no row is locked.

use std::collections::HashMap;
use std::sync::LazyLock;

use sqlx::SqliteConnection;

use super::Store;
use super::convert::json;
use crate::domain::LoadedRows;
use crate::domain::limits::{Usage, UsageKey};
use crate::store::db::{Insert, Row};
use crate::store::hot::Versions;
use crate::store::hot::usage::{UsageRow, Used, add_usage, recent};
use crate::store::{StoreError, Writes};

const USED: &str = "SELECT subject, period, amount_minor, top_ups, recent, version FROM usage
    WHERE (subject, period) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))";

const FORGET: &str = "DELETE FROM usage WHERE (subject, period, version) IN
    (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each($1))";

static WRITE_USAGE: LazyLock<Insert> = LazyLock::new(|| {
    let head = "INSERT INTO usage (subject, period, amount_minor, top_ups, recent, version)";
    let unless_changed = "ON CONFLICT (subject, period) DO UPDATE SET amount_minor = excluded.amount_minor,
        top_ups = excluded.top_ups, recent = excluded.recent, version = excluded.version
        WHERE usage.version = excluded.version - 1";
    Insert::new("usage", head, 6, unless_changed)
});

/// Adds the rows of these keys. Returns their versions.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    wanted: &[UsageKey],
    loaded: &mut LoadedRows,
) -> Result<HashMap<UsageKey, i64>, StoreError> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<(&str, String)> = wanted.iter().map(|key| (key.subject.as_str(), key.period.to_string())).collect();
    let rows: Vec<UsageRow> = sqlx::query_as(USED).bind(json("usage", &keys)?).fetch_all(&mut *connection).await?;
    add_usage(rows, loaded)
}

/// Writes the rows that have the versions that were read.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    writes: &Writes,
    versions: &Versions,
) -> Result<(), StoreError> {
    let version = |key| versions.next_of_usage(key);
    let rows: Vec<_> = writes.usage.iter().map(|(key, usage)| (key, usage, version(key))).collect();
    WRITE_USAGE.run(connection, &rows, used).await
}

impl Store {
    pub(crate) async fn forget_usage(&self, over: &[Used]) -> Result<u64, StoreError> {
        let keys: Vec<(&str, String, i64)> =
            over.iter().map(|used| (used.subject.as_str(), used.period.to_string(), used.version)).collect();
        Ok(sqlx::query(FORGET).bind(json("usage", &keys)?).execute(&self.writer).await?.rows_affected())
    }
}

fn used<'q>(row: Row<'q>, (key, usage, version): &(&UsageKey, &Usage, i64)) -> Row<'q> {
    row.bind(key.subject.clone())
        .bind(key.period.to_string())
        .bind(usage.amount_minor)
        .bind(i64::from(usage.count))
        .bind(recent(usage))
        .bind(*version)
}
