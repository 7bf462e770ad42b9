//! How long credit lives: tiers by amount, and the life of a number after the end.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Amount;
use super::calendar::days_after;

/// From so many whole euros on, a top-up gives so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Lowest whole euros of the tier; cents do not count (4.50 is in the tier of 4).
    pub from_euros: u16,
    /// Days of Europe/Belgrade from the moment of the top-up, to the same time of day.
    pub days: u16,
}

/// What a top-up does to an end of validity that is still ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extend {
    /// The later of today's end and now + days: a top-up never shortens validity.
    #[default]
    Max,
    /// Now + days, even where that is earlier.
    Replace,
    /// Days are added to what is left.
    Add,
}

/// Where a number stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// Never topped up.
    New,
    /// Calls in and out.
    Active,
    /// Calls in, nothing out, until topped up.
    ReceiveOnly,
    /// Topped up only by the operator's staff.
    Suspended,
}

/// The rules of validity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    tiers: Vec<Tier>,
    extend: Extend,
    receive_only_days: u16,
}

/// Why tiers cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTiers {
    /// There are none.
    #[error("no tier: give at least one, as in [{{ from_euros = 1, days = 10 }}]")]
    Empty,
    /// A tier that does not begin above its predecessor.
    #[error("tier of {0} EUR: from_euros must grow from tier to tier")]
    Order(u16),
    /// Days of zero.
    #[error("tier of {0} EUR: days must be 1 or more")]
    NoDays(u16),
}

impl Validity {
    /// # Errors
    /// No tier, tiers out of order, or one of no days.
    pub fn new(tiers: Vec<Tier>, extend: Extend, receive_only_days: u16) -> Result<Self, InvalidTiers> {
        if tiers.is_empty() {
            return Err(InvalidTiers::Empty);
        }
        if let Some(pair) = tiers.array_windows().find(|[a, b]| b.from_euros <= a.from_euros) {
            return Err(InvalidTiers::Order(pair[1].from_euros));
        }
        if let Some(tier) = tiers.iter().find(|tier| tier.days == 0) {
            return Err(InvalidTiers::NoDays(tier.from_euros));
        }
        Ok(Self { tiers, extend, receive_only_days })
    }

    /// The published tiers: 1 EUR gives 10 days, 2 gives 20, 3 to 4 give 30, 5 to 9 give 60, 10 to 19 give 90, 20 and
    /// more give 360.
    pub fn published_tiers() -> Vec<Tier> {
        [(1, 10), (2, 20), (3, 30), (5, 60), (10, 90), (20, 360)]
            .map(|(from_euros, days)| Tier { from_euros, days })
            .to_vec()
    }

    /// The days that an amount gives; an amount below the first tier gives none.
    pub fn days(&self, amount: Amount) -> u16 {
        let euros = amount.whole_euros();
        self.tiers.iter().rev().find(|tier| i64::from(tier.from_euros) <= euros).map_or(0, |tier| tier.days)
    }

    /// The fewest days that any tier gives.
    pub fn days_min(&self) -> u16 {
        self.tiers.iter().map(|tier| tier.days).min().unwrap_or(0)
    }

    /// Days of receive-only after the end.
    pub const fn receive_only_days(&self) -> u16 {
        self.receive_only_days
    }

    /// The new end of validity after a top-up at `now`.
    pub fn extended(&self, current: Option<DateTime<Utc>>, amount: Amount, now: DateTime<Utc>) -> DateTime<Utc> {
        self.extended_by(current, self.days(amount), now)
    }

    /// The new end of validity after so many days were given at `now`.
    pub fn extended_by(&self, current: Option<DateTime<Utc>>, days: u16, now: DateTime<Utc>) -> DateTime<Utc> {
        let from_now = days_after(now, days);
        match (self.extend, current) {
            (Extend::Max, Some(current)) => current.max(from_now),
            (Extend::Add, Some(current)) => days_after(current.max(now), days),
            (Extend::Replace, Some(_)) | (_, None) => from_now,
        }
    }

    /// When a number with this end of validity is suspended.
    pub fn suspended_at(&self, valid_until: DateTime<Utc>) -> DateTime<Utc> {
        days_after(valid_until, self.receive_only_days)
    }

    /// Where a number with this end of validity stands at `now`.
    pub fn life(&self, valid_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Life {
        match valid_until {
            None => Life::New,
            Some(end) if now < end => Life::Active,
            Some(end) if now < self.suspended_at(end) => Life::ReceiveOnly,
            Some(_) => Life::Suspended,
        }
    }
}

impl Life {
    const ALL: [Self; 4] = [Self::New, Self::Active, Self::ReceiveOnly, Self::Suspended];

    /// As the database and the API name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Active => "active",
            Self::ReceiveOnly => "receive_only",
            Self::Suspended => "suspended",
        }
    }
}

impl std::str::FromStr for Life {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|life| life.as_str() == text);
        known.ok_or_else(|| format!("`{text}` is not a state in the life of a number"))
    }
}

#[cfg(test)]
#[path = "validity_tests.rs"]
mod tests;
