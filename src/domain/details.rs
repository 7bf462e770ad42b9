//! Values that the reply to a rejection may show.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Beneficiary, Msisdn};

/// Values for the reply to a rejection. The reason determines those that are present.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Details {
    /// The invalid value as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The correct form, with the sender's own values if they were recognised (`049123456 5`).
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The keyword that is mistyped or missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
    /// The limit that is reached: an amount such as `50.00`, or a number of top-ups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The rest of the amount, such as `12.50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<String>,
    /// Period of a limit on the rate of top-ups, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
    /// Instant from which the same message would be carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<DateTime<Utc>>,
    /// End of the lock of the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// Number of a machine's order, so that its refusal can be rendered again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Msisdn>,
    /// Attempts before the next lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<u32>,
    /// The top-up of a list that is refused, because of which nothing of the list is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Beneficiary>,
}
