//! Usage of limits, loaded and written in the transaction of a batch. Differs from SQLite's: rows are locked after the
//! accounts, sorted by key, and a row that does not exist is inserted only if it still does not.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::{Insert, Store, column};
use crate::domain::LoadedRows;
use crate::domain::limits::{Usage, UsageKey};
use crate::store::hot::Versions;
use crate::store::hot::cards::all_written;
use crate::store::hot::usage::{UsageRow, Used, add_usage, recent};
use crate::store::{StoreError, Writes};

const USED: &str = "SELECT u.subject, u.period, amount_minor, top_ups, recent, version
    FROM UNNEST($1::text[], $2::text[]) AS wanted (subject, period)
        JOIN usage u ON u.subject = ANY(ARRAY[wanted.subject]) AND u.period = ANY(ARRAY[wanted.period])
    ORDER BY u.subject, u.period FOR NO KEY UPDATE OF u";

/// Locked in the order of batches.
const FORGET: &str = "WITH over AS (SELECT u.subject, u.period FROM usage u
        JOIN UNNEST($1::text[], $2::text[], $3::bigint[]) AS seen (subject, period, version) USING (subject, period)
        WHERE u.version = seen.version ORDER BY u.subject, u.period FOR UPDATE OF u)
    DELETE FROM usage WHERE (subject, period) IN (SELECT subject, period FROM over)";

const WRITE_USAGE: &str = "INSERT INTO usage (subject, period, amount_minor, top_ups, recent, version)
    SELECT * FROM UNNEST($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[])
    ON CONFLICT (subject, period) DO UPDATE SET amount_minor = excluded.amount_minor, top_ups = excluded.top_ups,
        recent = excluded.recent, version = excluded.version
    WHERE usage.version = excluded.version - 1";

/// Adds the rows of these keys. Returns their versions.
pub(super) async fn load(
    connection: &mut PgConnection,
    wanted: &[UsageKey],
    loaded: &mut LoadedRows,
) -> Result<HashMap<UsageKey, i64>, StoreError> {
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let select = sqlx::query_as(USED)
        .bind(column(wanted, |key| key.subject.as_str()))
        .bind(column(wanted, |key| key.period.to_string()));
    let rows: Vec<UsageRow> = select.fetch_all(&mut *connection).await?;
    add_usage(rows, loaded)
}

/// Writes the rows that have the versions that were read.
pub(super) async fn write(
    connection: &mut PgConnection,
    writes: &Writes,
    versions: &Versions,
) -> Result<(), StoreError> {
    if writes.usage.is_empty() {
        return Ok(());
    }
    let mut rows: Vec<&(UsageKey, Usage)> = writes.usage.iter().collect();
    rows.sort_unstable_by_key(|(key, _)| (key.subject.as_str(), key.period.to_string()));
    let versions = column(&rows, |(key, _)| versions.next_of_usage(key));
    let done = usage_rows(&rows, versions).execute(connection).await?;
    all_written("usage", rows.len(), done.rows_affected())
}

impl Store {
    pub(crate) async fn forget_usage(&self, over: &[Used]) -> Result<u64, StoreError> {
        let forget = sqlx::query(FORGET)
            .bind(column(over, |used| used.subject.as_str()))
            .bind(column(over, |used| used.period.to_string()))
            .bind(column(over, |used| used.version));
        Ok(forget.execute(&self.pool).await?.rows_affected())
    }
}

fn usage_rows(rows: &[&(UsageKey, Usage)], versions: Vec<i64>) -> Insert<'static> {
    sqlx::query(WRITE_USAGE)
        .bind(column(rows, |(key, _)| key.subject.as_str()))
        .bind(column(rows, |(key, _)| key.period.to_string()))
        .bind(column(rows, |(_, usage)| usage.amount_minor))
        .bind(column(rows, |(_, usage)| i64::from(usage.count)))
        .bind(column(rows, |(_, usage)| recent(usage)))
        .bind(versions)
}
