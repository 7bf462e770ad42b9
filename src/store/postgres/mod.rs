//! PostgreSQL: several batches at once, which wait for each other only where they look at the same accounts.
//!
//! - [`batch`]: the processor's transaction, and why two nodes never do the same twice
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
//! - `backlog`: how much waits, for a monitor
//! - `vouchers`: scratch cards; `cards`: those that the processor's transaction looks at
//! - `life`: the life of numbers: pages of a sweep, and what is recorded
//! - `convert`: rows as what the domain calls them
//!
//! # What each promise rests on when several nodes work at once
//!
//! A row lock, a check of what was seen, and a unique key stand behind most promises. Some are redundant in pairs, on purpose:
//! the lock makes who is second wait and find the first one's result; the check makes sure that nothing is overwritten even
//! where there was nothing to lock, or where a lock was forgotten. Neither is to be taken out because the tests stay green.
//!
//! | promise | rests on | beside it |
//! | --- | --- | --- |
//! | no balance is lost | `version`: an account is written only over the one that was seen | the row lock of `load`, without which batches would run again instead of wait |
//! | an account is opened once | the primary key of `accounts` | nothing: what does not exist cannot be locked |
//! | the same request is carried out once, to an account that exists | the row lock: requests are read after it, in a later statement | `times`: a request is written only over the number that was seen |
//! | the same request is carried out once, where no account is common (one reference for two numbers) | the primary key of `requests` for the first time, `times` for each further one | nothing |
//! | a message is answered once | the primary key of `inbox` | nothing |
//! | limits are kept to the cent | `usage.version` | the row lock of `usage` |
//! | a transfer is taken back once | the unique index `transfers_reverses` | the row lock of the account |
//! | a card is used once, a PIN's tries are counted | the condition on the row that was seen (`state`, `version`) | their row locks |
//! | staff's order is carried out once | `state = 'proposed'`, `state = 'pending'` in the update | the row lock of its account |
//! | batches never wait in a ring | every table is locked and written in the order of its keys | `lock_timeout`, and the server's deadlock detection |
//!
//! Sets of rows travel as one array a column (`UNNEST`), so that each statement's text is static and stays prepared.

mod backlog;
mod batch;
mod cards;
mod convert;
mod courtesies;
mod dealers;
mod enrolments;
mod events;
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
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgPool};

pub(super) use batch::Batch;

use super::StoreError;
use super::database::cannot_open;
use super::migrations::POSTGRES as MIGRATIONS;
use super::tables::{APPLIED, Applied, Tables};

/// Batches that may usefully be under way at once.
pub(super) const WRITERS: usize = 4;
/// Connections: those of batches, and some for the dispatcher and for staff.
const CONNECTIONS: u32 = 12;
/// Longest wait for a free connection, the making of a new one included.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);

/// For each connection, whatever the server's defaults: a commit is on disk before it is answered (a stricter setting
/// stays as it is), a lock is not waited for without end, a node that hangs does not hold its locks for ever, and no
/// statement is compiled first: each takes less time than that.
const SETTINGS: &str = "SELECT set_config('lock_timeout', '4s', false),
    set_config('idle_in_transaction_session_timeout', '60s', false), set_config('jit', 'off', false),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, false)";

/// One message to the server. A batch waits for a row that another transaction holds as long as batches of other nodes take,
/// and no longer: who else holds it (a person at a console, a tool) must not hold up the messages about other rows.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '1s'";

/// The migrations that the database has; `None`: it has no tables.
async fn applied(pool: &PgPool) -> Result<Option<Applied>, StoreError> {
    let are_there = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(pool).await?;
    Ok(if are_there { Some(sqlx::query_as(APPLIED).fetch_all(pool).await?) } else { None })
}

/// A database of a server.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pool: PgPool,
}

impl Store {
    pub(super) async fn open(url: &str, tables: Tables) -> Result<Self, StoreError> {
        let failed = |error: &dyn std::fmt::Display| {
            cannot_open(url, format!("{error}; check that the server runs and that this user owns the database"))
        };
        let options = PgConnectOptions::from_str(url).map_err(|error| failed(&error))?.application_name("mbush");
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(|connection, _| Box::pin(async { connection.execute(SETTINGS).await.map(drop) }))
            .connect_with(options)
            .await
            .map_err(|error| failed(&error))?;
        tables.allow(url, applied(&pool).await?.as_ref(), &MIGRATIONS)?;
        if tables == Tables::BroughtUp {
            MIGRATIONS.run(&pool).await.map_err(|error| failed(&error))?;
            // Another node, of a newer version, may have been at it meanwhile.
            tables.allow(url, applied(&pool).await?.as_ref(), &MIGRATIONS)?;
        }
        Ok(Self { pool })
    }

    pub(super) async fn begin(&self) -> Result<Batch, StoreError> {
        Ok(Batch::new(self.pool.begin_with(BEGIN).await?))
    }

    /// Connections for reads outside of a batch.
    pub(super) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
