//! The store: inbox, accounts, transfers, requests and outbox, in one database.
//!
//! - `db`: [`Store`] opens the database; [`Batch`] is one transaction of the processor; the one way to write a statement
//! - `value`: instants, identifiers, sets of keys and the domain's words as columns hold them
//! - `tables`: one file a table, once for both databases
//! - `hot`: what every message touches, tuned for each database: batches, outbox, receipts, parts, usage, cards
//! - `rows`: what goes in and out, in the terms of the domain; `delivery`: attempts to send replies;
//!   `handover`: replies and final states between a batch and the dispatcher of the same process
//! - `causes`: messages and actions of staff, hashed into the transfers that they caused
//! - `chain`: how transfers hang together, and the proof that balances follow from them
//! - [`Audit`]: proves it all again from what the database holds
//! - [`DayHead`]: days that are over, sealed: chained to each other and signed
//! - `error`: what can go wrong, named by what the caller does about it
//!
//! All decisions are made elsewhere: what is here reads and writes sets of rows, one statement a table.
//!
//! Circle: all, because a batch is one transaction of all tables, and its methods stand with their table.

mod audit;
mod causes;
mod chain;
mod db;
mod delivery;
mod error;
mod handover;
mod heads;
mod hot;
mod rows;
mod tables;
mod value;

pub use audit::{Audit, Offence, Progress, SealedDays, Stage};
pub use db::{Batch, Retry, Store};
pub use delivery::{Delivery, Lease, Leased, Oldest};
pub use error::{BackupError, StoreError};
pub use handover::{Finished, Recipient};
pub use heads::{DayHead, HeadKey, InvalidKey, PublicKey, last_over};
pub use hot::{COUNTED_MAX, DeliveryReceipt, Due, EarlyReceipt, Held, Loaded, Part, PartState, Sign, Used, Whole};
pub use rows::{Answered, Carried, InboxRow, OutboxRow, StatementLine, Totals, Writes};
pub use tables::{
    AccountEvent, AccountWarning, ActionListed, DealerAdded, DealerListed, Enrolment, EnrolmentListed, Forward,
    ForwardCount, ForwardEnd, FoundMessage, FoundOrder, FoundSms, HoldListed, LifeRow, LifeWritten, LinkPeriod,
    MovedTrace, NewBatch, NewForward, Ordered, Quarantined, SearchEntry, SearchMarks, Settled, Settlement, SmsTrace,
    Sought, Span, Statement, SweepLease, SweepMark, SweepTerms, Swept, TraceCuts, UnappliedTrace, VoucherCount,
    VoucherEvent, VoucherFound, WARNING_KEYS, WithheldReply,
};
