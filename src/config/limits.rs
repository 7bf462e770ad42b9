//! `[limits]`: limits on one top-up, on a day, on a month, and on the rate of top-ups.

use std::collections::BTreeMap;

use garde::Validate;
use serde::Deserialize;

use super::money::{Money, amount};
use crate::domain::limits::{self, Allowance, AmountLimit, VELOCITY_COUNT_MAX, Velocity};
use crate::domain::{Amount, CURRENCY, Channel, InvalidAmount};

/// `[limits]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Lowest top-up, unless the channel or the bank has its own.
    #[garde(range(min = Money::LEAST, max = Money::MAX))]
    pub amount_min: Money,
    /// Highest top-up, unless the channel or the bank has its own.
    #[garde(range(min = self.amount_min, max = Money::MAX))]
    pub amount_max: Money,
    /// By channel (`sms`, `ussd`, `atm` …), in place of the two above.
    #[garde(dive)]
    pub channels: BTreeMap<String, Amounts>,
    /// By bank, in place of the two above. If the channel also has its own, the narrower range counts.
    #[garde(dive)]
    pub banks: BTreeMap<String, Amounts>,
    /// Limits of one customer as payer.
    #[garde(dive)]
    pub payer: Usage,
    /// Limits of one account as receiver.
    #[garde(dive)]
    pub target: Usage,
}

/// `[limits.channels.NAME]` and `[limits.banks.ID]`
#[derive(Debug, Clone, Copy, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Amounts {
    /// Lowest top-up.
    #[garde(inner(range(min = Money::LEAST, max = Money::MAX)))]
    pub amount_min: Option<Money>,
    /// Highest top-up.
    #[garde(inner(range(min = self.amount_min.unwrap_or(Money::LEAST), max = Money::MAX)))]
    pub amount_max: Option<Money>,
}

/// `[limits.payer]` and `[limits.target]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Usage {
    /// Sum of a local day.
    #[garde(inner(range(min = Money::LEAST, max = Money::MAX)))]
    pub day_amount_max: Option<Money>,
    /// Number of top-ups in a day.
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    pub day_count_max: Option<u32>,
    /// Sum of a local month.
    #[garde(inner(range(min = self.day_amount_max.unwrap_or(Money::LEAST), max = Money::MAX)))]
    pub month_amount_max: Option<Money>,
    /// Number of top-ups in a month.
    #[garde(inner(range(min = self.day_count_max.unwrap_or(1), max = 1_000_000)))]
    pub month_count_max: Option<u32>,
    /// Limits on the rate of top-ups; all of them apply.
    #[garde(dive, length(max = 8))]
    pub velocity: Vec<VelocitySection>,
}

/// One of `velocity`: at most `count_max` top-ups within `minutes`.
#[derive(Debug, Clone, Copy, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct VelocitySection {
    #[garde(range(min = 1, max = VELOCITY_COUNT_MAX))]
    pub count_max: u16,
    #[garde(range(min = 1, max = 44_640))]
    pub minutes: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            amount_min: Money::of_minor(100),
            amount_max: Money::of_minor(5_000),
            channels: BTreeMap::new(),
            banks: BTreeMap::new(),
            payer: Usage::default(),
            target: Usage::default(),
        }
    }
}

/// The limits contradict each other.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLimits {
    /// A number of minor units is not an amount.
    #[error("limits: {0}")]
    Amount(#[from] InvalidAmount),
    /// A name is not that of a channel.
    #[error("limits.channels.{name}: {problem}")]
    Channel { name: String, problem: String },
    /// No amount could be topped up.
    #[error(
        "limits: a top-up by `{channel}` through {bank} would have to be at least {min} {CURRENCY} and at most {max} {CURRENCY}: \
         lower amount_min or raise amount_max of the channel, the bank, or both"
    )]
    Nothing {
        channel: Channel,
        /// The bank, in words.
        bank: String,
        /// Lowest amount.
        min: Amount,
        /// Highest amount.
        max: Amount,
    },
    /// A sum of a day or a month is below the lowest top-up.
    #[error(
        "limits.{key} = \"{max}\": it is below the lowest top-up, {min} {CURRENCY}, so that none would be allowed: raise it"
    )]
    TooLow { key: String, max: Amount, min: Amount },
}

