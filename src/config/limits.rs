//! `[limits]`: of one top-up, of a day, a month, and of how quickly one follows another.

use std::collections::BTreeMap;

use garde::Validate;
use serde::Deserialize;

use crate::domain::limits::{self, Allowance, AmountLimit, VELOCITY_COUNT_MAX, Velocity};
use crate::domain::{Amount, Channel, InvalidAmount};

/// `[limits]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Lowest top-up, in cents, where nothing else is said.
    #[garde(range(min = 1, max = Amount::MAX.cents()))]
    pub amount_min_cents: i64,
    /// Highest top-up, in cents, where nothing else is said.
    #[garde(range(min = self.amount_min_cents, max = Amount::MAX.cents()))]
    pub amount_max_cents: i64,
    /// By channel (`sms`, `ussd`, `atm` …): in place of the two above.
    #[garde(dive)]
    pub channels: BTreeMap<String, Amounts>,
    /// By bank: in place of the two above; the narrower of both, where its channel has some too.
    #[garde(dive)]
    pub banks: BTreeMap<String, Amounts>,
    /// What one customer may pay for.
    #[garde(dive)]
    pub payer: Usage,
    /// What one account may be topped up with.
    #[garde(dive)]
    pub target: Usage,
}

/// `[limits.channels.NAME]` and `[limits.banks.ID]`
#[derive(Debug, Clone, Copy, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Amounts {
    /// Lowest top-up, in cents.
    #[garde(inner(range(min = 1, max = Amount::MAX.cents())))]
    pub amount_min_cents: Option<i64>,
    /// Highest top-up, in cents.
    #[garde(inner(range(min = self.amount_min_cents.unwrap_or(1), max = Amount::MAX.cents())))]
    pub amount_max_cents: Option<i64>,
}

/// `[limits.payer]` and `[limits.target]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Usage {
    /// Sum of a day of Europe/Belgrade, in cents.
    #[garde(inner(range(min = 1, max = Amount::MAX.cents())))]
    pub day_amount_max_cents: Option<i64>,
    /// Top-ups of a day.
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    pub day_count_max: Option<u32>,
    /// Sum of a month of Europe/Belgrade, in cents.
    #[garde(inner(range(min = self.day_amount_max_cents.unwrap_or(1), max = Amount::MAX.cents())))]
    pub month_amount_max_cents: Option<i64>,
    /// Top-ups of a month.
    #[garde(inner(range(min = self.day_count_max.unwrap_or(1), max = 1_000_000)))]
    pub month_count_max: Option<u32>,
    /// At most so many within so many minutes; each has to hold.
    #[garde(dive, length(max = 8))]
    pub velocity: Vec<VelocitySection>,
}

/// One of `velocity`.
#[derive(Debug, Clone, Copy, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct VelocitySection {
    /// Top-ups.
    #[garde(range(min = 1, max = VELOCITY_COUNT_MAX))]
    pub count_max: u16,
    /// Minutes.
    #[garde(range(min = 1, max = 44_640))]
    pub minutes: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            amount_min_cents: 100,
            amount_max_cents: 5_000,
            channels: BTreeMap::new(),
            banks: BTreeMap::new(),
            payer: Usage::default(),
            target: Usage::default(),
        }
    }
}

/// Why limits do not go together.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLimits {
    /// A number of cents that is no amount.
    #[error("limits: {0}")]
    Amount(#[from] InvalidAmount),
    /// A word that is no channel's.
    #[error("limits.channels.{name}: {problem}")]
    Channel {
        /// What was written.
        name: String,
        /// What there is.
        problem: String,
    },
    /// Nothing could be topped up.
    #[error(
        "limits: a top-up by `{channel}` through {bank} would have to be at least {min} EUR and at most {max} EUR: \
         lower amount_min_cents or raise amount_max_cents of the channel, the bank, or both"
    )]
    Nothing {
        /// The channel.
        channel: Channel,
        /// The bank, in words.
        bank: String,
        /// Lowest.
        min: Amount,
        /// Highest.
        max: Amount,
    },
}

impl Limits {
    /// As decisions obey them, as far as they can be built, and what is wrong with the rest.
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
            // What is wrong with a bank's amounts does not make it another's name.
            let amounts = amounts.build().unwrap_or_else(|problem| told(&mut problems, problem));
            built.banks.insert(bank.clone(), amounts);
        }
        built.payer = self.payer.build().unwrap_or_else(|problem| told(&mut problems, problem));
        built.target = self.target.build().unwrap_or_else(|problem| told(&mut problems, problem));
        if problems.is_empty() {
            problems.extend(self.nothing(&built));
        }
        (built, problems)
    }

    /// A way on which no amount could be topped up.
    fn nothing(&self, limits: &limits::Limits) -> Option<InvalidLimits> {
        let amount = |cents| Amount::from_cents(cents).ok();
        let everywhere = amount(self.amount_min_cents).zip(amount(self.amount_max_cents))?;
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

/// Keeps the problem; the default stands for what could not be built.
fn told<T: Default>(problems: &mut Vec<InvalidLimits>, problem: InvalidAmount) -> T {
    problems.push(problem.into());
    T::default()
}

impl Amounts {
    pub(super) fn build(self) -> Result<AmountLimit, InvalidAmount> {
        Ok(AmountLimit { min: amount(self.amount_min_cents)?, max: amount(self.amount_max_cents)? })
    }
}

impl Usage {
    pub(super) fn build(&self) -> Result<limits::UsageLimits, InvalidAmount> {
        let day = Allowance { amount_max: amount(self.day_amount_max_cents)?, count_max: self.day_count_max };
        let month = Allowance { amount_max: amount(self.month_amount_max_cents)?, count_max: self.month_count_max };
        let velocity = self.velocity.iter().map(|one| Velocity { count_max: one.count_max, minutes: one.minutes });
        Ok(limits::UsageLimits { day, month, velocity: velocity.collect() })
    }
}

/// Cents, where there are some, as an amount.
pub(super) fn amount(cents: Option<i64>) -> Result<Option<Amount>, InvalidAmount> {
    cents.map(Amount::from_cents).transpose()
}
