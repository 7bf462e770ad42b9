//! Statements for PostgreSQL. Several batches run at once, and wait for each other's accounts.
//!
//! - [`batch`]: the transaction of a batch, and why two nodes never carry out one request twice; `cards`, `usage`:
//!   scratch cards and limits within it; `writes`: the statement that writes the other tables
//! - `outbox`: parts of longer replies; `receipts`: delivery receipts from SMSCs; `parts`: parts of long messages
//!
//! # Guarantees with several nodes
//!
//! Most guarantees rest on a check of the version that was read, and on a unique key. A batch that reads before its
//! transaction begins has nothing else. One that is run again, or that needs rows which many messages share, also locks
//! what it reads: the slower transaction waits and finds the result of the faster one, in place of being run again. Do
//! not remove one of them because the tests stay green.
//!
//! | guarantee | rests on | in addition |
//! | --- | --- | --- |
//! | no balance is lost | `version`: an account is written only if it has the version that was read | the row lock of `load` in a transaction, without which batches would be run again any number of times |
//! | an account is opened once | the primary key of `accounts` | nothing: a row that does not exist cannot be locked |
//! | the same request is carried out once | the primary key of `requests` for the first time, `times` for each further one | for an account that exists, its row lock: requests are read after it, in a later statement |
//! | a message is answered once | the primary key of `inbox` | nothing |
//! | limits are kept to the cent | `usage.version` | the row lock of `usage` |
//! | a transfer is reversed once | the unique index `transfers_reverses` | the row lock of the account |
//! | a card is used once, and every try of a PIN is counted | the condition on the row that was read (`state`, `version`) | their row locks |
//! | an order of staff is carried out once | `state = 'proposed'`, `state = 'pending'` in the update | the row lock of its account |
//! | batches cannot deadlock | every table is locked and written in the order of its keys | `lock_timeout`, and the server's deadlock detection |
//!
//! Sets of rows are bound as one array per column (`UNNEST`), so that each statement's text is constant and stays
//! prepared. A table is joined to such a set by `key = ANY(ARRAY[set.key])` and not by `key = set.key`: the planner can
//! use only a lookup in the index for it, and no scan of a whole table or index with a merge or hash join, which would be
//! faster while the table is empty.

mod batch;
mod cards;
mod outbox;
mod parts;
mod receipts;
mod usage;
mod writes;

pub(in crate::store) use batch::Batch;

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;

use crate::store::db::postgres::Store;

/// One column of some rows.
fn column<'a, R, C>(rows: &'a [R], value: impl FnMut(&'a R) -> C) -> Vec<C> {
    rows.iter().map(value).collect()
}

/// A statement that writes rows.
type Insert<'q> = Query<'q, Postgres, PgArguments>;
