//! Scratch cards as staff handle them: drawing codes, the printer's file, and the steps of a batch.
//!
//! - [`generate`]: draws a batch. It is all or nothing: what is cut off leaves a batch that can never be activated
//! - [`PrintFile`]: the only place where codes stand in clear, encrypted to the printer
//! - [`Step`] and its functions: what staff do with a batch or a card, each remembered with who, why and when
//! - [`ExpirySweeper`]: puts on record which batches have expired
//! - [`missing_key`]: whether all cards that may be redeemed can be looked up
//!
//! The rules are in [`crate::domain::voucher`]; a redemption is decided in the processor's batch like every other top-up.

mod draw;
mod generate;
mod keys;
mod print_file;
mod steps;
mod sweep;

pub use generate::{GenerateError, Generated, Order, Progress, generate};
pub use keys::{MissingKey, missing_key, write_new_key};
pub use print_file::{PrintFile, PrintFileError, file_digest, recipients};
pub use steps::{
    Step, StepError, approvable, approve, expire, movable_batch, movable_card, move_batch, move_card, print, propose,
};
pub use sweep::ExpirySweeper;
