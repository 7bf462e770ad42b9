//! The connection of a batch to SQLite, before and in its transaction.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Connection, Executor, Sqlite, SqliteConnection, Transaction};

use super::Script;
use super::idle::acquired;
use super::insert::{BEGIN, COMMIT};
use super::sqlite::Store;
use crate::store::StoreError;

const ROLLBACK: &str = "ROLLBACK";

/// The connection of one batch.
#[derive(Debug)]
pub(in crate::store) struct FileConnection {
    store: Store,
    at: At,
}

#[derive(Debug)]
enum At {
    /// The connection that writes, which no other batch uses. It has read most pages before.
    Writer(Writer),
    /// Another one, because a batch is being written.
    Reader(PoolConnection<Sqlite>),
    /// A transaction of the driver, for a batch that locks what it reads. If it is dropped, the driver rolls it back.
    Transaction(Transaction<'static, Sqlite>),
}

impl FileConnection {
    /// A batch that reads before its transaction begins.
    pub(super) async fn reading(store: &Store) -> Result<Self, StoreError> {
        let at = match store.writer.try_acquire().filter(|connection| !connection.is_in_transaction()) {
            Some(connection) => At::Writer(Writer { connection, has_begun: false }),
            None => At::Reader(match store.idle.take() {
                Some(connection) => connection,
                None => acquired(&store.readers).await?,
            }),
        };
        Ok(Self { store: store.clone(), at })
    }

    /// A batch whose transaction has begun.
    pub(super) async fn writing(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { store: store.clone(), at: At::Transaction(store.begin().await?) })
    }

    pub(in crate::store) const fn has_begun(&self) -> bool {
        matches!(self.at, At::Writer(Writer { has_begun: true, .. }) | At::Transaction(_))
    }

    /// Begins the transaction, if it has not begun. It is the only one that writes until it ends.
    pub(in crate::store) async fn begin(&mut self) -> Result<(), StoreError> {
        if !self.has_begun() {
            self.reserve().await?;
        }
        match &mut self.at {
            At::Writer(writer) if !writer.has_begun => writer.execute(BEGIN, true).await,
            At::Writer(_) | At::Reader(_) | At::Transaction(_) => Ok(()),
        }
    }

    /// Waits for the connection that writes, if the batch reads with another one.
    pub(in crate::store) async fn reserve(&mut self) -> Result<(), StoreError> {
        if let At::Reader(_) = self.at {
            let writer = Writer { connection: self.store.writer.acquire().await?, has_begun: false };
            if let At::Reader(connection) = std::mem::replace(&mut self.at, At::Writer(writer)) {
                self.store.idle.put(connection);
            }
        }
        Ok(())
    }

    /// Runs the script as a transaction.
    pub(in crate::store) async fn commit_alone(mut self, script: Script) -> Result<(), StoreError> {
        self.reserve().await?;
        let At::Writer(mut writer) = self.at else {
            script.run(&mut self).await?;
            return self.commit().await;
        };
        writer.has_begun = true;
        let done = script.run_alone(&mut writer.connection).await;
        if done.is_ok() {
            writer.has_begun = false;
        } else {
            // After some errors SQLite has ended the transaction by itself. Then this fails, and the connection is closed.
            drop(writer.execute(ROLLBACK, false).await);
        }
        done
    }

    pub(in crate::store) async fn commit(self) -> Result<(), StoreError> {
        match self.at {
            At::Reader(connection) => self.store.idle.put(connection),
            At::Writer(mut writer) if writer.has_begun => writer.execute(COMMIT, false).await?,
            At::Writer(_) => {}
            At::Transaction(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    pub(in crate::store) async fn rollback(self) -> Result<(), StoreError> {
        match self.at {
            At::Writer(mut writer) if writer.has_begun => writer.execute(ROLLBACK, false).await?,
            // A connection that reads may be what the batch has failed for; then it is closed.
            At::Writer(_) | At::Reader(_) => {}
            At::Transaction(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}

/// The connection that writes. If it is dropped while its transaction may be open, it is closed, which rolls back.
#[derive(Debug)]
struct Writer {
    connection: PoolConnection<Sqlite>,
    has_begun: bool,
}

impl Writer {
    /// Runs a statement after which the transaction has begun or ended.
    async fn execute(&mut self, statement: &'static str, begins: bool) -> Result<(), StoreError> {
        self.has_begun = true;
        Executor::execute(&mut *self.connection, statement).await?;
        self.has_begun = begins;
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.has_begun {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for FileConnection {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.at {
            At::Writer(writer) => &writer.connection,
            At::Reader(connection) => connection,
            At::Transaction(transaction) => transaction,
        }
    }
}

impl DerefMut for FileConnection {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.at {
            At::Writer(writer) => &mut writer.connection,
            At::Reader(connection) => connection,
            At::Transaction(transaction) => transaction,
        }
    }
}
