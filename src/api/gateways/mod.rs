//! `/v1/sms` and `/v1/ussd`, for gateways: `[links.NAME]` with `kind = "http"`, each with a bearer secret of its own.

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

/// The receipt of what was done, now or before.
fn receipt(outcome: &Outcome) -> Option<Receipt> {
    match outcome {
        Outcome::Duplicate { of, .. } => Some(Receipt::of(of.transfer)),
        _ => outcome.transfer().map(Receipt::of),
    }
}

/// The address of a phone or of a machine.
fn address(text: &str, place: &'static str) -> Result<(), Problem> {
    if is_printable(text, ADDRESS_MAX) {
        return Ok(());
    }
    Err(Problem::bad(place, format!("give 1 to {ADDRESS_MAX} printable characters, as in +38349123456")))
}
