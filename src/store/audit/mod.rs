//! The audit: proves from the rows alone that no money was made or lost and that no row was touched.
//!
//! It reads one snapshot of a live database, in pages, so its memory does not grow with the ledger, in walks:
//! 1. transfers by identifier: each is what was hashed, and so is its cause; the cause, be it a message or an action of
//!    staff, names it or the main one of its command; every transfer that a list names is there; what it takes back or
//!    captures is there and fits; and the requests that it carried out are known again
//! 2. accounts by name, each with its entries from the last one back: no gap, no break in the chain, and the balance is
//!    what the entries add up to; no entry is in no chain; what is held is what pending holds keep
//! 3. applied messages by key, holds and actions of staff by identifier: each names the one transfer that names it
//!
//! Changes in the life of numbers: each begins where the one before it ended, and what staff set is what was recorded.
//! Then the heads of days: each is signed, chained to the day before, and has the day's transfers as they are now.
//! Last, conservation: what accounts hold is what left the others; and scratch cards: each used one was paid by one
//! transfer from its batch's liability of just its worth, and each such transfer by one card. What is found wrong first ends it.

mod accounts;
mod cause;
mod check;
mod days;
mod lists;
mod raw;
mod reader;
mod requests;
mod rows;
mod shape;
mod sql;
mod walk;

use super::{Store, StoreError};
pub use days::SealedDays;
pub(super) use raw::{Micros, RawId};
pub(super) use reader::{AuditReader, Key, Paged, Pages, paged};
pub(super) use sql::{DAY_TRANSFERS, HEADS};
use walk::Walk;

/// A part of the walk whose progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Each transfer by itself.
    Transfers,
    /// Accounts with the chain of their entries.
    Accounts,
    /// Messages that were applied.
    Messages,
    /// Holds.
    Holds,
    /// Actions of staff that were carried out.
    Actions,
}

/// A report of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The part of the walk.
    pub stage: Stage,
    /// Rows seen in this stage; of [`Stage::Accounts`], accounts.
    pub done: u64,
    /// Rows that there are.
    pub total: u64,
}

/// The first row that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offence {
    /// Its table.
    pub table: &'static str,
    /// Its primary key.
    pub row: String,
    /// For people.
    pub problem: String,
}

impl std::fmt::Display for Offence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.table, self.row, self.problem)
    }
}

/// The result of an audit. Counts are of rows up to the first that is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Transfers looked at.
    pub transfers: u64,
    /// Those of them that are of before messages and actions of staff were hashed with them.
    pub without_cause: u64,
    /// Requests that they carried out, each known again.
    pub requests: u64,
    /// Accounts looked at.
    pub accounts: u64,
    /// Applied messages looked at.
    pub messages: u64,
    /// Scratch cards that were used.
    pub cards: u64,
    /// Holds looked at.
    pub holds: u64,
    /// Actions of staff looked at.
    pub actions: u64,
    /// Changes in the life of numbers looked at.
    pub events: u64,
    /// Sum of the balances of all accounts that keep one, in minor units.
    pub balances_minor: i128,
    /// Days that are sealed.
    pub days: SealedDays,
    /// The first row that is wrong; `None`: the ledger is sound.
    pub offence: Option<Offence>,
}

/// The end of a walk before its last row.
#[derive(Debug)]
enum Halt {
    Found(Offence),
    Failed(StoreError),
}

impl From<Offence> for Halt {
    fn from(offence: Offence) -> Self {
        Self::Found(offence)
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Store {
    /// Proves the ledger, as of one instant, while it is in use.
    ///
    /// # Errors
    /// The database fails. What is wrong with the ledger is no error, but [`Audit::offence`].
    pub async fn audit(&self, progress: &mut (dyn FnMut(Progress) + Send)) -> Result<Audit, StoreError> {
        let mut walk = Walk::begin(AuditReader::begin(self).await?, progress).await?;
        let offence = match walk.run().await {
            Ok(()) => None,
            Err(Halt::Found(offence)) => Some(offence),
            Err(Halt::Failed(error)) => return Err(error),
        };
        Ok(Audit { offence, ..walk.audit })
    }
}
