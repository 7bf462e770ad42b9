//! Bonuses on top-ups, by rules that are data.

use chrono::{DateTime, NaiveDate, Utc};

use super::calendar::day_of;
use super::limits::AmountLimit;
use super::{Amount, Channel, Service};

/// A rule. It applies to a top-up that meets all of its conditions. An empty list is no condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BonusRule {
    /// Name in replies to customers, and key of the account that pays.
    pub name: String,
    pub give: Give,
    /// Highest bonus for one top-up.
    pub cap: Option<Amount>,
    /// True to give the bonus together with others. Of all applicable rules that do not stack, only the one with the
    /// highest bonus counts; of equal ones, the first.
    pub stacks: bool,
    pub channels: Vec<Channel>,
    pub banks: Vec<String>,
    pub services: Vec<Service>,
    /// Lowest and highest amount, both inclusive.
    pub amount: AmountLimit,
    /// First local day.
    pub from: Option<NaiveDate>,
    /// Last local day, inclusive.
    pub until: Option<NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Give {
    /// Percentage of the amount, rounded down to a minor unit.
    Percent(u16),
    /// The same for all amounts.
    Fixed(Amount),
}

/// The values of a top-up that rules depend on.
#[derive(Debug, Clone, Copy)]
pub struct Purchase<'a> {
    pub channel: Channel,
    pub bank: &'a str,
    pub service: Service,
    pub amount: Amount,
    pub now: DateTime<Utc>,
}

/// Returns the bonuses of a top-up with the names of their rules, in the order of the rules.
pub fn bonuses<'r>(rules: &'r [BonusRule], purchase: Purchase<'_>) -> Vec<(&'r str, Amount)> {
    let given: Vec<(&BonusRule, Amount)> =
        rules.iter().filter_map(|rule| rule.given(purchase).map(|amount| (rule, amount))).collect();
    let alone = given.iter().filter(|(rule, _)| !rule.stacks).rev().max_by_key(|(_, amount)| *amount).copied();
    let kept = given.into_iter().filter(|(rule, _)| rule.stacks || alone.is_some_and(|(best, _)| best == *rule));
    kept.map(|(rule, amount)| (rule.name.as_str(), amount)).collect()
}

impl BonusRule {
    fn given(&self, purchase: Purchase<'_>) -> Option<Amount> {
        self.applies(purchase).then(|| self.give.of(purchase.amount, self.cap)).flatten()
    }

    fn applies(&self, purchase: Purchase<'_>) -> bool {
        let day = day_of(purchase.now);
        (self.channels.is_empty() || self.channels.contains(&purchase.channel))
            && (self.banks.is_empty() || self.banks.iter().any(|bank| bank == purchase.bank))
            && (self.services.is_empty() || self.services.contains(&purchase.service))
            && self.amount.min.is_none_or(|min| purchase.amount >= min)
            && self.amount.max.is_none_or(|max| purchase.amount <= max)
            && self.from.is_none_or(|from| day >= from)
            && self.until.is_none_or(|until| day <= until)
    }
}

