//! Where everything is kept: inbox, accounts, transfers, requests and outbox, in one database.
//!
//! - [`Store`]: opens the database; reads for staff ([`Store::account`], [`Store::statement`], [`Store::totals`] …);
//!   leases and final states of replies
//! - [`Batch`]: one transaction of the processor: what was answered before, load, write, commit
//! - `rows`: what goes in and out, in the terms of the domain
//! - `causes`: messages and actions of staff, hashed into the transfers that they caused
//! - `chain`: how transfers hang together, and the proof that balances follow from them
//! - [`Audit`]: proves it all again from what the database holds
//! - [`DayHead`]: days that are over, sealed: chained to each other and signed
//! - [`Due`]: how much waits, for a monitor; `pulse`: whether writes work
//! - [`Quarantined`]: messages that nobody could read, and what staff did about them
//! - [`AccountEvent`]: changes in the life of a number, found by a sweep ([`Store::sweep_page`]) or made by staff
//! - [`DeliveryReceipt`]: what an SMSC says became of a reply
//! - [`DealerListed`]: dealers and the phones that act for them
//! - [`Enrolment`]: a user name that is registered to a phone
//! - `usage`: what was used of limits
//! - [`WithheldReply`]: phones that write what is not understood, and what they were not told
//! - `reports`: what the machine that submitted a message is told about its ending
//! - [`Ordered`]: what a client ordered under a key, as it stands
//! - [`Part`]: parts of long messages, until their whole is in the inbox
//! - [`NewBatch`], [`VoucherFound`], [`VoucherEvent`]: scratch cards
//! - `staff`: what staff look up: receipts, statements, holds, and what was ordered
//! - `migrations`: the tables as files that are built in; `columns`: rows by the names of their columns
//! - `tables`: who may make tables and bring them up to date
//! - `hot/sqlite/`, `hot/postgres/`: the statements and the conversions of each database
//!
//! All decisions are made elsewhere: what is here reads and writes sets of rows, one statement a table.

mod audit;
mod backlog;
mod causes;
mod chain;
mod columns;
mod courtesies;
mod database;
mod dealers;
mod enrolments;
mod error;
mod heads;
mod hot;
mod life;
mod migrations;
mod offers;
mod opening;
mod orders;
mod parts;
mod pins;
mod pulse;
mod quarantine;
mod receipts;
mod reports;
mod rows;
mod staff;
mod tables;
mod usage;
mod vouchers;

pub use audit::{Audit, Offence, Progress, SealedDays, Stage};
pub use backlog::{COUNTED_MAX, Due};
pub use courtesies::WithheldReply;
pub use database::{Batch, Store};
pub use dealers::{DealerAdded, DealerListed};
pub use enrolments::Enrolment;
pub use error::{BackupError, StoreError};
use hot::{postgres, sqlite};

pub use heads::{DayHead, HeadKey, InvalidKey, PublicKey, last_over};
pub use life::{
    AccountEvent, AccountWarning, LifeRow, LifeWritten, SweepLease, SweepMark, SweepTerms, Swept, WARNING_KEYS,
};
pub use orders::Ordered;
pub use parts::{Held, Part, PartState, Sign, Whole};
pub use quarantine::{Quarantined, Settled, Settlement};
pub use receipts::{DeliveryReceipt, EarlyReceipt};
pub use rows::{
    Answered, Carried, Delivery, InboxRow, Lease, Leased, Oldest, OutboxRow, StatementLine, Totals, Writes,
};
pub use staff::{Span, Statement};
pub use usage::Used;
pub use vouchers::{NewBatch, VoucherCount, VoucherEvent, VoucherFound};
