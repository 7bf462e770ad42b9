//! `[dealers]`: commissions and limits of dealers.

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use garde::Validate;
use serde::Deserialize;

use super::limits::Usage;
use super::money::{Money, amount};
use super::values;
use crate::domain::bonus::Give;
use crate::domain::limits::AmountLimit;
use crate::domain::{CommissionRule, DealerRules, InvalidAmount, LEVELS_MAX};

/// `[dealers]`. The operator has not published its rules and must set the figures.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Dealers {
    /// Minutes in which the seller may reverse a sale; 0 for never.
    #[garde(range(max = 1_440))]
    pub undo_minutes: u16,
    /// A dealer is notified if a sale leaves less stock than this; `"0.00"` for never.
    #[garde(range(max = Money::MAX))]
    pub low_stock: Money,
    /// Most that one dealer may sell in a day.
    #[garde(inner(range(min = Money::LEAST, max = Money::MAX)))]
    pub day_amount_max: Option<Money>,
    /// Most sales of one dealer in a day.
    #[garde(inner(range(min = 1, max = 1_000_000)))]
    pub day_count_max: Option<u32>,
    /// Most that one dealer may sell in a month.
    #[garde(inner(range(min = self.day_amount_max.unwrap_or(Money::LEAST), max = Money::MAX)))]
    pub month_amount_max: Option<Money>,
    /// Commissions on sales.
    #[garde(dive)]
    pub commission: Vec<Commission>,
    /// Link for the summary that dealers get each evening; `None` for no summary.
    #[garde(skip)]
    pub summary_link: Option<String>,
    /// Source address of the summary: a short code or a name.
    #[garde(custom(values::sender))]
    pub summary_sender: String,
    /// Time of the summary, local time.
    #[garde(skip)]
    pub summary_at: NaiveTime,
}

/// One `[[dealers.commission]]`.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Commission {
    /// Key of the account that pays it: letters, digits, `-` and `_`.
    #[garde(length(min = 1, max = 32), custom(|name: &str, _context: &()| plain(name)))]
    pub name: String,
    /// 0 for the seller, 1 for the dealer above, and so on.
    #[garde(range(max = LEVELS_MAX))]
    pub level: usize,
    /// Percentage of the amount, rounded down to a cent.
    #[garde(inner(range(min = 1, max = 50)))]
    pub percent: Option<u16>,
    /// Fixed commission.
    #[garde(inner(range(min = Money::LEAST, max = Money::MAX)), custom(one_of(self.percent)))]
    pub fixed: Option<Money>,
    /// Lowest amount with this commission.
    #[garde(inner(range(min = Money::LEAST, max = Money::MAX)))]
    pub amount_min: Option<Money>,
    /// Highest amount with this commission.
    #[garde(inner(range(min = self.amount_min.unwrap_or(Money::LEAST), max = Money::MAX)))]
    pub amount_max: Option<Money>,
    /// First day.
    #[garde(skip)]
    pub from: Option<NaiveDate>,
    /// Last day, inclusive.
    #[garde(skip)]
    pub until: Option<NaiveDate>,
}

impl Default for Dealers {
    fn default() -> Self {
        Self {
            undo_minutes: 10,
            low_stock: Money::of_minor(2_000),
            day_amount_max: None,
            day_count_max: None,
            month_amount_max: None,
            commission: Vec::new(),
            summary_link: None,
            summary_sender: "124".to_owned(),
            summary_at: NaiveTime::from_hms_opt(20, 0, 0).unwrap_or_default(),
        }
    }
}

fn one_of(percent: Option<u16>) -> impl FnOnce(&Option<Money>, &()) -> garde::Result {
    move |fixed, ()| {
        if percent.is_some() == fixed.is_some() {
            return Err(garde::Error::new("write either percent or fixed"));
        }
        Ok(())
    }
}

fn plain(name: &str) -> garde::Result {
    if name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_')) {
        return Ok(());
    }
    Err(garde::Error::new("write letters from a to z, digits, `-` and `_`"))
}

impl Dealers {
    /// Builds the rules for decisions.
    pub(super) fn build(&self) -> Result<DealerRules, InvalidAmount> {
        let limits = Usage {
            day_amount_max: self.day_amount_max,
            day_count_max: self.day_count_max,
            month_amount_max: self.month_amount_max,
            ..Usage::default()
        };
        let undo = (self.undo_minutes > 0).then(|| TimeDelta::minutes(i64::from(self.undo_minutes)));
        Ok(DealerRules {
            commissions: self.commission.iter().map(Commission::build).collect::<Result<_, _>>()?,
            limits: limits.build()?,
            undo,
            low_stock_minor: self.low_stock.minor(),
        })
    }
}

impl Commission {
    fn build(&self) -> Result<CommissionRule, InvalidAmount> {
        let give = match (self.percent, self.fixed) {
            (Some(percent), _) => Give::Percent(percent),
            // Neither is a problem of `fixed`, and zero is no amount.
            (None, fixed) => Give::Fixed(fixed.unwrap_or(Money::of_minor(0)).amount()?),
        };
        Ok(CommissionRule {
            name: self.name.clone(),
            level: self.level,
            give,
            amount: AmountLimit { min: amount(self.amount_min)?, max: amount(self.amount_max)? },
            from: self.from,
            until: self.until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commission_is_a_share_or_a_sum() {
        let rule = |text: &str| toml::from_str::<Commission>(text).unwrap();
        let share = rule("name = \"shop\"\nlevel = 0\npercent = 3");
        assert!(share.validate().is_ok());
        assert_eq!(share.build().unwrap().give, Give::Percent(3));
        let fixed = rule("name = \"shop\"\nlevel = 1\nfixed = \"0.05\"\namount_min = \"5.00\"").build().unwrap();
        assert_eq!((fixed.give, fixed.level), (Give::Fixed(crate::domain::Amount::from_minor(5).unwrap()), 1));
        for wrong in ["", "percent = 3\nfixed = \"0.05\"", "percent = 99", "fixed = \"0.05\"\nlevel = 9"] {
            let level = if wrong.contains("level") { "" } else { "level = 0\n" };
            assert!(rule(&format!("name = \"shop\"\n{level}{wrong}")).validate().is_err(), "{wrong}");
        }
    }
}
