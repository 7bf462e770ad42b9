//! The connection of a batch to PostgreSQL, before and in its transaction.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Executor, PgConnection, PgPool, Postgres};

use super::idle::{Idle, acquired};
use crate::store::StoreError;

/// A batch waits for a locked row as long as batches of other nodes take, and no longer: a lock of another client, such
/// as a person at a console or a tool, must not delay the messages about other rows.
const OF_BATCHES: &str = "SET lock_timeout = '1s'";
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

impl Idle<Postgres> {
    /// A connection for a batch, whose transaction has not begun. It may have broken while it was kept.
    pub(super) async fn reading(&self, pool: &PgPool) -> Result<ServerConnection, StoreError> {
        match self.take() {
            Some(connection) => Ok(ServerConnection { connection, idle: self.clone(), has_begun: false }),
            None => self.new_one(pool).await,
        }
    }

    /// A connection for a batch, whose transaction has begun. If one has broken while it was kept, a new one is taken.
    pub(super) async fn begin(&self, pool: &PgPool) -> Result<ServerConnection, StoreError> {
        let mut connection = self.reading(pool).await?;
        if connection.begin().await.is_err() {
            connection = self.new_one(pool).await?;
            connection.begin().await?;
        }
        Ok(connection)
    }

    async fn new_one(&self, pool: &PgPool) -> Result<ServerConnection, StoreError> {
        let mut connection =
            ServerConnection { connection: acquired(pool).await?, idle: self.clone(), has_begun: false };
        connection.execute(OF_BATCHES).await?;
        Ok(connection)
    }
}

/// A connection of a batch to PostgreSQL. If it is dropped, also while it waits for the answer to a statement, the
/// connection is closed, and the server rolls the transaction back.
#[derive(Debug)]
pub(in crate::store) struct ServerConnection {
    connection: PoolConnection<Postgres>,
    idle: Idle<Postgres>,
    has_begun: bool,
}

impl ServerConnection {
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

    /// Keeps the connection for another batch. No transaction is open.
    pub(in crate::store) fn keep(self) {
        self.idle.put(self.connection);
    }

    pub(in crate::store) async fn commit(mut self) -> Result<(), StoreError> {
        if self.has_begun {
            self.execute("COMMIT").await?;
        }
        self.keep();
        Ok(())
    }

    /// A connection without a transaction may be what the batch has failed for; then it is closed.
    pub(in crate::store) async fn rollback(mut self) -> Result<(), StoreError> {
        if self.has_begun {
            self.execute("ROLLBACK").await?;
            self.keep();
        }
        Ok(())
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), StoreError> {
        Executor::execute(&mut *self.connection, statement).await?;
        Ok(())
    }
}

impl Deref for ServerConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for ServerConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
