//! Checks that the database accepts writes: by the results of recent writes or, without any, by a write to a table of
//! its own.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::store::db::{OneOf, execute};
use crate::store::{Store, StoreError};

/// Eight pages, always the same ones, so that the file does not grow.
const PROBE_SQLITE: &str = "INSERT OR REPLACE INTO write_probes (id, padding) VALUES (1, randomblob(32768))";
/// A new row, so that nodes do not wait for each other. It does not fit one page, and is random, so that it cannot be
/// compressed.
const PROBE_POSTGRES: &str = "INSERT INTO write_probes (id, padding)
    SELECT $1, string_agg(md5(random()::text), '') FROM generate_series(1, 1024)";
/// Deletes this node's last row, and rows of nodes that are gone. Rows that another node is deleting are skipped.
const FORGET: &str =
    "DELETE FROM write_probes WHERE id IN (SELECT id FROM write_probes LIMIT 10 FOR UPDATE SKIP LOCKED)";

/// A commit within this time proves that writes work; then the database is only pinged.
const FRESH: Duration = Duration::from_secs(5);
/// Time for which a full disk counts as full, unless a commit succeeds meanwhile. A small write may find room although
/// no batch does.
const FULL_FOR: Duration = Duration::from_secs(15);

/// Results of the last writes of this process.
#[derive(Debug, Default)]
pub(in crate::store) struct Pulse(Mutex<Last>);

#[derive(Debug, Default, Clone, Copy)]
struct Last {
    committed: Option<Instant>,
    full: Option<Instant>,
}

impl Pulse {
    pub(in crate::store) fn committed(&self) {
        *self.last() = Last { committed: Some(Instant::now()), full: None };
    }

    pub(in crate::store) fn failed(&self, failure: &StoreError) {
        let mut last = self.last();
        last.committed = None;
        if matches!(failure, StoreError::DiskFull) {
            last.full = Some(Instant::now());
        }
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        // Each change is one call, so that the value is consistent even after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Checks that the database accepts writes. Without a recent write, one row is written. This takes as long as a
    /// write, so call it at intervals, not with each request.
    ///
    /// # Errors
    /// The database does not accept writes.
    pub async fn takes_writes(&self) -> Result<(), StoreError> {
        let Last { committed, full } = *self.pulse.last();
        let within = |since: Option<Instant>, most| since.is_some_and(|since| since.elapsed() < most);
        if within(full, FULL_FOR) {
            return Err(StoreError::DiskFull);
        }
        if within(committed, FRESH) {
            // The database may have become unreachable since.
            return self.ping().await;
        }
        let mut transaction = self.transaction().await?;
        if let OneOf::Sqlite(_) = self.database {
            execute!(transaction.connection(), PROBE_SQLITE, [])?;
        } else {
            execute!(transaction.connection(), FORGET, [])?;
            execute!(transaction.connection(), PROBE_POSTGRES, [Uuid::now_v7()])?;
        }
        transaction.commit().await
    }
}
