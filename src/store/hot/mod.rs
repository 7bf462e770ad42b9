//! The tables that every message touches: tuned statements, twinned on purpose. Each database reads and writes sets of rows in the way
//! that is fastest for it, and the shapes of parameters differ for that.
//!
//! - `outbox`: replies and reports, their leases and final states; `receipts`: what SMSCs say became of them
//! - `parts`: parts of long messages, until their whole is in the inbox; `usage`: what was used of limits; `cards`: scratch
//!   cards and lock-outs
//! - `sqlite/`: one JSON text is a set of keys, a VALUES list is a set of rows; `postgres/`: one array a column is either, and
//!   rows are locked in one order
//!
//! Types, rows and statements of one text are here, once. The twins have the rest.

mod cards;
mod outbox;
mod parts;
pub(super) mod postgres;
mod receipts;
pub(super) mod sqlite;
mod usage;

pub use outbox::{COUNTED_MAX, Due};
pub use parts::{Held, Part, PartState, Sign, Whole};
pub(super) use receipts::is_remote_id;
pub use receipts::{DeliveryReceipt, EarlyReceipt};
pub use usage::Used;
