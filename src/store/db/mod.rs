//! The database, SQLite or PostgreSQL, and the macros for its statements.
//!
//! - [`Store`]: opening, closing, and connections; [`Batch`]: one transaction of the processor
//! - `sql`: runs a statement on either database; `columns`: reads rows by the names of their columns; `insert`:
//!   writes many rows at once
//! - `sqlite`, `postgres`: opening of each database, and the settings of its connections
//! - `server_connection`, `file_connection`: the connection of a batch to PostgreSQL and to SQLite; `idle`: connections
//!   that batches keep
//! - `schema`: permission to create and upgrade tables; `migrations`: the tables, as compiled-in files
//! - `backup`: backup of a live SQLite database, and restore
//! - [`Retry`]: retries a transaction if the database was busy
//!
//! Circle: backup ↔ sqlite, because an open database holds the lock that a restore respects.

mod backup;
mod batch;
mod columns;
mod currency;
mod file_connection;
mod idle;
mod insert;
mod migrations;
pub(super) mod postgres;
mod retry;
mod schema;
mod server_connection;
mod sql;
pub(super) mod sqlite;

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use sqlx::{PgConnection, PgPool, SqliteConnection, SqlitePool};

pub use batch::Batch;
pub(super) use columns::columns;
pub(super) use file_connection::FileConnection;
pub(super) use insert::{Insert, InsertInto, Row, Script};
pub use retry::Retry;
use schema::Tables;
pub(super) use schema::absent;
pub(super) use server_connection::ServerConnection;
pub(super) use sql::{Sql, execute, fetch, insert, on, one, row, rows};

use super::handover::{Handover, Recipient};
use super::hot;
use super::tables::Pulse;
use super::{BackupError, StoreError};

/// The database. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) database: Database,
    pub(super) handover: Arc<Handover>,
    pub(super) pulse: Arc<Pulse>,
}

/// One thing for SQLite or PostgreSQL.
#[derive(Debug, Clone)]
pub(super) enum OneOf<S, P> {
    Sqlite(S),
    Postgres(P),
}

pub(super) type Database = OneOf<sqlite::Store, postgres::Store>;

/// A connection within a transaction.
pub(super) type Connection<'c> = OneOf<&'c mut SqliteConnection, &'c mut PgConnection>;

impl Connection<'_> {
    pub(super) fn again(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(connection) => OneOf::Sqlite(connection),
            Self::Postgres(connection) => OneOf::Postgres(connection),
        }
    }
}

/// A transaction without a batch; dropping it rolls it back.
#[derive(Debug)]
pub(super) struct Transaction(
    OneOf<sqlx::Transaction<'static, sqlx::Sqlite>, sqlx::Transaction<'static, sqlx::Postgres>>,
);

impl Transaction {
    pub(super) fn connection(&mut self) -> Connection<'_> {
        match &mut self.0 {
            OneOf::Sqlite(transaction) => OneOf::Sqlite(transaction),
            OneOf::Postgres(transaction) => OneOf::Postgres(transaction),
        }
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        Ok(on!(self.0, transaction => transaction.commit().await)?)
    }
}

