//! Where everything is kept: inbox, accounts, transfers, requests and outbox, in one database.
//!
//! - [`Store`]: opens the database; reads for staff ([`Store::account`], [`Store::statement`], [`Store::totals`] …)
//! - [`Batch`]: one transaction of the processor: what was answered before, load, write, commit
//! - [`Outbox`](outbox): leases and final states of replies
//! - `sqlite/`: the statements and the conversions of SQLite
//!
//! All decisions are made elsewhere: what is here reads and writes sets of rows, one statement a table.

mod error;
mod rows;
mod sqlite;

pub use error::StoreError;
pub use rows::{
    Answered, Carried, Delivery, InboxRow, Lease, Leased, Loaded, OutboxRow, StatementLine, Totals, Wanted, Writes,
};
pub use sqlite::{Batch, Store};
