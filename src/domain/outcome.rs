//! The endings of messages. Every message has exactly one, and staff can see it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AccountKey, Amount, Ending, Msisdn, OtherAccount, Receipt, Rejection, Target, Topic, TransferKind};

/// [`Outcome::error_code`] of a duplicate.
const DUPLICATE_CODE: u8 = 1;

/// [`Outcome::error_code`] of a refusal whose reason only a newer version of the program knows.
const NEWER_CODE: u8 = 2;

/// The ending of a message. It is stored as JSON with the message, so that a repeated message gets the first answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Money moved.
    Applied(Applied),
    /// The same request was carried out before; nothing moved.
    Duplicate {
        /// The earlier request.
        of: Earlier,
        #[serde(flatten)]
        beneficiary: Beneficiary,
        /// `None` for a request that moves no money.
        #[serde(default, rename = "amount_minor", alias = "amount_cents", skip_serializing_if = "Option::is_none")]
        amount: Option<Amount>,
    },
    /// A question was answered; nothing moved.
    Informed {
        /// The subject.
        topic: Topic,
    },
    /// The message was understood, or nearly, and is not carried out.
    Refused(Rejection),
    /// The meaning is unknown: the message is kept for staff.
    Quarantined(Rejection),
    /// A newer version of the program wrote it, with a reason, a kind or a topic that this one does not know. It is only
    /// read from the database, never decided.
    #[serde(untagged)]
    Newer(NewerOutcome),
}

/// The receiver of a top-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beneficiary {
    /// The owner of a mobile number or fixed line.
    Number(Msisdn),
    /// The owner of a user name.
    Username(String),
    /// An account of a kind that a grammar declares.
    Account(OtherAccount),
}

impl Beneficiary {
    /// The beneficiary of a target. For the user name that is registered to a phone, it is the number of the phone.
    pub fn of(target: &Target) -> Self {
        match target {
            Target::Line(line) => Self::Number(line.msisdn),
            Target::Registered(phone) => Self::Number(*phone),
            Target::Username(name) => Self::Username(name.clone()),
            Target::Account(account) => Self::Account(account.clone()),
        }
    }

    /// The owner of an account: by number if its key is one, otherwise by user name or by the account itself.
    pub fn of_account(account: &AccountKey) -> Self {
        if let Some(other) = OtherAccount::of_key(account) {
            return Self::Account(other);
        }
        let key = account.key.split_once(':').map_or(account.key.as_str(), |(_, name)| name);
        key.parse().map_or_else(|_| Self::Username(key.to_owned()), Self::Number)
    }

    pub const fn number(&self) -> Option<Msisdn> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Username(_) | Self::Account(_) => None,
        }
    }
}

/// Formats the number with a plus sign, the user name, or kind and identifier.
impl fmt::Display for Beneficiary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Username(name) => f.write_str(name),
            Self::Account(account) => account.fmt(f),
        }
    }
}

/// The effects of a message that was carried out; of a list, those of its first top-up and the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The main transfer.
    pub transfer: Uuid,
    #[serde(default = "top_up")]
    pub kind: TransferKind,
    #[serde(flatten)]
    pub beneficiary: Beneficiary,
    /// True if the beneficiary is the receiver of the reply.
    pub own: bool,
    /// Amount of the main transfer.
    #[serde(rename = "amount_minor", alias = "amount_cents")]
    pub amount: Amount,
    /// Balance of the account after all transfers, in minor units.
    #[serde(alias = "balance_cents")]
    pub balance_minor: i64,
    /// End of validity after them, if the account has one.
    pub valid_until: Option<DateTime<Utc>>,
    /// Fee that was paid.
    #[serde(default, rename = "fee_minor", alias = "fee_cents", skip_serializing_if = "Option::is_none")]
    pub fee: Option<Amount>,
    /// Commission of the seller; included in the balance.
    #[serde(default, rename = "commission_minor", alias = "commission_cents", skip_serializing_if = "Option::is_none")]
    pub commission: Option<Amount>,
    /// Bonuses; included in the balance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bonuses: Vec<Bonus>,
    /// The further top-ups of a list, in the order of the text. All else is of the first one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Item>,
}

/// A further top-up of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its main transfer.
    pub transfer: Uuid,
    /// Number of that transfer for people.
    pub receipt: Receipt,
    #[serde(flatten)]
    pub beneficiary: Beneficiary,
    /// True if the beneficiary is the receiver of the reply.
    pub own: bool,
    #[serde(rename = "amount_minor")]
    pub amount: Amount,
    /// Balance of the account after all transfers, in minor units.
    pub balance_minor: i64,
    /// End of validity after them, if the account has one.
    pub valid_until: Option<DateTime<Utc>>,
    /// Bonuses; included in the balance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bonuses: Vec<Bonus>,
}

