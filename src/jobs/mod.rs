//! Periodic tasks of the server, and changes of staff to the state of a number.
//!
//! - [`LifeSweeper`]: sweeps over all numbers, records changes of state and sends warnings
//! - [`dealers`]: sends dealers a summary each evening
//! - [`DaySealer`]: seals past business days
//! - [`Forwarder`]: hands requests to other systems
//! - [`UsageSweeper`]: deletes the usage of limits for past periods
//! - [`staff`]: suspends and reactivates numbers; [`opening`]: opens accounts
//!
//! Any number of nodes may run the tasks: each result is recorded once.

pub mod dealers;
mod forward;
mod life;
pub mod opening;
mod seal;
pub mod staff;
mod usage;

pub use forward::{Forwarder, Webhook};
pub use life::{LifeSweeper, SweepReport};
pub use seal::{DaySealer, Look};
pub use usage::UsageSweeper;

use crate::text::templates::Unworded;

/// Logs and counts a text that cannot be sent.
fn report(unworded: &Unworded) {
    tracing::error!(problem = %unworded, "a text could not be rendered; it is not sent");
    metrics::counter!("mbush_texts_unrendered_total", "template" => unworded.key.clone()).increment(1);
}
