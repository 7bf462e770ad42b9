//! The tables that every message touches. Their statements are written twice on purpose, because each database reads
//! and writes sets of rows in the way that is fastest for it, with other shapes of parameters.
//!
//! - `outbox`: replies and reports, their leases and final states; `receipts`: delivery receipts from SMSCs
//! - `parts`: parts of long messages, until the complete message is in the inbox; `usage`: usage of limits; `cards`:
//!   scratch cards and lock-outs
//! - `sqlite/`: sets of keys are one JSON text, sets of rows are VALUES lists; `postgres/`: both are one array per
//!   column, and rows are locked in one order
//!
//! Types, rows and statements with one text are in the files here, and everything else is in the two folders.

mod cards;
mod outbox;
mod parts;
pub(super) mod postgres;
mod receipts;
pub(super) mod sqlite;
mod usage;

use std::collections::HashMap;

pub(super) use outbox::Ended;
pub use outbox::{COUNTED_MAX, Due};
pub use parts::{Held, Part, PartState, Sign, Whole};
pub(super) use receipts::is_remote_id;
pub use receipts::{DeliveryReceipt, EarlyReceipt};
pub use usage::Used;

use super::chain::Head;
use super::{Answered, Carried};
use crate::domain::limits::UsageKey;
use crate::domain::{AccountKey, Fingerprint, LoadedRows};

/// Rows that decisions need, and the answers to messages that were answered before, by key.
pub type Loaded = (LoadedRows, HashMap<String, Answered>);

/// The versions of the rows that were read. A row is written only if it still has its version.
#[derive(Debug, Default)]
pub(super) struct Versions {
    heads: HashMap<AccountKey, Head>,
    times: HashMap<Fingerprint, i64>,
    usage: HashMap<UsageKey, i64>,
    lockouts: HashMap<String, i64>,
}

impl Versions {
    /// The number of times that a request will have been carried out.
    fn times(&self, carried: &Carried) -> i64 {
        self.times.get(&carried.fingerprint).copied().unwrap_or(0) + 1
    }

    fn next_of_usage(&self, key: &UsageKey) -> i64 {
        self.usage.get(key).copied().unwrap_or(0) + 1
    }
}
