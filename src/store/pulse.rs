//! Whether the database takes writes: by what becomes of those that there are, and where there are none, by one that is made
//! for the purpose.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::database::{Database, Store};
use super::{StoreError, postgres, sqlite};

/// A commit that is no older says that writes work: the database is only asked whether it is there.
const FRESH: Duration = Duration::from_secs(5);
/// So long a full disk counts as full, unless a commit works meanwhile. A small write may find room where no batch does.
const FULL_FOR: Duration = Duration::from_secs(15);

/// What became of the last writes of this process.
#[derive(Debug, Default)]
pub(super) struct Pulse(Mutex<Last>);

#[derive(Debug, Default, Clone, Copy)]
struct Last {
    committed: Option<Instant>,
    full: Option<Instant>,
}

impl Pulse {
    pub(super) fn committed(&self) {
        *self.last() = Last { committed: Some(Instant::now()), full: None };
    }

    pub(super) fn failed(&self, failure: &StoreError) {
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
    /// Whether the database takes writes. Where nothing was written lately, one row of a table of its own is. It takes as
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
        match &self.database {
            Database::Sqlite(store) => store.probe_write().await,
            Database::Postgres(store) => store.probe_write().await,
        }
    }
}

impl sqlite::Store {
    /// Eight pages that are written again each time: the file does not grow. A lock of another process is not waited for.
    async fn probe_write(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        transaction.probe_write().await?;
        transaction.commit().await
    }
}

impl postgres::Store {
    /// A row of its own, so that no node waits for another's.
    async fn probe_write(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        transaction.probe_write(Uuid::now_v7()).await?;
        transaction.commit().await
    }
}
