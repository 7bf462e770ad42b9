//! The kinds of secrets that can be guessed.

use tracing::warn;

use super::super::answer::Answer;
use super::super::parse::Parsed;
use crate::domain::Reason;

/// A kind of secret that can be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::processor) enum Guessed {
    Card,
    /// A PIN. It stays in the message until it is compared.
    Pin,
}

impl Guessed {
    /// Returns whether the message has a secret of this kind.
    pub(super) fn is_in(self, parsed: &Parsed) -> bool {
        match self {
            Self::Card => parsed.asked.has_code(),
            Self::Pin => parsed.has_pin(),
        }
    }

    /// Returns whether the guess was wrong. A sender that was locked before has no tries left to count, so that its
    /// guess is not counted.
    pub(super) fn is_wrong(self, answer: &Answer) -> bool {
        answer.outcome.rejection().is_some_and(|rejection| {
            if self == Self::Pin && rejection.reason == Reason::BankPinWrong {
                // Not every bank tells the tries that it leaves.
                return true;
            }
            let is_of_it = match self {
                Self::Card => matches!(rejection.reason, Reason::VoucherUnknown | Reason::VoucherLocked),
                Self::Pin => matches!(rejection.reason, Reason::PinWrong | Reason::PinLocked),
            };
            is_of_it && rejection.details.left.is_some()
        })
    }

    /// The reason of the refusal of a guess that is not checked.
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

    pub(super) fn count_wrong(self, source: &str) {
        let source = source.to_owned();
        match self {
            Self::Card => metrics::counter!("mbush_voucher_wrong_codes_total", "source" => source).increment(1),
            Self::Pin => metrics::counter!("mbush_pins_wrong_total", "link" => source).increment(1),
        }
    }

    pub(super) fn count_throttled(self, source: &str) {
        let source = source.to_owned();
        match self {
            Self::Card => metrics::counter!("mbush_voucher_codes_throttled_total", "source" => source).increment(1),
            Self::Pin => metrics::counter!("mbush_pins_throttled_total", "link" => source).increment(1),
        }
    }

    /// Writes the warning to the log.
    pub(super) fn alarm(self, scope: &str, name: &str, left_out: u64) {
        match self {
            Self::Card => {
                warn!(scope, name, left_out, "too many wrong card codes in a minute: somebody may be guessing");
            }
            Self::Pin => warn!(scope, name, left_out, "too many wrong PINs in a minute: somebody may be guessing"),
        }
    }
}
