//! The connection of a batch to SQLite, before and in its transaction.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Connection, Executor, Sqlite, SqliteConnection};

use super::Script;
use super::idle::acquired;
use super::insert::{BEGIN, COMMIT};
use super::sqlite::Store;
use crate::store::StoreError;

const ROLLBACK: &str = "ROLLBACK";

/// The connection of one batch.
#[derive(Debug)]
pub(in crate::store) struct OnFile {
    store: Store,
    at: At,
}

#[derive(Debug)]
enum At {
    /// The connection that writes, which no other batch uses. It has read most pages before.
    Writer(Writer),
    /// Another one, because a batch is being written.
    Reader(PoolConnection<Sqlite>),
}

impl OnFile {
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
        let mut on = Self { store: store.clone(), at: At::Writer(Writer::of(store).await?) };
        on.begin().await?;
        Ok(on)
    }

    pub(in crate::store) const fn has_begun(&self) -> bool {
        matches!(self.at, At::Writer(Writer { has_begun: true, .. }))
    }

    /// Begins the transaction, if it has not begun. It is the only one that writes until it ends.
    pub(in crate::store) async fn begin(&mut self) -> Result<(), StoreError> {
        if !self.has_begun() {
            self.writer().await?.execute(BEGIN, true).await?;
        }
        Ok(())
    }

    /// Runs the script as a transaction.
    pub(in crate::store) async fn commit_alone(mut self, script: Script) -> Result<(), StoreError> {
        let writer = self.writer().await?;
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
        self.end(COMMIT).await
    }

    pub(in crate::store) async fn rollback(self) -> Result<(), StoreError> {
        self.end(ROLLBACK).await
    }

    async fn end(self, statement: &'static str) -> Result<(), StoreError> {
        match self.at {
            At::Reader(connection) => self.store.idle.put(connection),
            At::Writer(mut writer) if writer.has_begun => writer.execute(statement, false).await?,
            At::Writer(_) => {}
        }
        Ok(())
    }

    /// The connection that writes, as soon as no other batch uses it.
    async fn writer(&mut self) -> Result<&mut Writer, StoreError> {
        if let At::Reader(_) = self.at {
            let writer = At::Writer(Writer::of(&self.store).await?);
            if let At::Reader(connection) = std::mem::replace(&mut self.at, writer) {
                self.store.idle.put(connection);
            }
        }
        match &mut self.at {
            At::Writer(writer) => Ok(writer),
            // It was replaced above.
            At::Reader(_) => Err(sqlx::Error::WorkerCrashed.into()),
        }
    }
}

/// The connection that writes. If it is dropped while its transaction may be open, it is closed, which rolls back.
#[derive(Debug)]
struct Writer {
    connection: PoolConnection<Sqlite>,
    has_begun: bool,
}

impl Writer {
    async fn of(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { connection: store.writer.acquire().await?, has_begun: false })
    }

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

impl Deref for OnFile {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.at {
            At::Writer(writer) => &writer.connection,
            At::Reader(connection) => connection,
        }
    }
}

impl DerefMut for OnFile {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.at {
            At::Writer(writer) => &mut writer.connection,
            At::Reader(connection) => connection,
        }
    }
}
