//! The operator's settings for decisions.

use std::collections::{BTreeMap, BTreeSet};

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

/// Treatment of a top-up of a number without an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownSubscriber {
    /// Opens an account.
    Create,
    /// Refuses the top-up.
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
    /// Enabled, with a window of two minutes.
    fn default() -> Self {
        Self { enabled: true, duplicate_window_seconds: 120 }
    }
}

/// Settings of one kind of account that grammars declare, as `[accounts.KIND]` of the configuration has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountRules {
    /// Treatment of an identifier without an account.
    pub unknown: UnknownSubscriber,
}

impl Default for AccountRules {
    /// Opens accounts: the checks of the grammar refuse identifiers that do not exist.
    fn default() -> Self {
        Self { unknown: UnknownSubscriber::Create }
    }
}

/// The arrival of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Instant at which it arrived.
    pub received_at: DateTime<Utc>,
    /// As [`super::InboundSms::redelivery_doubt_since`].
    pub redelivery_doubt_since: Option<DateTime<Utc>>,
}

/// Recognition of redelivered messages. An SMSC redelivers a message if it did not get our answer, or got a failure
/// although only the answer to the commit was lost. The redelivery comes on its next session soon after the bind, or
/// soon after that answer, however old the first delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redelivery {
    /// Time after the bind in which redelivered messages come.
    pub grace: TimeDelta,
    /// Highest age of the first delivery.
    pub window: TimeDelta,
}

impl Redelivery {
    /// Returns whether this may be the network's second delivery of what was done earlier. A customer who asks for the same
    /// again just then is told so, and can mark it as a repetition: better one reply too many than one euro.
    pub(super) fn is_second(
        &self,
        Delivery { received_at, redelivery_doubt_since }: Delivery,
        earlier: Earlier,
        now: DateTime<Utc>,
    ) -> bool {
        redelivery_doubt_since.is_some_and(|since| {
            earlier.at < since && received_at - since < self.grace && now - earlier.at < self.window
        })
    }
}

impl Default for Redelivery {
    /// A quarter of an hour after the bind, for requests of the hour before.
    fn default() -> Self {
        Self { grace: TimeDelta::minutes(15), window: TimeDelta::hours(1) }
    }
}

/// All settings for decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Tiers, extension, and days in which a number can only receive.
    pub validity: Validity,
    /// Treatment of a number without an account.
    pub unknown_subscriber: UnknownSubscriber,
    /// Language of a customer who has not chosen one; `None` for the first that there are texts in.
    pub language: Option<Language>,
    /// Lowest top-up, unless the channel or the bank has its own.
    pub amount_min: Amount,
    /// Highest top-up, unless the channel or the bank has its own.
    pub amount_max: Amount,
    /// Limits by channel and bank, and of customers and accounts.
    pub limits: Limits,
    pub products: Products,
    pub bonuses: Vec<BonusRule>,
    pub credit_transfer: CreditTransferRules,
    pub dealers: DealerRules,
    pub redelivery: Redelivery,
    /// Locks after wrong card codes.
    pub ladder: Ladder,
    /// Limits on wrong codes.
    pub code_rates: GuessRates,
    /// Limits on wrong PINs.
    pub pin_rates: GuessRates,
    pub routes: Routes,
    pub links: LinkRules,
    pub courtesies: CourtesyRules,
    /// Names of requests that are handed on and whose answer is that of the other system, so that nothing is replied at
    /// once.
    pub answered_later: BTreeSet<String>,
    /// Settings of banks that differ from [`BankRules::default`], by the bank's identifier.
    pub banks: BTreeMap<String, BankRules>,
    /// Settings of kinds of accounts that differ from [`AccountRules::default`], by the kind's name.
    pub accounts: BTreeMap<String, AccountRules>,
}

impl Rules {
    pub fn bank(&self, bank: &str) -> BankRules {
        self.banks.get(bank).copied().unwrap_or_default()
    }

    pub fn account(&self, kind: &str) -> AccountRules {
        self.accounts.get(kind).copied().unwrap_or_default()
    }

    /// Lowest and highest top-up by this channel through this bank.
    pub fn amounts(&self, channel: Channel, bank: &str) -> (Amount, Amount) {
        self.limits.amounts((self.amount_min, self.amount_max), channel, bank)
    }

    /// The refusal of an amount outside of the general limits.
    pub fn amount_out_of_limits(&self) -> Rejection {
        amount_out_of((self.amount_min, self.amount_max))
    }
}

/// The refusal of an amount outside of this range.
pub(super) fn amount_out_of((min, max): (Amount, Amount)) -> Rejection {
    Rejection::new(Reason::AmountOutOfLimits).with(|details| {
        details.min = Some(min.to_string());
        details.max = Some(max.to_string());
    })
}
