//! SQLite's half: the writer is alone, so nothing is locked, and what costs is each row of an answer and each statement, which
//! cross to the thread of the connection.
//!
//! - [`batch`]: the processor's transaction; `cards`, `usage`: scratch cards and limits within it
//! - `outbox`: final states; `receipts`: what SMSCs say became of replies; `parts`: parts of long messages
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
