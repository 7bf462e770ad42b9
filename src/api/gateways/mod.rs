//! Routes for gateways. A gateway is a `[links.NAME]` with `kind = "http"` and has its own secret.
//!
//! - `sms`, `ussd`: messages and dialogues in the program's own format
//! - `formats`: messages and receipts in the format of any gateway

pub(super) mod formats;
mod refused;
pub(super) mod sms;
pub(super) mod ussd;

use super::problem::Problem;
use crate::domain::{Outcome, Receipt};
use crate::text::address::is_printable;

/// Longest identifier of a gateway, in characters.
const ID_MAX: usize = 128;
/// Longest address, as in SMPP, in characters.
const ADDRESS_MAX: usize = 20;

/// Returns the receipt of an order that was done, now or before.
fn receipt(outcome: &Outcome) -> Option<Receipt> {
    match outcome {
        Outcome::Duplicate { of, amount, .. } => amount.map(|_| Receipt::of(of.transfer)),
        _ => outcome.transfer().map(Receipt::of),
    }
}

/// Checks the address of a phone or a machine.
fn address(text: &str, place: &'static str) -> Result<(), Problem> {
    if is_printable(text, ADDRESS_MAX) {
        return Ok(());
    }
    Err(Problem::bad(place, format!("give 1 to {ADDRESS_MAX} printable characters, as in +38349123456")))
}
