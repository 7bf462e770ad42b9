//! The kinds of secrets that are guessed.

use tracing::warn;

use super::super::answer::Answer;
use super::super::parse::Asked;
use crate::domain::Reason;

/// A kind of secret that is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::processor) enum Guessed {
    /// The code of a scratch card.
    Card,
    /// A PIN, which is in a message until it is compared.
    Pin,
}

impl Guessed {
    /// Tells whether a message has one.
    pub(super) fn is_in(self, asked: &Asked) -> bool {
        match self {
            Self::Card => asked.has_code(),
            Self::Pin => asked.has_pin(),
        }
    }

    /// Tells whether it was wrong. A sender who was locked before is not listened to, and has no tries that are counted.
    pub(super) fn is_wrong(self, answer: &Answer) -> bool {
        answer.outcome.rejection().is_some_and(|rejection| {
            let is_of_it = match self {
                Self::Card => matches!(rejection.reason, Reason::VoucherUnknown | Reason::VoucherLocked),
                Self::Pin => matches!(rejection.reason, Reason::PinWrong | Reason::PinLocked),
            };
            is_of_it && rejection.details.left.is_some()
        })
    }

    /// The refusal of a guess that is not looked at.
    pub(super) const fn locked(self) -> Reason {
        match self {
            Self::Card => Reason::VoucherLocked,
            Self::Pin => Reason::PinLocked,
        }
    }

    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::Card => "codes",
            Self::Pin => "PINs",
        }
    }

    pub(super) fn count_wrong(self, door: &str) {
        let door = door.to_owned();
        match self {
            Self::Card => metrics::counter!("mbush_voucher_wrong_codes_total", "door" => door).increment(1),
            Self::Pin => metrics::counter!("mbush_pins_wrong_total", "link" => door).increment(1),
        }
    }

    pub(super) fn count_throttled(self, door: &str) {
        let door = door.to_owned();
        match self {
            Self::Card => metrics::counter!("mbush_voucher_codes_throttled_total", "door" => door).increment(1),
            Self::Pin => metrics::counter!("mbush_pins_throttled_total", "link" => door).increment(1),
        }
    }

    /// The line of the log.
    pub(super) fn alarm(self, scope: &str, name: &str, left_out: u64) {
        match self {
            Self::Card => {
                warn!(scope, name, left_out, "somebody guesses codes of cards: more are wrong than may be in a minute");
            }
            Self::Pin => warn!(scope, name, left_out, "somebody guesses PINs: more are wrong than may be in a minute"),
        }
    }
}
