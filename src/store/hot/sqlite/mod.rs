//! Statements for SQLite. There is one writer, so that no row is locked. The cost is in each row of a result and each
//! statement, which are handed over to the thread of the connection.
//!
//! - [`batch`]: the transaction of a batch; `cards`, `usage`: scratch cards and limits within it
//! - `outbox`: final states; `receipts`: delivery receipts from SMSCs; `parts`: parts of long messages
//! - `convert`: instants and identifiers in JSON

mod batch;
mod cards;
mod convert;
mod outbox;
mod parts;
mod receipts;
mod usage;

pub(in crate::store) use batch::Batch;

use crate::store::db::sqlite::Store;
