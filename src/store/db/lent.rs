//! Connections of batches to PostgreSQL, which stay with the batches.
//!
//! A pool checks a connection each time that it is taken and given back, with a round trip to the server. A batch of
//! one message has five round trips of its own, so these connections are kept here between batches and never go back.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::pool::PoolConnection;
use sqlx::{Executor, PgConnection, PgPool, Postgres};

use crate::store::StoreError;

/// A batch waits for a locked row as long as batches of other nodes take, and no longer: a lock of another client, such
/// as a person at a console or a tool, must not delay the messages about other rows.
const OF_BATCHES: &str = "SET lock_timeout = '1s'";
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// Connections that are kept. Batches of staff and of long messages beside those of messages take others of the pool.
const KEPT_MAX: usize = 4;

/// The connections that no batch uses at the moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Idle(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    connections: Vec<PoolConnection<Postgres>>,
    is_closed: bool,
}

impl Idle {
    fn take(&self) -> Option<PoolConnection<Postgres>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).connections.pop()
    }

    fn put(&self, connection: PoolConnection<Postgres>) {
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

    /// Begins the transaction of a batch, on a connection that is kept or on a new one.
    pub(super) async fn begin(&self, pool: &PgPool) -> Result<Lent, StoreError> {
        if let Some(connection) = self.take() {
            let mut lent = Lent { connection, idle: self.clone() };
            // It may have broken while it was kept; then another one is taken.
            if lent.execute(BEGIN).await.is_ok() {
                return Ok(lent);
            }
        }
        let mut connection = pool.acquire().await?;
        connection.close_on_drop();
        let mut lent = Lent { connection, idle: self.clone() };
        lent.execute(OF_BATCHES).await?;
        lent.execute(BEGIN).await?;
        Ok(lent)
    }
}

/// A connection with a transaction. If it is dropped, also while it waits for the answer to a statement, the connection
/// is closed, and the server rolls the transaction back.
#[derive(Debug)]
pub(in crate::store) struct Lent {
    connection: PoolConnection<Postgres>,
    idle: Idle,
}

impl Lent {
    pub(in crate::store) async fn commit(self) -> Result<(), StoreError> {
        self.end("COMMIT").await
    }

    pub(in crate::store) async fn rollback(self) -> Result<(), StoreError> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, statement: &'static str) -> Result<(), StoreError> {
        self.execute(statement).await?;
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
