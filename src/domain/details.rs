//! The details that the reply to a rejection may show.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Msisdn;

/// The details that a reply to a rejection may name; the reason decides which of them are there.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Details {
    /// The part that is wrong, as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The right form, with the sender's own values where they could be recognised (`049123456 5`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Lowest amount, as `1.00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Highest amount, as `50.00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// The amounts that are offered (`1, 2, 3`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<String>,
    /// The operator's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The service's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The keyword that was nearly written, or is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// The bank's name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
    /// The limit that is reached: an amount as `50.00`, or a number of top-ups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The rest of the amount, as `12.50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<String>,
    /// The minutes in which a limit allows so many top-ups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
    /// The time from which the same message would be carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<DateTime<Utc>>,
    /// Until when the sender is not listened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// The number that a machine's order was for, so that its refusal can be worded again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Msisdn>,
    /// Tries that are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
}
