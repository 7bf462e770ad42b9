//! Connections of batches, which stay with the batches.
//!
//! A pool checks a connection each time that it is taken and given back, with a round trip to the server or to the thread
//! of the connection. A batch of one message has few of its own, so these connections are kept here between batches and
//! never go back.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Executor, PgConnection, PgPool, Pool, Postgres, Sqlite, SqliteConnection, Transaction};

use super::sqlite;
use crate::store::StoreError;

/// A batch waits for a locked row as long as batches of other nodes take, and no longer: a lock of another client, such
/// as a person at a console or a tool, must not delay the messages about other rows.
const OF_BATCHES: &str = "SET lock_timeout = '1s'";
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Connections that are kept. Batches of staff and of long messages beside those of messages take others of the pool.
const KEPT_MAX: usize = 4;

/// The connections that no batch uses at the moment.
#[derive(Debug)]
pub(super) struct Idle<DB: Database>(Arc<Mutex<Kept<DB>>>);

#[derive(Debug)]
struct Kept<DB: Database> {
    connections: Vec<PoolConnection<DB>>,
    is_closed: bool,
}

impl<DB: Database> Clone for Idle<DB> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<DB: Database> Default for Idle<DB> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Kept { connections: Vec::new(), is_closed: false })))
    }
}

impl<DB: Database> Idle<DB> {
    fn take(&self) -> Option<PoolConnection<DB>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).connections.pop()
    }

    fn put(&self, connection: PoolConnection<DB>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.is_closed && kept.connections.len() < KEPT_MAX {
            kept.connections.push(connection);
        }
    }

    /// Closes the connections, and those that come back later.
    pub(super) fn close(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_closed = true;
        kept.connections.clear();
    }
}

impl Idle<Postgres> {
    /// A connection for a batch, whose transaction has not begun. It may have broken while it was kept.
    pub(super) async fn reading(&self, pool: &PgPool) -> Result<Lent, StoreError> {
        match self.take() {
            Some(connection) => Ok(Lent { connection, idle: self.clone(), has_begun: false }),
            None => self.new_one(pool).await,
        }
    }

    /// A connection for a batch, whose transaction has begun. If one has broken while it was kept, a new one is taken.
    pub(super) async fn begin(&self, pool: &PgPool) -> Result<Lent, StoreError> {
        let mut lent = self.reading(pool).await?;
        if lent.begin().await.is_err() {
            lent = self.new_one(pool).await?;
            lent.begin().await?;
        }
        Ok(lent)
    }

    async fn new_one(&self, pool: &PgPool) -> Result<Lent, StoreError> {
        let mut lent = Lent { connection: acquired(pool).await?, idle: self.clone(), has_begun: false };
        lent.execute(OF_BATCHES).await?;
        Ok(lent)
    }
}

/// A new connection of the pool, which never goes back to it.
async fn acquired<DB: Database>(pool: &Pool<DB>) -> Result<PoolConnection<DB>, StoreError> {
    let mut connection = pool.acquire().await?;
    connection.close_on_drop();
    Ok(connection)
}

/// A connection of a batch to PostgreSQL. If it is dropped, also while it waits for the answer to a statement, the
/// connection is closed, and the server rolls the transaction back.
#[derive(Debug)]
pub(in crate::store) struct Lent {
    connection: PoolConnection<Postgres>,
    idle: Idle<Postgres>,
    has_begun: bool,
}

impl Lent {
    pub(in crate::store) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Begins the transaction, if it has not begun.
    pub(in crate::store) async fn begin(&mut self) -> Result<(), StoreError> {
        if !self.has_begun {
            self.execute(BEGIN).await?;
            self.has_begun = true;
        }
        Ok(())
    }

    pub(in crate::store) async fn commit(self) -> Result<(), StoreError> {
        self.end("COMMIT").await
    }

    pub(in crate::store) async fn rollback(self) -> Result<(), StoreError> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, statement: &'static str) -> Result<(), StoreError> {
        if self.has_begun {
            self.execute(statement).await?;
        }
        self.idle.put(self.connection);
        Ok(())
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), StoreError> {
        Executor::execute(&mut *self.connection, statement).await?;
        Ok(())
    }
}

impl Deref for Lent {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

/// The connection of a batch to SQLite: one that only reads, until the transaction begins.
#[derive(Debug)]
pub(in crate::store) struct OnFile {
    store: sqlite::Store,
    at: At,
}

#[derive(Debug)]
enum At {
    Reading(PoolConnection<Sqlite>),
    Writing(Transaction<'static, Sqlite>),
}

impl OnFile {
    /// A batch that reads before its transaction begins.
    pub(super) async fn reading(store: &sqlite::Store) -> Result<Self, StoreError> {
        let connection = match store.idle.take() {
            Some(connection) => connection,
            None => acquired(&store.readers).await?,
        };
        Ok(Self { store: store.clone(), at: At::Reading(connection) })
    }

    /// A batch whose transaction has begun.
    pub(super) async fn writing(store: &sqlite::Store) -> Result<Self, StoreError> {
        Ok(Self { store: store.clone(), at: At::Writing(store.begin().await?) })
    }

    /// Begins the transaction, if it has not begun. It is the only one that writes until it ends.
    pub(in crate::store) async fn begin(&mut self) -> Result<(), StoreError> {
        if let At::Reading(_) = self.at {
            let writing = At::Writing(self.store.begin().await?);
            if let At::Reading(connection) = std::mem::replace(&mut self.at, writing) {
                self.store.idle.put(connection);
            }
        }
        Ok(())
    }

    pub(in crate::store) async fn commit(self) -> Result<(), StoreError> {
        match self.at {
            At::Reading(connection) => self.store.idle.put(connection),
            At::Writing(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    pub(in crate::store) async fn rollback(self) -> Result<(), StoreError> {
        match self.at {
            At::Reading(connection) => self.store.idle.put(connection),
            At::Writing(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}

impl Deref for OnFile {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.at {
            At::Reading(connection) => connection,
            At::Writing(transaction) => transaction,
        }
    }
}

impl DerefMut for OnFile {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.at {
            At::Reading(connection) => connection,
            At::Writing(transaction) => transaction,
        }
    }
}
