//! PostgreSQL's half: several batches at once, which wait for each other only where they look at the same accounts.
//!
//! - [`batch`]: the processor's transaction, and why two nodes never do the same twice; `cards`, `usage`: scratch cards and
//!   limits within it
//! - `outbox`: final states; `receipts`: what SMSCs say became of replies; `parts`: parts of long messages
//!
//! # What each promise rests on when several nodes work at once
//!
//! A row lock, a check of what was seen, and a unique key stand behind most promises. Some are redundant in pairs, on purpose:
//! the lock makes who is second wait and find the first one's result; the check makes sure that nothing is overwritten even
//! where there was nothing to lock, or where a lock was forgotten. Neither is to be taken out because the tests stay green.
//!
//! | promise | rests on | beside it |
//! | --- | --- | --- |
//! | no balance is lost | `version`: an account is written only over the one that was seen | the row lock of `load`, without which batches would run again instead of wait |
//! | an account is opened once | the primary key of `accounts` | nothing: what does not exist cannot be locked |
//! | the same request is carried out once, to an account that exists | the row lock: requests are read after it, in a later statement | `times`: a request is written only over the number that was seen |
//! | the same request is carried out once, where no account is common (one reference for two numbers) | the primary key of `requests` for the first time, `times` for each further one | nothing |
//! | a message is answered once | the primary key of `inbox` | nothing |
//! | limits are kept to the cent | `usage.version` | the row lock of `usage` |
//! | a transfer is taken back once | the unique index `transfers_reverses` | the row lock of the account |
//! | a card is used once, a PIN's tries are counted | the condition on the row that was seen (`state`, `version`) | their row locks |
//! | staff's order is carried out once | `state = 'proposed'`, `state = 'pending'` in the update | the row lock of its account |
//! | batches never wait in a ring | every table is locked and written in the order of its keys | `lock_timeout`, and the server's deadlock detection |
//!
//! Sets of rows travel as one array a column (`UNNEST`), so that each statement's text is static and stays prepared.

mod batch;
mod cards;
mod outbox;
mod parts;
mod receipts;
mod usage;

pub(in crate::store) use batch::Batch;

use crate::store::db::postgres::Store;