impl Limits {
    /// Returns a limit of a day or a month that is below the lowest top-up of every channel and bank.
    fn too_low(&self) -> Option<InvalidLimits> {
        let own = self.channels.values().chain(self.banks.values()).filter_map(|amounts| amounts.amount_min);
        let lowest = own.chain([self.amount_min]).min()?;
        let limits = [("payer", &self.payer), ("target", &self.target)].into_iter().flat_map(|(whose, usage)| {
            let sums = [("day", usage.day_amount_max), ("month", usage.month_amount_max)];
            sums.map(|(period, max)| (format!("{whose}.{period}_amount_max"), max))
        });
        let (key, max) = limits.filter_map(|(key, max)| Some((key, max?))).find(|(_, max)| *max < lowest)?;
        Some(InvalidLimits::TooLow { key, max: max.amount().ok()?, min: lowest.amount().ok()? })
    }

    /// Builds the valid rules, and returns the problems of the others.
    pub(super) fn build(&self) -> (limits::Limits, Vec<InvalidLimits>) {
        let mut problems = Vec::new();
        let mut built = limits::Limits::default();
        for (name, amounts) in &self.channels {
            let channel = name.parse().map_err(|problem| InvalidLimits::Channel { name: name.clone(), problem });
            match channel.and_then(|channel: Channel| Ok((channel, amounts.build()?))) {
                Ok((channel, amounts)) => drop(built.channels.insert(channel, amounts)),
                Err(problem) => problems.push(problem),
            }
        }
        for (bank, amounts) in &self.banks {
            // A bank with invalid amounts still has its name.
            let amounts = amounts.build().unwrap_or_else(|problem| told(&mut problems, problem));
            built.banks.insert(bank.clone(), amounts);
        }
        built.payer = self.payer.build().unwrap_or_else(|problem| told(&mut problems, problem));
        built.target = self.target.build().unwrap_or_else(|problem| told(&mut problems, problem));
        if problems.is_empty() {
            problems.extend(self.nothing(&built));
            problems.extend(self.too_low());
        }
        (built, problems)
    }

    /// Returns a combination of channel and bank by which no amount could be topped up.
    fn nothing(&self, limits: &limits::Limits) -> Option<InvalidLimits> {
        let everywhere = self.amount_min.amount().ok().zip(self.amount_max.amount().ok())?;
        let banks = || std::iter::once("").chain(self.banks.keys().map(String::as_str));
        let ways = Channel::ALL.iter().flat_map(|&channel| banks().map(move |bank| (channel, bank)));
        ways.map(|(channel, bank)| (channel, bank, limits.amounts(everywhere, channel, bank)))
            .find(|(.., (min, max))| min > max)
            .map(|(channel, bank, (min, max))| {
                let bank = if bank.is_empty() { "any bank".to_owned() } else { format!("bank `{bank}`") };
                InvalidLimits::Nothing { channel, bank, min, max }
            })
    }
}

/// Keeps the problem, and returns the default in place of the value.
fn told<T: Default>(problems: &mut Vec<InvalidLimits>, problem: InvalidAmount) -> T {
    problems.push(problem.into());
    T::default()
}

impl Amounts {
    pub(super) fn build(self) -> Result<AmountLimit, InvalidAmount> {
        Ok(AmountLimit { min: amount(self.amount_min)?, max: amount(self.amount_max)? })
    }
}

impl Usage {
    pub(super) fn build(&self) -> Result<limits::UsageLimits, InvalidAmount> {
        let day = Allowance { amount_max: amount(self.day_amount_max)?, count_max: self.day_count_max };
        let month = Allowance { amount_max: amount(self.month_amount_max)?, count_max: self.month_count_max };
        let velocity = self.velocity.iter().map(|one| Velocity { count_max: one.count_max, minutes: one.minutes });
        Ok(limits::UsageLimits { day, month, velocity: velocity.collect() })
    }
}
