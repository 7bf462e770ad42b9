//! A reading with the secrets of its text, and with its PIN where the form's request has no place for one.

use zeroize::Zeroizing;

use super::fields::Captures;
use super::form::Bank;
use super::message::Reading;
use super::verifier::Verifier;
use crate::text::normalise::Normalised;
use crate::text::own_reply::OwnReplies;

/// The meaning of a message, the PIN that protects it, and the secrets that nobody may see.
#[derive(Clone, PartialEq, Eq)]
pub struct Guarded {
    pub reading: Reading,
    /// The PIN that has to be verified first; `None` for a form without one, and for a transfer and a change of a PIN, whose
    /// requests have their own.
    pub pin: Option<WrittenPin>,
    /// The digits of all secrets of the text, also of those that the form discards, or whose request has no place for them.
    pub secrets: Vec<Zeroizing<String>>,
    /// The reply that the form has of its own, with the values of the text.
    pub replies: OwnReplies,
}

/// A secret is never printed.
impl std::fmt::Debug for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded").field("reading", &self.reading).field("pin", &self.pin).finish_non_exhaustive()
    }
}

/// A PIN as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct WrittenPin {
    /// The bank or operator whose form it is.
    pub bank: String,
    /// The party that verifies it.
    pub verifier: Verifier,
    /// Its digits.
    pub digits: Zeroizing<String>,
}

/// A PIN is never printed.
impl std::fmt::Debug for WrittenPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WrittenPin").field("bank", &self.bank).field("verifier", &self.verifier).finish_non_exhaustive()
    }
}

impl WrittenPin {
    pub(super) fn of(bank: &Bank, path: usize, captures: &Captures, text: &Normalised<'_>) -> Option<Self> {
        let form = bank.paths.get(path).and_then(|path| bank.forms.get(path.form))?;
        let verifier = form.pin.filter(|_| !form.action.has_own_pin())?;
        let digits = captures.pin.as_ref().and_then(|((), range)| text.folded().get(range.clone()));
        // Every way through the form has a PIN. An empty one would be wrong, and never let a message pass.
        Some(Self { bank: bank.id.clone(), verifier, digits: Zeroizing::new(digits.unwrap_or_default().to_owned()) })
    }
}
