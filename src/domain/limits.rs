//! Limits on one top-up, on a day, on a month, and on the rate of top-ups, as data, with their check.
//!
//! Usage is counted for a subject (a payer, or an account that is topped up) and a period. Days and months are those of
//! local time. Usage without a limit is not counted.

mod usage;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::day_of;
use super::{AccountKey, Amount, Channel, Msisdn, Reason, Rejection, format_minor};

pub use usage::{Counted, Period, Usage, UsageKey};

/// Highest count of a limit on the rate, because that many instants are stored for a subject.
pub const VELOCITY_COUNT_MAX: u16 = 100;

/// All limits except the general lowest and highest amount.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Limits on one top-up by channel.
    pub channels: BTreeMap<Channel, AmountLimit>,
    /// Limits on one top-up by bank.
    pub banks: BTreeMap<String, AmountLimit>,
    /// Limits of one customer as payer. A machine is not a customer.
    pub payer: UsageLimits,
    /// Limits of one account as receiver.
    pub target: UsageLimits,
    /// Limits of the clients of the API and of switches, by name.
    pub clients: BTreeMap<String, ClientLimits>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientLimits {
    /// Limits on one top-up.
    pub amounts: AmountLimit,
    /// Limits on the sum of all top-ups.
    pub usage: UsageLimits,
}

/// Lowest and highest amount of one top-up; `None` for the general one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AmountLimit {
    pub min: Option<Amount>,
    pub max: Option<Amount>,
}

/// Limits on all top-ups of one subject together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageLimits {
    pub day: Allowance,
    pub month: Allowance,
    /// Limits on the rate; all of them apply.
    pub velocity: Vec<Velocity>,
}

/// Highest sum and number; `None` for no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    pub amount_max: Option<Amount>,
    pub count_max: Option<u32>,
}

/// At most `count_max` top-ups within any `minutes` minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Velocity {
    /// At most [`VELOCITY_COUNT_MAX`].
    pub count_max: u16,
    pub minutes: u16,
}

/// The values of a top-up that limits depend on.
#[derive(Debug, Clone, Copy)]
pub struct Spending<'a> {
    /// The customer who pays; `None` for a machine.
    pub payer: Option<Msisdn>,
    /// The client that ordered it; `None` without one.
    pub client: Option<&'a str>,
    /// The account that is topped up.
    pub target: &'a AccountKey,
    pub now: DateTime<Utc>,
}

/// Owner of limits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whose {
    Payer,
    Client,
    Target,
    /// The sender of credit.
    Sender,
    /// The seller from a wallet.
    Dealer,
}

impl Limits {
    /// As [`Self::amounts`], narrowed by the limits of a client.
    pub fn amounts_of(&self, (min, max): (Amount, Amount), client: Option<&str>) -> (Amount, Amount) {
        let said = client.and_then(|name| self.clients.get(name)).map(|limits| limits.amounts).unwrap_or_default();
        (said.min.map_or(min, |own| own.max(min)), said.max.map_or(max, |own| own.min(max)))
    }

    /// Lowest and highest amount of a top-up by this channel through this bank. A limit of a channel or a bank replaces
    /// the general one. If both have one, the narrower range counts.
    pub fn amounts(&self, everywhere: (Amount, Amount), channel: Channel, bank: &str) -> (Amount, Amount) {
        let said = [self.channels.get(&channel), self.banks.get(bank)];
        let min = said.iter().flatten().filter_map(|limit| limit.min).max();
        let max = said.iter().flatten().filter_map(|limit| limit.max).min();
        (min.unwrap_or(everywhere.0), max.unwrap_or(everywhere.1))
    }

    /// The counters that a top-up changes; empty if no limit applies.
    pub fn counted(&self, spending: Spending<'_>) -> Vec<Counted> {
        self.subjects(spending).flat_map(|(_, limits, subject)| limits.counted(&subject, spending.now)).collect()
    }

    /// Checks that a top-up is within all limits, given the usage.
    ///
    /// # Errors
    /// The exceeded limit that ends last: after the instant in the rejection, no other limit is exceeded. Of several
    /// with the same instant, the payer's comes before the target's, and the month's before the day's.
    pub fn check(
        &self,
        used: &HashMap<UsageKey, Usage>,
        spending: Spending<'_>,
        amount: Amount,
    ) -> Result<(), Rejection> {
        let refusals = self.subjects(spending).flat_map(|(whose, limits, subject)| {
            limits.refusals(used, &whose.reasons(), &subject, amount, spending.now)
        });
        last_to_open(refusals.collect())
    }

    fn subjects(&self, spending: Spending<'_>) -> impl Iterator<Item = (Whose, &UsageLimits, String)> {
        let payer = spending.payer.filter(|_| self.payer.is_any());
        let payer = payer.map(|phone| (Whose::Payer, &self.payer, format!("payer:{}", phone.digits())));
        let client = spending.client.and_then(|name| Some((name, &self.clients.get(name)?.usage)));
        let client = client.filter(|(_, limits)| limits.is_any());
        let client = client.map(|(name, limits)| (Whose::Client, limits, format!("client:{name}")));
        let target = self.target.is_any().then(|| (Whose::Target, &self.target, format!("target:{}", spending.target)));
        payer.into_iter().chain(client).chain(target)
    }
}

/// Returns the refusal that ends last; of several, the first.
fn last_to_open(refusals: Vec<Rejection>) -> Result<(), Rejection> {
    let last = refusals.into_iter().rev().max_by_key(|refusal| refusal.details.opens_at);
    last.map_or(Ok(()), Err)
}

