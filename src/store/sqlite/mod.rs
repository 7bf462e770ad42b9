//! SQLite: one writer connection whose transactions are IMMEDIATE, and a pool of readers beside it.
//!
//! - [`batch`]: the processor's transaction
//! - `outbox`: leases
//! - `queries`: reads for staff
//! - `convert`: instants and identifiers as columns
//!
//! Sets of rows travel as one JSON array (`json_each`), so that each statement's text is static and stays prepared.

mod batch;
mod convert;
mod outbox;
mod queries;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Notify;

pub use batch::Batch;

use super::StoreError;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// Longest wait for another process that holds the database's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that only read.
const READERS: u32 = 4;
/// Pages in the write-ahead log before SQLite moves them into the database (4 KiB each, so 16 MiB).
const WAL_PAGES: &str = "4096";

/// The database. A clone is the same database.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    replies_added: Arc<Notify>,
}

impl Store {
    /// Opens the database of this address (`sqlite://PATH`), makes the file where there is none, and brings its tables
    /// up to date.
    ///
    /// # Errors
    /// The file cannot be opened or written, or its tables are newer than this program.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let failed = |error: &dyn std::fmt::Display| StoreError::Open {
            url: url.to_owned(),
            problem: format!("{error}; check that the folder exists and that this user can write to it"),
        };
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| failed(&error))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("wal_autocheckpoint", WAL_PAGES);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await;
        let writer = writer.map_err(|error| failed(&error))?;
        MIGRATIONS.run(&writer).await.map_err(|error| failed(&error))?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await;
        let readers = readers.map_err(|error| failed(&error))?;
        Ok(Self { writer, readers, replies_added: Arc::default() })
    }

    /// Begins the transaction of a batch: the database's only writer until it ends.
    ///
    /// # Errors
    /// Another process holds the lock for too long.
    pub async fn begin(&self) -> Result<Batch, StoreError> {
        Ok(Batch::new(self.writer.begin_with("BEGIN IMMEDIATE").await?, self.replies_added.clone()))
    }

    /// Returns when a batch of this process has added replies; a hint that spares the dispatcher its polling.
    pub async fn replies_added(&self) {
        self.replies_added.notified().await;
    }

    /// Waits for what is under way and closes the files.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
