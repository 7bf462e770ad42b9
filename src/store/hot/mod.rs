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

use super::Answered;
use crate::domain::LoadedRows;

/// Rows that decisions need, and the answers to messages that were answered before, by key.
pub type Loaded = (LoadedRows, HashMap<String, Answered>);