impl Applied {
    /// This top-up as an item of a list.
    pub fn into_item(self) -> Item {
        let Self { transfer, beneficiary, own, amount, balance_minor, valid_until, bonuses, .. } = self;
        Item { transfer, receipt: Receipt::of(transfer), beneficiary, own, amount, balance_minor, valid_until, bonuses }
    }

    /// Each top-up, as if it had come alone: one, or several of a list.
    pub fn each(&self) -> impl Iterator<Item = Self> {
        let first = Self { others: Vec::new(), ..self.clone() };
        let others = self.others.iter().cloned().map(Self::from);
        std::iter::once(first).chain(others)
    }
}

impl From<Item> for Applied {
    fn from(item: Item) -> Self {
        let Item { transfer, beneficiary, own, amount, balance_minor, valid_until, bonuses, .. } = item;
        Self {
            transfer,
            kind: TransferKind::TopUp,
            beneficiary,
            own,
            amount,
            balance_minor,
            valid_until,
            fee: None,
            commission: None,
            bonuses,
            others: Vec::new(),
        }
    }
}

/// The bonus of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bonus {
    pub rule: String,
    #[serde(rename = "amount_minor", alias = "amount_cents")]
    pub amount: Amount,
}

/// The only kind before kinds were stored.
const fn top_up() -> TransferKind {
    TransferKind::TopUp
}

/// The earlier top-up of a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// The transfer.
    pub transfer: Uuid,
    pub at: DateTime<Utc>,
}

/// As much of an ending as every version of the program writes alike. The rest is kept as it was stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewerOutcome {
    /// Every ending itself is known; a new one needs a migration that is not additive.
    #[serde(rename = "outcome")]
    pub ending: Ending,
    /// The main transfer, where money moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Uuid>,
    /// The name of the reason why it is not carried out, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

impl NewerOutcome {
    /// A detail by its name in JSON, if it is there and has this form.
    pub fn detail<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.rest.get(name)?).ok()
    }

    /// The receiver, if its form is known.
    pub fn beneficiary(&self) -> Option<Beneficiary> {
        let username = || self.detail("username").map(Beneficiary::Username);
        let account = || self.detail("account").map(Beneficiary::Account);
        self.detail("number").map(Beneficiary::Number).or_else(username).or_else(account)
    }
}

/// Prints the reason only: a text of a customer may hold a PIN.
impl fmt::Debug for NewerOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewerOutcome({}, {:?})", self.ending.as_str(), self.reason)
    }
}

impl Outcome {
    /// Name in the database, metrics and the API.
    pub const fn kind(&self) -> &'static str {
        self.ending().as_str()
    }

    /// The kind of ending without its data.
    pub const fn ending(&self) -> Ending {
        match self {
            Self::Applied(_) => Ending::Applied,
            Self::Duplicate { .. } => Ending::Duplicate,
            Self::Informed { .. } => Ending::Informed,
            Self::Refused(_) => Ending::Refused,
            Self::Quarantined(_) => Ending::Quarantined,
            Self::Newer(outcome) => outcome.ending,
        }
    }

    /// Error code for machines; 0 if the message was carried out.
    pub const fn error_code(&self) -> u8 {
        match self {
            Self::Applied(_) | Self::Informed { .. } => 0,
            Self::Duplicate { .. } => DUPLICATE_CODE,
            Self::Refused(rejection) | Self::Quarantined(rejection) => rejection.reason.code(),
            Self::Newer(outcome) if outcome.ending.is_success() => 0,
            Self::Newer(_) => NEWER_CODE,
        }
    }

    /// The main transfer, if money moved.
    pub const fn transfer(&self) -> Option<Uuid> {
        match self {
            Self::Applied(applied) => Some(applied.transfer),
            Self::Duplicate { .. } | Self::Informed { .. } | Self::Refused(_) | Self::Quarantined(_) => None,
            Self::Newer(outcome) => outcome.transfer,
        }
    }

    /// The name of the reason why it is not carried out, where it is not: also of one that this program does not know.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused(rejection) | Self::Quarantined(rejection) => Some(rejection.reason.as_str()),
            Self::Newer(outcome) => outcome.reason.as_deref(),
            Self::Applied(_) | Self::Duplicate { .. } | Self::Informed { .. } => None,
        }
    }

    /// The ending of a message that is refused, or quarantined if it is unreadable.
    pub fn rejected(rejection: Rejection) -> Self {
        if rejection.reason.is_unreadable() { Self::Quarantined(rejection) } else { Self::Refused(rejection) }
    }

    /// The reason for which the message was not carried out, if so.
    pub const fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Refused(rejection) | Self::Quarantined(rejection) => Some(rejection),
            Self::Applied(_) | Self::Duplicate { .. } | Self::Informed { .. } | Self::Newer(_) => None,
        }
    }
}

impl From<Rejection> for Outcome {
    fn from(rejection: Rejection) -> Self {
        Self::rejected(rejection)
    }
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
