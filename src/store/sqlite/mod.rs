//! SQLite: one writer connection whose transactions are IMMEDIATE, and a pool of readers beside it.
//!
//! - [`batch`]: the processor's transaction
//! - `orders`: what clients ordered under their keys
//! - `outbox`: leases
//! - `parts`: parts of long messages
//! - `queries`: reads for staff
//! - `staff`: holds, actions of staff, and what a reversal looks at
//! - `receipts`: what SMSCs say became of replies
//! - `reports`: what machines are told about their messages
//! - `usage`: what was used of limits
//! - `enrolments`: registered user names
//! - `quarantine`: messages that nobody could read
//! - `vouchers`: scratch cards; `cards`: those that the processor's transaction looks at
//! - `audit`: a reading transaction that pages through everything
//! - `backup`: a copy of a live database, and the way back
//! - `life`: the life of numbers: pages of a sweep, and what is recorded
//! - `heads`: heads of days
//! - `convert`: instants and identifiers as columns
//! - `insert`: many rows with few statements, whose texts stay prepared

mod audit;
mod backup;
mod batch;
mod cards;
mod convert;
mod dealers;
mod enrolments;
mod events;
mod heads;
mod insert;
mod life;
mod offers;
mod orders;
mod outbox;
mod parts;
mod pins;
mod quarantine;
mod queries;
mod receipts;
mod reports;
mod staff;
mod usage;
mod vouchers;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};

pub(super) use audit::Snapshot;
pub(super) use backup::restore;
pub(super) use batch::Batch;

use super::StoreError;
use super::database::cannot_open;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// Longest wait for another process that holds the database's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that only read.
const READERS: u32 = 4;
/// Pages in the write-ahead log before SQLite moves them into the database (4 KiB each, so 64 MiB).
const WAL_PAGES: &str = "16384";
/// Memory for pages of the writer, in KiB and negative as SQLite wants it: 64 MiB.
const WRITER_CACHE: &str = "-65536";

/// A pool that hands out no connection which still counts a transaction as open. After a full disk, SQLite undoes the
/// transaction by itself, the driver's own ROLLBACK fails for that, and it would refuse every later BEGIN.
fn pool(connections_max: u32) -> SqlitePoolOptions {
    let options = SqlitePoolOptions::new().max_connections(connections_max);
    options.before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// A database in a file.
#[derive(Debug, Clone)]
pub(super) struct Store {
    options: Arc<SqliteConnectOptions>,
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Store {
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        let failed = |error: &dyn std::fmt::Display| {
            cannot_open(url, format!("{error}; check that the folder exists and that this user can write to it"))
        };
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| failed(&error))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("wal_autocheckpoint", WAL_PAGES);
        let writer = options.clone().pragma("cache_size", WRITER_CACHE);
        let writer = pool(1).connect_with(writer).await;
        let writer = writer.map_err(|error| failed(&error))?;
        MIGRATIONS.run(&writer).await.map_err(|error| failed(&error))?;
        let readers = pool(READERS).connect_with(options.clone().read_only(true)).await;
        let readers = readers.map_err(|error| failed(&error))?;
        Ok(Self { options: Arc::new(options), writer, readers })
    }

    pub(super) async fn begin(&self) -> Result<Batch, StoreError> {
        Ok(Batch::new(self.writer.begin_with("BEGIN IMMEDIATE").await?))
    }

    /// Connections for reads outside of a batch.
    pub(super) const fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
