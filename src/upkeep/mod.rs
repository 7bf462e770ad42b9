//! What the running server does by the clock, and what staff do about a number's life.
//!
//! - [`LifeSweeper`]: walks over all numbers, records changes of state and sends warnings
//! - [`dealers`]: tells dealers each evening what they sold
//! - [`DaySealer`]: seals business days that are over
//! - [`UsageSweeper`]: forgets what was used of limits in periods that are over
//! - [`staff`]: suspending and reactivating; [`opening`]: accounts that staff open
//!
//! Any number of nodes may run it: each piece of work is recorded once.

pub mod dealers;
mod life;
pub mod opening;
mod seal;
pub mod staff;
mod usage;

pub use life::{LifeSweeper, SweepReport};
pub use seal::{DaySealer, Look};
pub use usage::UsageSweeper;
