//! Usage that limits are compared with, by subject and period.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};

use super::super::Amount;
use super::super::calendar::{day_of, start_of};

/// Subject and period of a count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UsageKey {
    /// `payer:38349111222`, `target:subscriber:38349123456`
    pub subject: String,
    pub period: Period,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// A local day.
    Day(NaiveDate),
    /// The local month that begins on this day.
    Month(NaiveDate),
    /// The last top-ups, at any time.
    Recent,
}

/// Usage of one subject in one period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Sum of amounts, in minor units.
    pub amount_minor: i64,
    pub count: u32,
    /// For [`Period::Recent`]: instants of the last top-ups, the oldest first.
    pub recent: Vec<DateTime<Utc>>,
}

/// A counter that a top-up changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub key: UsageKey,
    /// Number of instants to store.
    pub recent_max: u16,
}

impl Usage {
    /// Counts one more top-up.
    pub fn add(&mut self, amount: Amount, now: DateTime<Utc>, recent_max: u16) {
        self.amount_minor = self.amount_minor.saturating_add(amount.minor());
        self.count = self.count.saturating_add(1);
        if recent_max > 0 {
            let place = self.recent.partition_point(|earlier| *earlier <= now);
            self.recent.insert(place, now);
            let forgotten = self.recent.len().saturating_sub(usize::from(recent_max));
            self.recent.drain(..forgotten);
        }
    }

    /// Removes a reversed top-up from the count. The instants of the last top-ups are unchanged.
    pub fn give_back(&mut self, amount: Amount) {
        self.amount_minor = self.amount_minor.saturating_sub(amount.minor()).max(0);
        self.count = self.count.saturating_sub(1);
    }
}

impl Period {
    /// The local month that this instant is in.
    pub(super) fn month_of(at: DateTime<Utc>) -> Self {
        let day = day_of(at);
        Self::Month(day.with_day(1).unwrap_or(day))
    }

    /// The instant at which the period ends; `None` for one without an end.
    pub fn end(self) -> Option<DateTime<Utc>> {
        let next = match self {
            Self::Day(day) => day.checked_add_days(Days::new(1)),
            Self::Month(first) => first.checked_add_months(chrono::Months::new(1)),
            Self::Recent => None,
        };
        next.map(start_of)
    }
}

/// `2026-11-22`, `2026-11`, `recent`
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{}", day.format("%Y-%m-%d")),
            Self::Month(first) => write!(f, "{}", first.format("%Y-%m")),
            Self::Recent => f.write_str("recent"),
        }
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        let period = match text.len() {
            10 => day(text).map(Self::Day),
            7 => day(&format!("{text}-01")).map(Self::Month),
            _ => (text == "recent").then_some(Self::Recent),
        };
        period.ok_or_else(|| format!("`{text}` is not a period"))
    }
}
