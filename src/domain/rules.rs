//! The operator's settings that a decision obeys.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::bonus::BonusRule;
use super::courtesy::CourtesyRules;
use super::limits::Limits;
use super::products::Products;
use super::routes::{LinkRules, Routes};
use super::validity::Validity;
use super::voucher::{GuessRates, Ladder};
use super::{Amount, Channel, CreditTransferRules, DealerRules, Earlier, Language, Reason, Rejection};

/// What happens to a top-up of a number that has no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownSubscriber {
    /// An account is opened with it.
    Create,
    /// It is refused.
    #[default]
    Refuse,
}

/// Settings of one bank, as `[banks.ID]` of the configuration has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BankRules {
    /// Takes top-ups.
    pub enabled: bool,
    /// The time within which the same request counts as one, in seconds.
    pub duplicate_window_seconds: u32,
}

impl BankRules {
    /// The time within which the same request counts as one.
    pub(super) fn duplicate_window(self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.duplicate_window_seconds))
    }
}

impl Default for BankRules {
    /// Switched on, with a window of two minutes.
    fn default() -> Self {
        Self { enabled: true, duplicate_window_seconds: 120 }
    }
}

/// How a message is known again that an SMSC delivers a second time, because it missed our answer, or was told that the
/// database failed where only the commit's answer was lost: on its next session, soon after that is bound, or soon after that
/// answer, whenever the first delivery was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redelivery {
    /// How long after the bind such messages come.
    pub grace: TimeDelta,
    /// How old the first delivery may be.
    pub window: TimeDelta,
}

impl Redelivery {
    /// Whether what arrived then, on a session that was bound or came in doubt then, may be the network's second delivery of what was done before
    /// that. A customer who asks for the same again just then is told so, and can mark it as a repetition:
    /// better one reply too many than one euro.
    pub(super) fn is_second(
        &self,
        (received_at, session_since): (DateTime<Utc>, Option<DateTime<Utc>>),
        earlier: Earlier,
        now: DateTime<Utc>,
    ) -> bool {
        session_since.is_some_and(|since| {
            earlier.at < since && received_at - since < self.grace && now - earlier.at < self.window
        })
    }
}

impl Default for Redelivery {
    /// A quarter of an hour after the bind, for what was done in the hour before.
    fn default() -> Self {
        Self { grace: TimeDelta::minutes(15), window: TimeDelta::hours(1) }
    }
}

/// All that a decision obeys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Tiers, extension and the days of receive-only.
    pub validity: Validity,
    /// What happens to a number that has no account.
    pub unknown_subscriber: UnknownSubscriber,
    /// The language of who has not chosen one.
    pub language: Language,
    /// Lowest top-up, where nothing else is said.
    pub amount_min: Amount,
    /// Highest top-up, where nothing else is said.
    pub amount_max: Amount,
    /// Limits by channel and bank, and of customers and accounts.
    pub limits: Limits,
    /// What is sold at a price.
    pub products: Products,
    /// What top-ups give beside themselves.
    pub bonuses: Vec<BonusRule>,
    /// Credit that subscribers send to each other.
    pub credit_transfer: CreditTransferRules,
    /// What dealers earn, and what they may do.
    pub dealers: DealerRules,
    /// How a second delivery is known.
    pub redelivery: Redelivery,
    /// Who writes wrong codes of cards waits.
    pub ladder: Ladder,
    /// How many wrong codes are looked at.
    pub code_rates: GuessRates,
    /// The limits of wrong PINs.
    pub pin_rates: GuessRates,
    /// Which links replies go out by.
    pub routes: Routes,
    /// What links are.
    pub links: LinkRules,
    /// How many replies a phone gets whose texts are not understood.
    pub courtesies: CourtesyRules,
    /// Settings of banks that differ from [`BankRules::default`], by the bank's identifier.
    pub banks: BTreeMap<String, BankRules>,
}

impl Rules {
    /// Settings of this bank.
    pub fn bank(&self, bank: &str) -> BankRules {
        self.banks.get(bank).copied().unwrap_or_default()
    }

    /// Lowest and highest top-up by this channel through this bank.
    pub fn amounts(&self, channel: Channel, bank: &str) -> (Amount, Amount) {
        self.limits.amounts((self.amount_min, self.amount_max), channel, bank)
    }

    /// Why an amount is refused that is not within the limits that hold where nothing else is said.
    pub fn amount_out_of_limits(&self) -> Rejection {
        amount_out_of((self.amount_min, self.amount_max))
    }
}

/// Why an amount is refused that is not from the first to the second.
pub(super) fn amount_out_of((min, max): (Amount, Amount)) -> Rejection {
    Rejection::new(Reason::AmountOutOfLimits).with(|details| {
        details.min = Some(min.to_string());
        details.max = Some(max.to_string());
    })
}
