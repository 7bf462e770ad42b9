//! The check that the database takes writes: by the result of those that there are, and if there are none, by one that is made
//! for the purpose.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::store::db::{OneOf, execute};
use crate::store::{Store, StoreError};

/// Eight pages, the same ones each time: the file does not grow.
const PROBE_SQLITE: &str = "INSERT OR REPLACE INTO write_probes (id, padding) VALUES (1, randomblob(32768))";
/// A row of its own, so that no node waits for another's, and one that does not fit a page. It is random, so that it is not
/// made smaller.
const PROBE_POSTGRES: &str = "INSERT INTO write_probes (id, padding)
    SELECT $1, string_agg(md5(random()::text), '') FROM generate_series(1, 1024)";
/// This node's last one, and those of nodes that are gone. A row that another node deletes just now is left to it.
const FORGET: &str =
    "DELETE FROM write_probes WHERE id IN (SELECT id FROM write_probes LIMIT 10 FOR UPDATE SKIP LOCKED)";

/// A commit that is no older says that writes work: the database is only asked whether it is there.
const FRESH: Duration = Duration::from_secs(5);
/// So long a full disk counts as full, unless a commit works meanwhile. A small write may find room where no batch does.
const FULL_FOR: Duration = Duration::from_secs(15);

/// The results of the last writes of this process.
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
        // Each change is one call: it is whole even after a panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Checks that the database takes writes. If nothing was written lately, one row of a table of its own is. It takes as
    /// long as a write does, and is to be asked now and then, not with each request.
    ///
    /// # Errors
    /// It does not.
    pub async fn takes_writes(&self) -> Result<(), StoreError> {
        let Last { committed, full } = *self.pulse.last();
        let within = |since: Option<Instant>, most| since.is_some_and(|since| since.elapsed() < most);
        if within(full, FULL_FOR) {
            return Err(StoreError::DiskFull);
        }
        if within(committed, FRESH) {
            // It may have gone since.
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
