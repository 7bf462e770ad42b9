//! A reason to say no to a message, with what the reply needs to help.

use serde::{Deserialize, Serialize};

use super::{Beneficiary, Details, Reason, Target};

/// A reason with what the reply needs to help: the sender's own values and the right form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The reason.
    pub reason: Reason,
    /// The details that the reply needs.
    #[serde(flatten)]
    pub details: Box<Details>,
}

/// The customer's words may hold a PIN: only the reason is printed.
impl std::fmt::Debug for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rejection({})", self.reason.as_str())
    }
}

impl Rejection {
    /// With nothing but the reason.
    pub fn new(reason: Reason) -> Self {
        Self { reason, details: Box::default() }
    }

    /// Tells whether it is about the address that the message came from, which it asks for and which is no number.
    pub fn is_about_sender(&self, from: &str) -> bool {
        let address = from.strip_prefix('+').unwrap_or(from);
        matches!(self.reason, Reason::NumberUnknown | Reason::NumberWrongLength)
            && self.details.value.as_deref() == Some(address)
    }

    /// As the refusal of a list, because of its top-up of this target. A refusal that is not about the target names none.
    #[must_use]
    pub fn of_item(self, target: &Target) -> Self {
        if self.reason == Reason::BankUnavailable {
            return self;
        }
        self.with(|details| details.item = Some(Beneficiary::of(target)))
    }

    /// With more to say.
    #[must_use]
    pub fn with(mut self, set: impl FnOnce(&mut Details)) -> Self {
        set(&mut self.details);
        self
    }
}

#[cfg(test)]
#[path = "rejection_tests.rs"]
mod tests;