impl Give {
    /// Returns the bonus on an amount; `None` if it is less than a cent.
    pub(super) fn of(self, amount: Amount, cap: Option<Amount>) -> Option<Amount> {
        let given = match self {
            Self::Percent(percent) => {
                let minor = i128::from(amount.minor()) * i128::from(percent) / 100;
                Amount::from_minor(i64::try_from(minor).unwrap_or(i64::MAX).min(Amount::MAX.minor())).ok()?
            }
            Self::Fixed(given) => given,
        };
        Some(cap.map_or(given, |cap| given.min(cap)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn minor(amount: i64) -> Amount {
        Amount::from_minor(amount).unwrap()
    }

    fn rule(name: &str, give: Give) -> BonusRule {
        BonusRule {
            name: name.to_owned(),
            give,
            cap: None,
            stacks: false,
            channels: Vec::new(),
            banks: Vec::new(),
            services: Vec::new(),
            amount: AmountLimit::default(),
            from: None,
            until: None,
        }
    }

    fn purchase(amount: i64) -> Purchase<'static> {
        Purchase {
            channel: Channel::Sms,
            bank: "ekonomike",
            service: Service::Mobile,
            amount: minor(amount),
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
        }
    }

    fn given(rules: &[BonusRule], purchase: Purchase<'_>) -> Vec<(String, i64)> {
        bonuses(rules, purchase).into_iter().map(|(name, amount)| (name.to_owned(), amount.minor())).collect()
    }

    #[test]
    fn a_part_of_a_cent_is_not_given() {
        for (percent, amount, bonus) in
            [(10, 500, 50), (10, 509, 50), (7, 199, 13), (1, 199, 1), (100, 1, 1), (150, 3, 4)]
        {
            let rules = [rule("a", Give::Percent(percent))];
            assert_eq!(given(&rules, purchase(amount)), [("a".to_owned(), bonus)], "{percent} % of {amount}");
        }
        assert_eq!(given(&[rule("a", Give::Percent(1))], purchase(99)), []);
    }

    #[test]
    fn a_rule_applies_when_all_of_its_conditions_are_met() {
        let day = |text: &str| text.parse().ok();
        let narrow = BonusRule {
            channels: vec![Channel::Sms, Channel::Ussd],
            banks: vec!["ekonomike".into()],
            services: vec![Service::Mobile],
            amount: AmountLimit { min: Some(minor(500)), max: Some(minor(1_000)) },
            from: day("2026-11-22"),
            until: day("2026-11-22"),
            ..rule("narrow", Give::Fixed(minor(30)))
        };
        let gives = |purchase| !bonuses(std::slice::from_ref(&narrow), purchase).is_empty();
        let at = |text: &str| Purchase { now: text.parse().unwrap(), ..purchase(500) };
        assert!(gives(purchase(500)) && gives(purchase(1_000)));
        assert!(!gives(purchase(499)) && !gives(purchase(1_001)));
        assert!(!gives(Purchase { channel: Channel::Atm, ..purchase(500) }));
        assert!(!gives(Purchase { bank: "teb", ..purchase(500) }));
        assert!(!gives(Purchase { service: Service::Fixed, ..purchase(500) }));
        assert!(gives(at("2026-11-21T23:00:00Z")) && gives(at("2026-11-22T22:59:59Z")));
        assert!(!gives(at("2026-11-21T22:59:59Z")) && !gives(at("2026-11-22T23:00:00Z")));
    }

    #[test]
    fn of_those_that_do_not_stack_only_the_best_is_given() {
        let stacking = BonusRule { stacks: true, ..rule("beside", Give::Fixed(minor(5))) };
        let rules = [
            rule("small", Give::Fixed(minor(20))),
            stacking,
            rule("first", Give::Percent(10)),
            rule("second", Give::Fixed(minor(50))),
        ];
        assert_eq!(given(&rules, purchase(500)), [("beside".to_owned(), 5), ("first".to_owned(), 50)]);
        assert_eq!(given(&rules, purchase(100)), [("beside".to_owned(), 5), ("second".to_owned(), 50)]);
    }

    proptest! {
        /// Exact in minor units: never above the percentage, never a whole cent below it, and never above the cap.
        #[test]
        fn a_percentage_is_exact(amount in 1_i64..=10_000_000, percent in 1_u16..=1_000, cap in prop::option::of(1_i64..10_000)) {
            let rule = BonusRule { cap: cap.map(minor), ..rule("a", Give::Percent(percent)) };
            let given = bonuses(std::slice::from_ref(&rule), purchase(amount)).first().map_or(0, |(_, amount)| amount.minor());
            let exact = i128::from(amount) * i128::from(percent);
            match cap {
                Some(cap) if exact >= i128::from(cap) * 100 => prop_assert_eq!(given, cap),
                _ => prop_assert!(i128::from(given) * 100 <= exact && exact < i128::from(given + 1) * 100),
            }
        }
    }
}