impl Store {
    /// Opens the database at this address and upgrades its tables: `sqlite://PATH` (the file is created if it does not
    /// exist) or `postgres://USER:PASSWORD@HOST/DATABASE`.
    ///
    /// # Errors
    /// The database cannot be reached, read or written, its tables are newer than this program, or the ledger has another
    /// currency.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, Tables::BroughtUp).await
    }

    /// Opens an existing database for a tool that runs beside a server. Creates nothing and changes no table.
    ///
    /// # Errors
    /// As [`Store::open`]; also if the tables do not exist or are older than this program.
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, Tables::Usable).await
    }

    /// Opens a database for a backup. Its tables may be older than this program.
    ///
    /// # Errors
    /// As [`Store::open_existing`], except that the tables may be older.
    pub async fn open_to_copy(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, Tables::Older).await
    }

    async fn open_with(url: &str, tables: Tables) -> Result<Self, StoreError> {
        let database = match url.split_once("://") {
            Some(("sqlite", _)) => OneOf::Sqlite(sqlite::Store::open(url, tables).await?),
            Some(("postgres" | "postgresql", _)) => OneOf::Postgres(postgres::Store::open(url, tables).await?),
            _ => return Err(cannot_open(url, "not an address; write sqlite://PATH or postgres://USER@HOST/DATABASE")),
        };
        let store = Self { database, handover: Arc::default(), pulse: Arc::default() };
        store.is_of_this_country(url, tables).await?;
        Ok(store)
    }

    /// Begins the transaction of a batch. On SQLite it is the only writer until it ends. On PostgreSQL several run at
    /// once and wait for each other's accounts.
    ///
    /// # Errors
    /// The database cannot be reached, or another process holds its lock for too long.
    pub async fn begin(&self) -> Result<Batch, StoreError> {
        let transaction = match &self.database {
            OneOf::Sqlite(store) => OneOf::Sqlite(hot::sqlite::Batch::new(FileConnection::writing(store).await?)),
            OneOf::Postgres(store) => OneOf::Postgres(hot::postgres::Batch::new(store.writing().await?)),
        };
        Ok(Batch::new(transaction, self))
    }

    /// A batch whose transaction begins with [`Batch::lock`] or [`Batch::write`]. What it reads before is not locked, and
    /// on SQLite another batch may be written meanwhile. [`Batch::write`] or [`Batch::commit`] fails with
    /// [`StoreError::Conflict`] if a row has changed since, and nothing is written.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn begin_reading(&self) -> Result<Batch, StoreError> {
        let transaction = match &self.database {
            OneOf::Sqlite(store) => OneOf::Sqlite(hot::sqlite::Batch::new(FileConnection::reading(store).await?)),
            OneOf::Postgres(store) => OneOf::Postgres(hot::postgres::Batch::new(store.reading().await?)),
        };
        Ok(Batch::new(transaction, self))
    }

    /// Begins a transaction that is not a batch.
    pub(super) async fn transaction(&self) -> Result<Transaction, StoreError> {
        Ok(Transaction(match &self.database {
            OneOf::Sqlite(store) => OneOf::Sqlite(store.begin().await?),
            OneOf::Postgres(store) => OneOf::Postgres(store.begin().await?),
        }))
    }

    /// Connections for reading. They see the last commit; on SQLite, they cannot write.
    pub(super) async fn snapshot(&self) -> Result<Transaction, StoreError> {
        Ok(Transaction(match &self.database {
            OneOf::Sqlite(store) => OneOf::Sqlite(store.begin_snapshot().await?),
            OneOf::Postgres(store) => OneOf::Postgres(store.begin_snapshot().await?),
        }))
    }

    /// Connections that see the last commit; on SQLite, they cannot write.
    pub(super) fn reader(&self) -> OneOf<&SqlitePool, &PgPool> {
        match &self.database {
            OneOf::Sqlite(store) => OneOf::Sqlite(&store.readers),
            OneOf::Postgres(store) => OneOf::Postgres(&store.readers),
        }
    }

    /// Connections for single statements that write, each in a transaction of its own.
    pub(super) fn writer(&self) -> OneOf<&SqlitePool, &PgPool> {
        match &self.database {
            OneOf::Sqlite(store) => OneOf::Sqlite(&store.writer),
            OneOf::Postgres(store) => OneOf::Postgres(&store.pool),
        }
    }

    /// Returns the useful number of concurrent batches.
    pub const fn writers(&self) -> usize {
        match self.database {
            OneOf::Sqlite(_) => sqlite::WRITERS,
            OneOf::Postgres(_) => postgres::WRITERS,
        }
    }

    /// Returns when this process has added replies that the dispatcher has to find in the outbox. The dispatcher also
    /// polls, so that a missed wake-up is harmless.
    pub async fn replies_added(&self) {
        self.handover.added().await;
    }

    /// Sets the dispatcher to which batches pass replies after their commit; `None` for none.
    pub fn pass_replies_to(&self, recipient: Option<Arc<dyn Recipient>>) {
        self.handover.set(recipient);
    }

    /// Copies the live database as of one instant to a new file. A file with that name is complete.
    ///
    /// # Errors
    /// The path exists or cannot be written, or the database is PostgreSQL, which has tools of its own.
    pub async fn backup(&self, to: &Path) -> Result<(), BackupError> {
        match &self.database {
            OneOf::Sqlite(store) => store.backup(to).await,
            OneOf::Postgres(_) => Err(BackupError::Postgres),
        }
    }

    /// Restores a backup to the address of a database that must not exist, so that nobody has it open.
    ///
    /// # Errors
    /// The database exists, the backup is damaged or not one of this program, or a file cannot be read or written.
    pub async fn restore(from: &Path, url: &str) -> Result<(), BackupError> {
        match url.split_once("://") {
            Some(("sqlite", _)) => backup::restore(from, url).await,
            _ => Err(BackupError::Postgres),
        }
    }

    /// Checks that [`Store::restore`] would succeed; nothing is changed.
    ///
    /// # Errors
    /// As [`Store::restore`].
    pub async fn may_restore(from: &Path, url: &str) -> Result<(), BackupError> {
        match url.split_once("://") {
            Some(("sqlite", _)) => backup::may_restore(from, url).await,
            _ => Err(BackupError::Postgres),
        }
    }

    /// Waits for running transactions, and closes files and connections.
    pub async fn close(&self) {
        on!(&self.database, store => store.close().await);
    }

    /// Checks that the database answers.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        execute!(self.reader(), "SELECT 1", []).map(drop)
    }
}

/// The address without its password.
pub(super) fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    // A parameter may have a password too.
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}@{host}{path}")
        }
        None => format!("{scheme}://{authority}{path}"),
    }
}

pub(super) fn cannot_open(url: &str, problem: impl Display) -> StoreError {
    StoreError::Open { url: shown(url), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, expected) in [
            ("postgres://mbush:s3cret@db:5432/mbush", "postgres://mbush@db:5432/mbush"),
            ("postgres://mbush:p%40ss@w@db/mbush?password=s3cret", "postgres://mbush@db/mbush"),
            ("postgres://db/mbush", "postgres://db/mbush"),
            ("sqlite://mbush.db", "sqlite://mbush.db"),
            ("sqlite:///var/lib/mbush/mbush.db", "sqlite:///var/lib/mbush/mbush.db"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }
}
