//! SQLite. One connection writes, in IMMEDIATE transactions; a pool of connections reads.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Sqlite, SqlitePool, Transaction};

use super::idle::Idle;
use super::insert::BEGIN;
use super::migrations::SQLITE as MIGRATIONS;
use super::schema::{APPLIED, Applied, Tables};
use super::{backup, cannot_open};
use crate::store::StoreError;

/// Maximum wait for a lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Useful number of concurrent batches: while one is written, the next one is read and decided.
pub(in crate::store) const WRITERS: usize = 2;
/// Connections that only read, those that batches keep included.
const READERS: u32 = 6;
/// Pages in the write-ahead log before a checkpoint (4 KiB each, so 64 MiB).
const WAL_PAGES: &str = "16384";
/// Page cache of the writer, in KiB and negative as SQLite requires: 32 MiB.
const WRITER_CACHE: &str = "-32768";

/// Prepared statements of the writer. Small batches have one for each number of rows.
const WRITER_STATEMENTS: usize = 256;

/// A pool that discards connections with an open transaction. After a full disk, SQLite rolls the transaction back by
/// itself. The driver's own ROLLBACK then fails, and its count of open transactions makes every later BEGIN fail.
fn pool(connections_max: u32) -> SqlitePoolOptions {
    // A connection to a file does not break, so none is tested before it is used.
    let options = SqlitePoolOptions::new().max_connections(connections_max).test_before_acquire(false);
    options.before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
}

/// The settings of the connection that writes.
fn writing(options: SqliteConnectOptions) -> SqliteConnectOptions {
    let options = options.pragma("cache_size", WRITER_CACHE).pragma("temp_store", "memory");
    options.statement_cache_capacity(WRITER_STATEMENTS)
}

/// Checks the version of the tables for a tool that runs beside a server.
async fn applied(writer: &SqlitePool, url: &str) -> Result<Option<Applied>, StoreError> {
    let are_there = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    let are_there: Result<i64, _> = sqlx::query_scalar(are_there).fetch_one(writer).await;
    let are_there = are_there.map_err(|error| unreadable(url, &error).unwrap_or_else(|| error.into()))?;
    Ok(if are_there > 0 { Some(sqlx::query_as(APPLIED).fetch_all(writer).await?) } else { None })
}

/// The error about a file that is not an intact database.
fn unreadable(url: &str, error: &sqlx::Error) -> Option<StoreError> {
    let problem = match error.as_database_error()?.code()?.as_ref() {
        "26" => "this is not a database of SQLite",
        "11" => "the file is damaged: put the last backup in its place (`mbush restore FILE`)",
        _ => return None,
    };
    Some(cannot_open(url, problem))
}

/// Creates the file if it does not exist. Only its owner may read it: it has numbers and texts of customers.
fn private(path: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(problem) if problem.kind() != io::ErrorKind::AlreadyExists => Err(problem),
        _ => Ok(()),
    }
}

#[derive(Debug, Clone)]
pub(in crate::store) struct Store {
    pub(super) options: Arc<SqliteConnectOptions>,
    /// One connection, because SQLite allows one writing transaction at a time.
    pub(in crate::store) writer: SqlitePool,
    pub(in crate::store) readers: SqlitePool,
    /// Connections with which batches read before their transactions.
    pub(super) idle: Idle<Sqlite>,
    /// A restore sees from this lock that the database is in use.
    _in_use: Option<Arc<File>>,
}

impl Store {
    pub(in crate::store) async fn open(url: &str, tables: Tables) -> Result<Self, StoreError> {
        let failed = |error: &dyn std::fmt::Display| {
            cannot_open(url, format!("{error}; check that the folder exists and that this user can write to it"))
        };
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| failed(&error))?
            .create_if_missing(false)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            // Deleted rows may have had a PIN. Their octets are overwritten where the page is written anyway.
            .pragma("secure_delete", "fast")
            .pragma("wal_autocheckpoint", WAL_PAGES);
        let path = options.get_filename().to_owned();
        let in_use = match backup::in_use(&path).and_then(|file| Ok(file.try_lock_shared().map(|()| Arc::new(file))?)) {
            // A user without permission to write cannot write to a database that was moved away.
            Err(problem) if tables == Tables::Usable && problem.kind() == io::ErrorKind::PermissionDenied => None,
            locked => Some(locked.map_err(|error| failed(&error))?),
        };
        let options = if tables == Tables::BroughtUp {
            private(&path).map_err(|error| failed(&error))?;
            options.journal_mode(SqliteJournalMode::Wal)
        } else {
            options
        };
        let writer = pool(1).connect_with(writing(options.clone())).await;
        let writer = writer.map_err(|error| unreadable(url, &error).unwrap_or_else(|| failed(&error)))?;
        tables.allow(url, applied(&writer, url).await?.as_ref(), &MIGRATIONS)?;
        if tables == Tables::BroughtUp {
            super::currency::allow_older(url, applied(&writer, url).await?.as_ref())?;
            MIGRATIONS.run(&writer).await.map_err(|error| failed(&error))?;
            // Another node, of a newer version, may have been at it meanwhile.
            tables.allow(url, applied(&writer, url).await?.as_ref(), &MIGRATIONS)?;
        } else {
            // A backup that was put back is not in this mode yet; who may only read leaves it.
            drop(sqlx::query("PRAGMA journal_mode = WAL").execute(&writer).await);
        }
        let readers = pool(READERS).connect_with(options.clone().read_only(true)).await;
        let readers = readers.map_err(|error| failed(&error))?;
        Ok(Self { options: Arc::new(options), writer, readers, idle: Idle::default(), _in_use: in_use })
    }

    /// A transaction that begins as a reader cannot become a writer while another one writes, so that it begins as
    /// IMMEDIATE.
    #[expect(
        clippy::disallowed_methods,
        reason = "SQLite's driver rolls back a transaction whose beginning is cancelled"
    )]
    pub(in crate::store) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with(BEGIN).await?)
    }

    /// Begins a transaction that only reads.
    #[expect(
        clippy::disallowed_methods,
        reason = "SQLite's driver rolls back a transaction whose beginning is cancelled"
    )]
    pub(in crate::store) async fn begin_snapshot(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.readers.begin().await?)
    }

    pub(in crate::store) async fn close(&self) {
        self.idle.close();
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pragma(pool: &SqlitePool, name: &'static str) -> String {
        let found: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}")))
                .fetch_one(pool)
                .await
                .unwrap();
        found
    }

    /// Killing the process would not show it, because the system still has the data. A power failure would.
    #[tokio::test]
    async fn each_connection_has_the_settings_that_promises_rest_on() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("mbush.db").display());
        for tables in [Tables::BroughtUp, Tables::Usable] {
            let store = Store::open(&url, tables).await.unwrap();
            // A connection that is discarded is replaced by one with the same settings.
            for round in 0..2 {
                for (name, expected) in [("synchronous", "2"), ("journal_mode", "wal"), ("foreign_keys", "1")] {
                    assert_eq!(pragma(&store.writer, name).await, expected, "{name} in round {round}");
                }
                assert_eq!(pragma(&store.readers, "journal_mode").await, "wal");
                let patience: String = BUSY_TIMEOUT.as_millis().to_string();
                let waits: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(&store.writer).await.unwrap();
                assert_eq!(waits.to_string(), patience);
                let written = sqlx::query("DELETE FROM transfers").execute(&store.readers).await;
                assert!(written.is_err(), "readers read");
                store.writer.acquire().await.unwrap().close().await.unwrap();
            }
            store.close().await;
        }
    }
}
