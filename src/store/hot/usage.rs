//! Rows of the usage of limits.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::limits::{Period, Usage, UsageKey};
use crate::domain::{LoadedRows, Stored};
use crate::store::db::{on, rows};
use crate::store::{Store, StoreError, value};

/// Subject, period, minor units, top-ups, their instants, and the number of batches that have written the row.
pub(super) type UsageRow = (String, String, i64, i64, Option<String>, i64);

fn corrupt(problem: String) -> StoreError {
    StoreError::corrupt("usage", problem)
}

/// Adds usage to the loaded rows. Returns the versions of its rows.
pub(super) fn add_usage(rows: Vec<UsageRow>, loaded: &mut LoadedRows) -> Result<HashMap<UsageKey, i64>, StoreError> {
    let mut versions = HashMap::with_capacity(rows.len());
    for row in rows {
        let (key, usage, version) = read(row)?;
        versions.insert(key.clone(), version);
        loaded.usage.insert(key, usage);
    }
    Ok(versions)
}

/// A row, and its version.
fn read(row: UsageRow) -> Result<(UsageKey, Usage, i64), StoreError> {
    let (subject, period, amount_minor, top_ups, recent, version) = row;
    let count = u32::try_from(top_ups).map_err(|_| corrupt(format!("{top_ups} top-ups")))?;
    let usage = Usage { amount_minor, count, recent: instants(recent)? };
    Ok((UsageKey { subject, period: period.parse().map_err(corrupt)? }, usage, version))
}

fn instants(recent: Option<String>) -> Result<Vec<DateTime<Utc>>, StoreError> {
    let Some(json) = recent else { return Ok(Vec::new()) };
    let micros: Vec<i64> = serde_json::from_str(&json).map_err(|error| corrupt(error.to_string()))?;
    let instant =
        |micros| DateTime::from_timestamp_micros(micros).ok_or_else(|| corrupt(format!("{micros} is not an instant")));
    micros.into_iter().map(instant).collect()
}

/// The instants as stored; `None` if there are none.
pub(super) fn recent(usage: &Usage) -> Option<String> {
    let micros: Vec<String> = usage.recent.iter().map(|at| at.timestamp_micros().to_string()).collect();
    (!micros.is_empty()).then(|| format!("[{}]", micros.join(",")))
}

/// A row as the sweep over all rows reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub subject: String,
    pub period: Stored<Period>,
    /// Number of batches that have written it. A row with another version by then is not deleted.
    pub version: i64,
    /// Instant of its last top-up, if instants are stored.
    pub last: Option<DateTime<Utc>>,
}

/// Separator between subject and period in a cursor; neither contains it.
const SEPARATOR: char = ' ';

impl Used {
    /// The cursor behind this row.
    pub fn cursor(&self) -> String {
        format!("{}{SEPARATOR}{}", self.subject, self.period)
    }

    /// Returns `true` if no limit needs the row: its period was over before `ended`, or its last top-up was before
    /// `recent`. A kind of period that only a newer version knows is left to that version.
    pub fn is_over(&self, ended: DateTime<Utc>, recent: DateTime<Utc>) -> bool {
        match self.period.known() {
            Some(Period::Recent) => self.last.is_none_or(|last| last < recent),
            Some(period) => period.end().is_some_and(|end| end < ended),
            None => false,
        }
    }
}

const USAGE_PAGE: &str = "SELECT subject, period, amount_minor, top_ups, recent, version FROM usage
    WHERE (subject, period) > ($1, $2) ORDER BY subject, period LIMIT $3";

fn used(row: UsageRow) -> Result<Used, StoreError> {
    let (subject, period, _, _, recent, version) = row;
    let period = value::read("usage", period)?;
    Ok(Used { subject, period, version, last: instants(recent)?.last().copied() })
}

impl Store {
    /// Returns the rows after this cursor, in the order of subjects and periods, on a reading connection.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn usage_page(&self, cursor: Option<&str>, most: u32) -> Result<Vec<Used>, StoreError> {
        let (subject, period) = cursor.and_then(|cursor| cursor.rsplit_once(SEPARATOR)).unwrap_or_default();
        rows!(self.reader(), UsageRow, USAGE_PAGE, [subject, period, most])?.into_iter().map(used).collect()
    }

    /// Deletes these rows, in one transaction. Returns the number of those that were not written since they were read.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forget_usage(&self, over: &[Used]) -> Result<u64, StoreError> {
        if over.is_empty() {
            return Ok(0);
        }
        on!(&self.database, store => store.forget_usage(over).await)
    }
}
