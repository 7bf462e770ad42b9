//! How long credit lives: tiers by amount, and the life of a number after the end.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Amount;

/// From so many whole euros on, a top-up gives so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Lowest whole euros of the tier; cents do not count (4.50 is in the tier of 4).
    pub from_euros: u16,
    /// Days of 24 hours from the moment of the top-up.
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
    receive_only: TimeDelta,
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
        Ok(Self { tiers, extend, receive_only: TimeDelta::days(i64::from(receive_only_days)) })
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

    /// The new end of validity after a top-up at `now`.
    pub fn extended(&self, current: Option<DateTime<Utc>>, amount: Amount, now: DateTime<Utc>) -> DateTime<Utc> {
        let days = TimeDelta::days(i64::from(self.days(amount)));
        let from_now = now + days;
        match (self.extend, current) {
            (Extend::Max, Some(current)) => current.max(from_now),
            (Extend::Add, Some(current)) => current.max(now) + days,
            (Extend::Replace, Some(_)) | (_, None) => from_now,
        }
    }

    /// Where a number with this end of validity stands at `now`.
    pub fn life(&self, valid_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Life {
        match valid_until {
            None => Life::New,
            Some(end) if now < end => Life::Active,
            Some(end) if now < end + self.receive_only => Life::ReceiveOnly,
            Some(_) => Life::Suspended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(extend: Extend) -> Validity {
        Validity::new(Validity::published_tiers(), extend, 14).unwrap()
    }

    fn cents(amount: i64) -> Amount {
        Amount::from_cents(amount).unwrap()
    }

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + day)
    }

    #[test]
    fn the_published_tiers() {
        for (amount, days) in [
            (99, 0),
            (100, 10),
            (199, 10),
            (200, 20),
            (300, 30),
            (450, 30),
            (499, 30),
            (500, 60),
            (999, 60),
            (1000, 90),
            (1999, 90),
            (2000, 360),
            (5000, 360),
        ] {
            assert_eq!(rules(Extend::Max).days(cents(amount)), days, "{amount} cents");
        }
    }

    #[test]
    fn a_top_up_never_shortens_validity_unless_told_to() {
        let far = Some(at(300));
        assert_eq!(rules(Extend::Max).extended(far, cents(100), at(0)), at(300));
        assert_eq!(rules(Extend::Replace).extended(far, cents(100), at(0)), at(10));
        assert_eq!(rules(Extend::Add).extended(far, cents(100), at(0)), at(310));
        assert_eq!(rules(Extend::Add).extended(Some(at(-5)), cents(100), at(0)), at(10));
        assert_eq!(rules(Extend::Max).extended(None, cents(500), at(0)), at(60));
    }

    #[test]
    fn a_number_lives_then_only_receives_then_is_suspended() {
        let life = |now| rules(Extend::Max).life(Some(at(0)), now);
        assert_eq!(life(at(0) - TimeDelta::seconds(1)), Life::Active);
        assert_eq!(life(at(0)), Life::ReceiveOnly);
        assert_eq!(life(at(14) - TimeDelta::seconds(1)), Life::ReceiveOnly);
        assert_eq!(life(at(14)), Life::Suspended);
        assert_eq!(rules(Extend::Max).life(None, at(0)), Life::New);
    }

    #[test]
    fn contradicting_tiers_are_refused() {
        let tier = |from_euros, days| Tier { from_euros, days };
        assert_eq!(Validity::new(vec![], Extend::Max, 14), Err(InvalidTiers::Empty));
        assert_eq!(Validity::new(vec![tier(5, 10), tier(5, 20)], Extend::Max, 14), Err(InvalidTiers::Order(5)));
        assert_eq!(Validity::new(vec![tier(5, 0)], Extend::Max, 14), Err(InvalidTiers::NoDays(5)));
    }
}
