//! PostgreSQL. Several batches run at once, and wait for each other's accounts.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgPool, Postgres, Transaction};

use super::cannot_open;
use super::idle::Idle;
use super::migrations::POSTGRES as MIGRATIONS;
use super::schema::{APPLIED, Applied, Tables};
use super::server_connection::ServerConnection;
use crate::store::StoreError;

/// Useful number of concurrent batches.
pub(in crate::store) const WRITERS: usize = 4;
/// Connections for batches and everything else that writes.
const CONNECTIONS: u32 = 8;
/// Connections that only read.
const READERS: u32 = 4;
/// Maximum wait for a free connection, including the time to open a new one.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);

/// Settings of each connection, whatever the server's defaults are. A commit is on disk before it is answered (a
/// stricter setting is kept), waits for locks are limited, a node that hangs does not hold its locks for ever, and JIT
/// is off, because each statement takes less time than its compilation.
const SETTINGS: &str = "SELECT set_config('lock_timeout', '4s', false),
    set_config('idle_in_transaction_session_timeout', '60s', false), set_config('jit', 'off', false),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, false)";

/// Every statement that writes finds its rows by a key or an index, whatever the size of the table is. The planner does
/// not know that: a statement that is prepared while a table is small would scan all of it, and would still do so when
/// the table has grown, until the server has statistics. So it may only use indexes, and plans once.
const BY_INDEX: &str = "SELECT set_config('enable_seqscan', 'off', false),
    set_config('plan_cache_mode', 'force_generic_plan', false)";

/// A statement that only reads is planned each time, for the size that the tables have then.
const AS_IT_COMES: &str = "SELECT set_config('plan_cache_mode', 'force_custom_plan', false)";

/// Without the isolation level, each statement would see another instant.
const BEGIN_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The migrations that the database has; `None`: it has no tables.
async fn applied(pool: &PgPool) -> Result<Option<Applied>, StoreError> {
    let are_there = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(pool).await?;
    Ok(if are_there { Some(sqlx::query_as(APPLIED).fetch_all(pool).await?) } else { None })
}

/// A database of a server.
#[derive(Debug, Clone)]
pub(in crate::store) struct Store {
    pub(in crate::store) pool: PgPool,
    pub(in crate::store) readers: PgPool,
    idle: Idle<Postgres>,
}

fn pool(connections_max: u32, planning: &'static str) -> PgPoolOptions {
    let options = PgPoolOptions::new().max_connections(connections_max).acquire_timeout(ACQUIRE_TIMEOUT);
    options.after_connect(move |connection, _| {
        Box::pin(async move {
            connection.execute(SETTINGS).await?;
            connection.execute(planning).await.map(drop)
        })
    })
}

impl Store {
    pub(in crate::store) async fn open(url: &str, tables: Tables) -> Result<Self, StoreError> {
        let failed = |error: &dyn std::fmt::Display| {
            cannot_open(url, format!("{error}; check that the server runs and that this user owns the database"))
        };
        let options = PgConnectOptions::from_str(url).map_err(|error| failed(&error))?.application_name("mbush");
        let readers = pool(READERS, AS_IT_COMES).connect_lazy_with(options.clone());
        let pool = pool(CONNECTIONS, BY_INDEX).connect_with(options).await.map_err(|error| failed(&error))?;
        tables.allow(url, applied(&pool).await?.as_ref(), &MIGRATIONS)?;
        if tables == Tables::BroughtUp {
            super::currency::allow_older(url, applied(&pool).await?.as_ref())?;
            MIGRATIONS.run(&pool).await.map_err(|error| failed(&error))?;
            // Another node, of a newer version, may have been at it meanwhile.
            tables.allow(url, applied(&pool).await?.as_ref(), &MIGRATIONS)?;
        }
        Ok(Self { pool, readers, idle: Idle::default() })
    }

    pub(in crate::store) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Self::begin_with(&self.pool, "BEGIN").await
    }

    /// A batch that reads before its transaction begins.
    pub(super) async fn reading(&self) -> Result<ServerConnection, StoreError> {
        self.idle.reading(&self.pool).await
    }

    /// A batch whose transaction has begun.
    pub(super) async fn writing(&self) -> Result<ServerConnection, StoreError> {
        self.idle.begin(&self.pool).await
    }

    /// Begins a transaction that only reads.
    pub(in crate::store) async fn begin_snapshot(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        Self::begin_with(&self.readers, BEGIN_SNAPSHOT).await
    }

    /// The driver does not roll back a transaction whose beginning is cancelled: the connection would go back to the
    /// pool with an open transaction, and what the next user writes would be neither committed nor refused. A task of
    /// its own is not cancelled, and its transaction, if nobody takes it, is rolled back.
    #[expect(clippy::disallowed_methods, reason = "begins in a task that is not cancelled")]
    async fn begin_with(pool: &PgPool, statement: &'static str) -> Result<Transaction<'static, Postgres>, StoreError> {
        let pool = pool.clone();
        match tokio::spawn(async move { pool.begin_with(statement).await }).await {
            Ok(begun) => Ok(begun?),
            // It panicked, or the program is shutting down.
            Err(_) => Err(sqlx::Error::WorkerCrashed.into()),
        }
    }

    pub(in crate::store) async fn close(&self) {
        self.idle.close();
        self.readers.close().await;
        self.pool.close().await;
    }
}
