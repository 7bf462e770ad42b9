//! How a message ended: every one has exactly one of these endings, and staff can see it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Amount, Msisdn, Rejection};

/// The ending of a message. It is stored as JSON beside the message, so that a replay answers with the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Money moved.
    Applied(Applied),
    /// The same request was done before; nothing moved.
    Duplicate {
        /// What was done then.
        of: Earlier,
        /// Number that it was for.
        number: Msisdn,
        /// How much it was.
        #[serde(rename = "amount_cents")]
        amount: Amount,
    },
    /// It asked for information, and was answered; nothing moved.
    Informed {
        /// What about (`help`).
        topic: String,
    },
    /// It was understood, or nearly, and is not done.
    Refused(Rejection),
    /// Nobody can say what was meant: it is kept for staff.
    Quarantined(Rejection),
}

/// A top-up that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The transfer.
    pub transfer: Uuid,
    /// Number that was credited.
    pub number: Msisdn,
    /// The number of who is told.
    pub own: bool,
    /// How much.
    #[serde(rename = "amount_cents")]
    pub amount: Amount,
    /// Balance after it, in cents.
    pub balance_cents: i64,
    /// End of validity after it.
    pub valid_until: DateTime<Utc>,
}

/// An earlier top-up that a duplicate points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The transfer.
    pub transfer: Uuid,
    /// When it was done.
    pub at: DateTime<Utc>,
}

impl Outcome {
    /// The name of the ending, as the database, metrics and the API have it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Applied(_) => "applied",
            Self::Duplicate { .. } => "duplicate",
            Self::Informed { .. } => "informed",
            Self::Refused(_) => "refused",
            Self::Quarantined(_) => "quarantined",
        }
    }

    /// The ending of a message that is not carried out.
    pub fn rejected(rejection: Rejection) -> Self {
        if rejection.reason.is_unreadable() { Self::Quarantined(rejection) } else { Self::Refused(rejection) }
    }

    /// Why it is not carried out, where it is not.
    pub const fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Refused(rejection) | Self::Quarantined(rejection) => Some(rejection),
            Self::Applied(_) | Self::Duplicate { .. } | Self::Informed { .. } => None,
        }
    }
}
