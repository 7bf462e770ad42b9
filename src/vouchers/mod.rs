//! Scratch cards for staff: drawing codes, the print file, and the steps of a batch.
//!
//! - [`generate`]: generates a batch, all or nothing: an interrupted run leaves a batch that can never be activated
//! - [`PrintFile`]: the only place that codes leave the program by, encrypted for the printer
//! - [`Step`] and its functions: steps of staff with a batch or a card, each recorded with name, reason and time
//! - [`ExpirySweeper`]: records batches that have expired
//! - [`missing_key`]: checks that all cards that may be redeemed can be looked up
//!
//! The rules are in [`crate::domain::voucher`]. A redemption is decided in the processor's batch like every other
//! top-up.

mod draw;
mod generate;
mod keys;
mod print_file;
mod steps;
mod sweep;

pub use generate::{GenerateError, Generated, Order, Progress, generate};
pub use keys::{MissingKey, missing_key};
pub use print_file::{PrintFile, PrintFileError, file_digest, recipients};
pub use steps::{
    Step, StepError, approvable, approve, expire, movable_batch, movable_card, move_batch, move_card, print, propose,
};
pub use sweep::ExpirySweeper;
