//! `[[bonus]]`: rules for bonuses on top-ups.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use garde::Validate;
use serde::Deserialize;

use super::money::{Money, amount};
use crate::domain::bonus::{BonusRule, Give};
use crate::domain::limits::AmountLimit;
use crate::domain::{Channel, InvalidAmount, LEVELS_MAX, Service, Transfer};

/// One `[[bonus]]`.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Bonus {
    /// Name in replies to customers, and key of the account that pays.
    #[garde(custom(|name: &str, _context: &()| plain(name)))]
    pub name: String,
    /// Percentage of the amount, rounded down to a cent.
    #[garde(inner(range(min = 1, max = 1_000)))]
    #[serde(default)]
    pub percent: Option<u16>,
    /// Fixed bonus, instead of `percent`.
    #[garde(inner(range(min = Money::LEAST, max = Money::MAX)))]
    #[serde(default)]
    pub fixed: Option<Money>,
    /// Highest bonus for one top-up.
    #[garde(inner(range(min = Money::LEAST, max = Money::MAX)))]
    #[serde(default)]
    pub cap: Option<Money>,
    /// True to give it together with other bonuses. Of the bonuses that do not stack, only the highest is given.
    #[garde(skip)]
    #[serde(default)]
    pub stacks: bool,
    /// Channels; empty for all.
    #[garde(skip)]
    #[serde(default, deserialize_with = "super::words")]
    pub channels: Vec<Channel>,
    /// Bank identifiers; empty for all.
    #[garde(skip)]
    #[serde(default)]
    pub banks: Vec<String>,
    /// `mobile`, `fixed`; empty for both. Products have a fixed price, so there is no bonus on them.
    #[garde(inner(custom(|service: &Service, _context: &()| credit(*service))))]
    #[serde(default, deserialize_with = "super::words")]
    pub services: Vec<Service>,
    /// Lowest top-up with this bonus.
    #[garde(inner(range(min = Money::LEAST, max = Money::MAX)))]
    #[serde(default)]
    pub amount_min: Option<Money>,
    /// Highest top-up with this bonus.
    #[garde(inner(range(min = self.amount_min.unwrap_or(Money::LEAST), max = Money::MAX)))]
    #[serde(default)]
    pub amount_max: Option<Money>,
    /// First local day: `2026-12-01`.
    #[garde(skip)]
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day, inclusive.
    #[garde(skip)]
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// The rules contradict each other.
#[derive(Debug, thiserror::Error)]
pub enum InvalidBonus {
    /// A number of minor units is not an amount.
    #[error("bonus: {0}")]
    Amount(#[from] InvalidAmount),
    /// `percent` and `fixed` are both given, or neither.
    #[error("bonus `{0}`: write either percent or fixed")]
    Give(String),
    #[error("bonus `{0}`: until is before from")]
    Days(String),
    /// Two rules have the same name.
    #[error("bonus `{0}`: another rule has this name: give each rule its own name")]
    Twice(String),
    /// More bonuses may be given together than one command can post.
    #[error("bonus: {0} rules may apply to one top-up, but at most {STACKING_MAX} are allowed: set stacks = false")]
    TooMany(usize),
}

/// Beside the main transfer there may be one bonus that does not stack and, for each level of dealers, a commission,
/// the part of it that is owed after a reversal, and a settlement of earlier debts.
const STACKING_MAX: usize = Transfer::OF_ONE_COMMAND_MAX as usize - 2 - 3 * (LEVELS_MAX + 1);

/// Builds the valid rules, and returns the problems of the others.
pub(super) fn build(sections: &[Bonus]) -> (Vec<BonusRule>, Vec<InvalidBonus>) {
    let (mut rules, mut problems, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for section in sections {
        if !names.insert(section.name.as_str()) {
            problems.push(InvalidBonus::Twice(section.name.clone()));
        }
        match section.build() {
            Ok(rule) => rules.push(rule),
            Err(problem) => problems.push(problem),
        }
    }
    let stacking = sections.iter().filter(|section| section.stacks).count();
    if stacking > STACKING_MAX {
        problems.push(InvalidBonus::TooMany(stacking));
    }
    (rules, problems)
}

impl Bonus {
    fn build(&self) -> Result<BonusRule, InvalidBonus> {
        let give = match (self.percent, amount(self.fixed)?) {
            (Some(percent), None) => Give::Percent(percent),
            (None, Some(fixed)) => Give::Fixed(fixed),
            _ => return Err(InvalidBonus::Give(self.name.clone())),
        };
        if self.from.zip(self.until).is_some_and(|(from, until)| until < from) {
            return Err(InvalidBonus::Days(self.name.clone()));
        }
        let credits = || vec![Service::Mobile, Service::Fixed];
        Ok(BonusRule {
            name: self.name.clone(),
            give,
            cap: amount(self.cap)?,
            stacks: self.stacks,
            channels: self.channels.clone(),
            banks: self.banks.clone(),
            services: if self.services.is_empty() { credits() } else { self.services.clone() },
            amount: AmountLimit { min: amount(self.amount_min)?, max: amount(self.amount_max)? },
            from: self.from,
            until: self.until,
        })
    }
}

fn plain(name: &str) -> garde::Result {
    let fits = (1..=16).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok(()) } else { Err(garde::Error::new("must be 1 to 16 letters, digits and `-`, as in \"new-year\"")) }
}

fn credit(service: Service) -> garde::Result {
    match service {
        Service::Mobile | Service::Fixed => Ok(()),
        // No setting names an account.
        Service::Internet | Service::Tv | Service::DuoTv | Service::DuoFix | Service::Account => {
            Err(garde::Error::new("a product has no credit that a bonus could add to: write \"mobile\" or \"fixed\""))
        }
    }
}
