//! Validity of credit: tiers by amount, and the states of a number after its end.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Amount;
use super::calendar::days_after;

/// A top-up of at least `from` gives `days` days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Lowest amount of the tier.
    pub from: Amount,
    /// Days by the local calendar from the top-up, to the same local time.
    pub days: u16,
}

/// Effect of a top-up on an end of validity in the future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extend {
    /// The later of the present end and now + days: a top-up never shortens validity.
    #[default]
    Max,
    /// Now + days, even if that is earlier.
    Replace,
    /// The days are added to the present end.
    Add,
}

/// State of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    New,
    /// Can call and receive.
    Active,
    /// Can receive but not call until topped up.
    ReceiveOnly,
    /// Can only be topped up by staff.
    Suspended,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    tiers: Vec<Tier>,
    extend: Extend,
    receive_only_days: u16,
}

/// The tiers cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTiers {
    #[error("no tier: give at least one, as in [{{ from = \"1.00\", days = 10 }}]")]
    Empty,
    /// `from` is not above that of the previous tier.
    #[error("tier of {0}: from must grow from tier to tier")]
    Order(Amount),
    #[error("tier of {0}: days must be 1 or more")]
    NoDays(Amount),
}

impl Validity {
    /// # Errors
    /// There is no tier, the order is wrong, or a tier has no days.
    pub fn new(tiers: Vec<Tier>, extend: Extend, receive_only_days: u16) -> Result<Self, InvalidTiers> {
        if tiers.is_empty() {
            return Err(InvalidTiers::Empty);
        }
        if let Some(pair) = tiers.array_windows().find(|[a, b]| b.from <= a.from) {
            return Err(InvalidTiers::Order(pair[1].from));
        }
        if let Some(tier) = tiers.iter().find(|tier| tier.days == 0) {
            return Err(InvalidTiers::NoDays(tier.from));
        }
        Ok(Self { tiers, extend, receive_only_days })
    }

    /// The published tiers of Kosovo: 1 EUR gives 10 days, 2 EUR give 20, 3 to 4 give 30, 5 to 9 give 60, 10 to 19 give
    /// 90, 20 and more give 360.
    pub fn published_tiers() -> Vec<Tier> {
        let tiers = [(1, 10), (2, 20), (3, 30), (5, 60), (10, 90), (20, 360)];
        tiers.iter().filter_map(|&(from, days)| Some(Tier { from: Amount::whole(from).ok()?, days })).collect()
    }

    /// The days for an amount; 0 below the first tier.
    pub fn days(&self, amount: Amount) -> u16 {
        self.tiers.iter().rev().find(|tier| tier.from <= amount).map_or(0, |tier| tier.days)
    }

    /// The fewest days of any tier.
    pub fn days_min(&self) -> u16 {
        self.tiers.iter().map(|tier| tier.days).min().unwrap_or(0)
    }

    /// Days after the end of validity in which a number can only receive.
    pub const fn receive_only_days(&self) -> u16 {
        self.receive_only_days
    }

    pub fn extended(&self, current: Option<DateTime<Utc>>, amount: Amount, now: DateTime<Utc>) -> DateTime<Utc> {
        self.extended_by(current, self.days(amount), now)
    }

    /// The end of validity after `days` days were given at `now`.
    pub fn extended_by(&self, current: Option<DateTime<Utc>>, days: u16, now: DateTime<Utc>) -> DateTime<Utc> {
        let from_now = days_after(now, days);
        match (self.extend, current) {
            (Extend::Max, Some(current)) => current.max(from_now),
            (Extend::Add, Some(current)) => days_after(current.max(now), days),
            (Extend::Replace, Some(_)) | (_, None) => from_now,
        }
    }

    /// Instant at which a number with this end of validity is suspended.
    pub fn suspended_at(&self, valid_until: DateTime<Utc>) -> DateTime<Utc> {
        days_after(valid_until, self.receive_only_days)
    }

    /// State at `now` of a number with this end of validity.
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

    /// Name in the database and the API.
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
