//! Accounts of the ledger.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Language, Msisdn};

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Credit on a mobile; the key is its MSISDN in digits.
    Subscriber,
    /// What a bank owes for top-ups of its customers; the key is the bank. Its position is the sum of its transfers.
    BankClearing,
}

impl AccountKind {
    /// As the database and the API name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscriber => "subscriber",
            Self::BankClearing => "bank_clearing",
        }
    }

    /// Whether its accounts keep a balance, because decisions look at it. The position of another is summed from its
    /// transfers, so that what every top-up of a bank touches is no row that all of them wait for.
    pub const fn keeps_balance(self) -> bool {
        match self {
            Self::Subscriber => true,
            Self::BankClearing => false,
        }
    }
}

impl FromStr for AccountKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Subscriber, Self::BankClearing]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a kind of account"))
    }
}

/// An account's name (`subscriber:38349123456`): unique, the same on every node before the account exists, and what a
/// transfer points to, so that no identifier has to be looked up before money can move.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountKey {
    /// What it is for.
    pub kind: AccountKind,
    /// Whose it is.
    pub key: String,
}

impl AccountKey {
    /// The account of a mobile number.
    pub fn subscriber(msisdn: Msisdn) -> Self {
        Self { kind: AccountKind::Subscriber, key: msisdn.digits() }
    }

    /// The account of what a bank owes.
    pub fn bank_clearing(bank: &str) -> Self {
        Self { kind: AccountKind::BankClearing, key: bank.to_owned() }
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.key)
    }
}

impl FromStr for AccountKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, key) = text.split_once(':').ok_or_else(|| format!("`{text}` is not an account: write kind:key"))?;
        Ok(Self { kind: kind.parse()?, key: key.to_owned() })
    }
}

/// Masked, because the key of most accounts is a telephone number.
impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            AccountKind::Subscriber => write!(f, "{}:{}", self.kind.as_str(), super::mask_number(&self.key)),
            AccountKind::BankClearing => write!(f, "{self}"),
        }
    }
}

/// What staff have set; the life that follows from the end of validity is computed (see [`super::validity`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// In use.
    Active,
    /// Takes no credit until staff reactivate it.
    Suspended,
}

impl AccountState {
    /// As the database and the API name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

impl FromStr for AccountState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Active, Self::Suspended]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a state of an account"))
    }
}

/// An account whose balance a decision looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub key: AccountKey,
    /// Credit less debit, in cents.
    pub balance_cents: i64,
    /// What staff have set.
    pub state: AccountState,
    /// Until when its credit can be used; `None` before the first top-up.
    pub valid_until: Option<DateTime<Utc>>,
    /// The language its owner is answered in; `None` before one is known.
    pub language: Option<Language>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
}
