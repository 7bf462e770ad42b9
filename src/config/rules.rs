//! Builds the rules for decisions from all sections. An error in one section leaves the others unchanged: a section
//! that names a bank or compares an amount uses the values of the file, not a default.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};

use chrono::TimeDelta;

use super::bank::Bank;
use super::bonus::{self, Bonus, InvalidBonus};
use super::credit_transfer::{CreditTransfer, Pins};
use super::dealers::Dealers;
use super::limits::{InvalidLimits, Limits};
use super::products::Products;
use super::routes::{self, Route};
use super::section::{Accounts, RedeliverySection, Subscribers, ValiditySection};
use super::voucher::Vouchers;
use crate::domain::validity::Validity;
use crate::domain::{AccountRules, CourtesyRules, LinkRules, Redelivery, Rules};

/// The sections that decisions depend on.
pub(super) struct RuleSections<'a> {
    pub(super) subscribers: &'a Subscribers,
    pub(super) validity: &'a ValiditySection,
    pub(super) limits: &'a Limits,
    pub(super) products: &'a Products,
    pub(super) bonuses: &'a [Bonus],
    pub(super) redelivery: &'a RedeliverySection,
    pub(super) vouchers: &'a Vouchers,
    pub(super) pins: &'a Pins,
    pub(super) credit_transfer: &'a CreditTransfer,
    pub(super) routes: &'a [Route],
    pub(super) dealers: &'a Dealers,
    pub(super) banks: &'a BTreeMap<String, Bank>,
    pub(super) accounts: &'a BTreeMap<String, Accounts>,
}

/// Builds the rules, and adds their problems to those of the keys.
pub(super) fn rules(sections: &RuleSections<'_>, problems: &mut Vec<String>) -> Rules {
    let (limits, of_limits) = sections.limits.build();
    let (bonuses, of_bonuses) = bonus::build(sections.bonuses);
    let mut built = Building { problems };
    for problem in of_limits {
        built.tell("limits", problem.to_string(), matches!(problem, InvalidLimits::Amount(_)));
    }
    for problem in of_bonuses {
        built.tell("bonus", problem.to_string(), matches!(problem, InvalidBonus::Amount(_)));
    }
    Rules {
        validity: built.rule("validity", sections.validity, |section| {
            let tiers = Validity::new(section.tiers(), section.extend, section.receive_only_days);
            tiers.map_err(|problem| format!("validity.tiers: {problem}"))
        }),
        unknown_subscriber: sections.subscribers.unknown,
        language: sections.subscribers.language,
        amount_min: built.amount("limits", sections.limits, |section| section.amount_min.amount()),
        amount_max: built.amount("limits", sections.limits, |section| section.amount_max.amount()),
        limits,
        products: built.amount("products", sections.products, Products::build),
        bonuses,
        credit_transfer: built.amount("credit_transfer", sections.credit_transfer, CreditTransfer::build),
        dealers: built.amount("dealers", sections.dealers, Dealers::build),
        redelivery: redelivery(sections.redelivery),
        ladder: built.rule("vouchers", sections.vouchers, Vouchers::ladder),
        code_rates: sections.vouchers.code_rates(),
        pin_rates: sections.pins.rates(),
        routes: routes::build(sections.routes),
        links: LinkRules::default(),
        courtesies: CourtesyRules::default(),
        answered_later: BTreeSet::new(),
        banks: sections.banks.iter().map(|(id, bank)| (id.clone(), bank.rules())).collect(),
        accounts: account_rules(sections.accounts),
    }
}

/// The problems so far.
struct Building<'a> {
    problems: &'a mut Vec<String>,
}

impl Building<'_> {
    /// Builds the rule of a section; after a problem, that of its default.
    fn rule<S: Default, T, E: Display + Debug>(
        &mut self,
        place: &str,
        section: &S,
        build: impl Fn(&S) -> Result<T, E>,
    ) -> T {
        self.built(section, build, |built, problem| built.tell(place, problem.to_string(), false))
    }

    /// As above, for a section in which only amounts can be invalid.
    fn amount<S: Default, T, E: Display + Debug>(
        &mut self,
        place: &str,
        section: &S,
        build: impl Fn(&S) -> Result<T, E>,
    ) -> T {
        self.built(section, build, |built, problem| built.tell(place, format!("{place}: {problem}"), true))
    }

    fn built<S: Default, T, E: Display + Debug>(
        &mut self,
        section: &S,
        build: impl Fn(&S) -> Result<T, E>,
        tell: impl FnOnce(&mut Self, E),
    ) -> T {
        build(section).unwrap_or_else(|problem| {
            tell(self, problem);
            // cannot fail: the defaults are constants, and a test builds them.
            build(&S::default()).expect("the defaults are valid")
        })
    }

    /// Reports a problem, unless it concerns an amount and the problem of its key is reported already.
    fn tell(&mut self, place: &str, problem: String, is_of_amount: bool) {
        let is_told = || self.problems.iter().any(|told| told.starts_with(place));
        if !is_of_amount || !is_told() {
            self.problems.push(problem);
        }
    }
}

fn account_rules(sections: &BTreeMap<String, Accounts>) -> BTreeMap<String, AccountRules> {
    sections.iter().map(|(kind, section)| (kind.clone(), AccountRules { unknown: section.unknown })).collect()
}

fn redelivery(section: &RedeliverySection) -> Redelivery {
    let seconds = |seconds: u32| TimeDelta::seconds(i64::from(seconds));
    Redelivery { grace: seconds(section.grace_seconds), window: seconds(section.window_seconds) }
}