impl UsageLimits {
    /// Checks that an amount of this subject is within all of these limits, given the usage.
    ///
    /// # Errors
    /// As [`Limits::check`].
    pub(super) fn check(
        &self,
        whose: Whose,
        used: &HashMap<UsageKey, Usage>,
        subject: &str,
        amount: Amount,
        now: DateTime<Utc>,
    ) -> Result<(), Rejection> {
        last_to_open(self.refusals(used, &whose.reasons(), subject, amount, now))
    }

    fn is_any(&self) -> bool {
        self.day.is_any() || self.month.is_any() || !self.velocity.is_empty()
    }

    /// The counters of one subject.
    pub(super) fn counted(&self, subject: &str, now: DateTime<Utc>) -> Vec<Counted> {
        let recent_max = self.velocity.iter().map(|velocity| velocity.count_max).max();
        let periods = [
            self.month.is_any().then(|| (Period::month_of(now), 0)),
            self.day.is_any().then(|| (Period::Day(day_of(now)), 0)),
            recent_max.map(|recent_max| (Period::Recent, recent_max)),
        ];
        let key = |period| UsageKey { subject: subject.to_owned(), period };
        periods.into_iter().flatten().map(|(period, recent_max)| Counted { key: key(period), recent_max }).collect()
    }

    /// The refusal for each limit that a top-up exceeds.
    fn refusals(
        &self,
        used: &HashMap<UsageKey, Usage>,
        reasons: &Reasons,
        subject: &str,
        amount: Amount,
        now: DateTime<Utc>,
    ) -> Vec<Rejection> {
        let nothing = Usage::default();
        let used = |period| used.get(&UsageKey { subject: subject.to_owned(), period }).unwrap_or(&nothing);
        let (month, day) = (Period::month_of(now), Period::Day(day_of(now)));
        let mut refusals = Vec::new();
        for (allowance, period, reasons) in [(self.month, month, reasons.month), (self.day, day, reasons.day)] {
            if allowance.is_any() {
                refusals.extend(allowance.refusal(used(period), amount, reasons, period.end().unwrap_or(now)));
            }
        }
        let recent = if self.velocity.is_empty() { &nothing } else { used(Period::Recent) };
        refusals.extend(self.velocity.iter().filter_map(|velocity| {
            let opens_at = velocity.opens_at(&recent.recent, now)?;
            Some(Rejection::new(reasons.velocity).with(|details| {
                details.limit = Some(velocity.count_max.to_string());
                details.minutes = Some(velocity.minutes);
                details.opens_at = Some(opens_at);
            }))
        }));
        refusals
    }
}

impl Allowance {
    const fn is_any(self) -> bool {
        self.amount_max.is_some() || self.count_max.is_some()
    }

    fn refusal(self, used: &Usage, amount: Amount, [sum, count]: [Reason; 2], end: DateTime<Utc>) -> Option<Rejection> {
        if let Some(max) = self.amount_max {
            let left = max.minor().saturating_sub(used.amount_minor).max(0);
            if amount.minor() > left {
                return Some(Rejection::new(sum).with(|details| {
                    details.limit = Some(max.to_string());
                    details.available = Some(format_minor(left));
                    details.opens_at = Some(end);
                }));
            }
        }
        let max = self.count_max.filter(|max| used.count >= *max)?;
        Some(Rejection::new(count).with(|details| {
            details.limit = Some(max.to_string());
            details.opens_at = Some(end);
        }))
    }
}

impl Velocity {
    /// Instant of the next allowed top-up, if it is not now: the window then has fewer top-ups.
    fn opens_at(self, recent: &[DateTime<Utc>], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let oldest = recent.len().checked_sub(usize::from(self.count_max)).and_then(|at| recent.get(at))?;
        Some(*oldest + TimeDelta::minutes(i64::from(self.minutes))).filter(|opens_at| now < *opens_at)
    }
}

/// Reasons of one subject: for the sum, and for the number.
struct Reasons {
    month: [Reason; 2],
    day: [Reason; 2],
    velocity: Reason,
}

impl Whose {
    const fn reasons(self) -> Reasons {
        match self {
            Self::Payer => Reasons {
                month: [Reason::PayerMonthAmount, Reason::PayerMonthCount],
                day: [Reason::PayerDayAmount, Reason::PayerDayCount],
                velocity: Reason::PayerVelocity,
            },
            Self::Client => Reasons {
                month: [Reason::ClientMonthAmount, Reason::ClientMonthCount],
                day: [Reason::ClientDayAmount, Reason::ClientDayCount],
                velocity: Reason::ClientVelocity,
            },
            Self::Target => Reasons {
                month: [Reason::TargetMonthAmount, Reason::TargetMonthCount],
                day: [Reason::TargetDayAmount, Reason::TargetDayCount],
                velocity: Reason::TargetVelocity,
            },
            Self::Sender => Reasons {
                month: [Reason::TransferMonthAmount, Reason::TransferMonthCount],
                day: [Reason::TransferDayAmount, Reason::TransferDayCount],
                velocity: Reason::TransferDayCount,
            },
            Self::Dealer => Reasons {
                month: [Reason::DealerMonthAmount, Reason::DealerMonthCount],
                day: [Reason::DealerDayAmount, Reason::DealerDayCount],
                velocity: Reason::DealerDayCount,
            },
        }
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
