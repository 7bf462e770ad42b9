//! Accounts of the ledger.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::closed_set::closed_set;
use super::{Language, Msisdn, Service};

closed_set! {
    /// What an account is for.
    pub enum AccountKind ("a kind of account") {
        /// Credit on a mobile, which the operator owes its user; the key is its MSISDN in digits.
        Subscriber = "subscriber",
        /// Credit on a fixed line; the key is its MSISDN in digits.
        FixedLine = "fixed_line",
        /// What was paid for a monthly product; the key is service and user name (`tv:arben`).
        Product = "product",
        /// A dealer's wallet; the key is the dealer.
        Dealer = "dealer",
        /// What a dealer owes, as a balance below zero: commission that had to come back and was spent. The key is the dealer.
        Receivable = "receivable",
        /// What a bank owes for top-ups of its customers; the key is the bank. Its position is the sum of its transfers.
        BankClearing = "bank_clearing",
        /// What a bank has paid in advance; the key is the bank.
        BankFloat = "bank_float",
        /// What the holders of unused vouchers are owed; the key is the batch.
        VoucherLiability = "voucher_liability",
        /// Fees that were earned; the key is what for.
        Fees = "fees",
        /// What dealers earned; the key is the rule.
        Commission = "commission",
        /// What was given away as bonus; the key is the rule.
        Bonus = "bonus",
        /// The other side of what staff adjust; the key is the reason's code.
        Suspense = "suspense",
    }
}

impl AccountKind {
    /// Whether its accounts keep a balance, because decisions look at it. The position of another is summed from its
    /// transfers, so that what every top-up of a bank touches is no row that all of them wait for.
    pub const fn keeps_balance(self) -> bool {
        match self {
            Self::Subscriber | Self::FixedLine | Self::Product | Self::Dealer | Self::Receivable | Self::BankFloat => {
                true
            }
            Self::BankClearing
            | Self::VoucherLiability
            | Self::Fees
            | Self::Commission
            | Self::Bonus
            | Self::Suspense => false,
        }
    }

    /// Whether its keys tell who somebody is, so that they are masked in logs.
    const fn is_personal(self) -> bool {
        match self {
            Self::Subscriber | Self::FixedLine | Self::Product => true,
            Self::Dealer
            | Self::Receivable
            | Self::BankClearing
            | Self::BankFloat
            | Self::VoucherLiability
            | Self::Fees
            | Self::Commission
            | Self::Bonus
            | Self::Suspense => false,
        }
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
    /// The account of this kind and key.
    pub fn new(kind: AccountKind, key: impl Into<String>) -> Self {
        Self { kind, key: key.into() }
    }

    /// The account of a mobile number.
    pub fn subscriber(msisdn: Msisdn) -> Self {
        Self::new(AccountKind::Subscriber, msisdn.digits())
    }

    /// The account of a fixed line.
    pub fn fixed_line(msisdn: Msisdn) -> Self {
        Self::new(AccountKind::FixedLine, msisdn.digits())
    }

    /// The account of a user name at a service. User names are told apart letter by letter, capitals too.
    pub fn product(service: Service, username: &str) -> Self {
        Self::new(AccountKind::Product, format!("{service}:{username}"))
    }

    /// The user name of a product's account.
    pub fn username(&self) -> Option<&str> {
        match self.kind {
            AccountKind::Product => self.key.split_once(':').map(|(_, name)| name),
            _ => None,
        }
    }

    /// The account of what a bank owes.
    pub fn bank_clearing(bank: &str) -> Self {
        Self::new(AccountKind::BankClearing, bank)
    }

    /// The account that the cards of a batch are paid from.
    pub fn voucher_liability(batch: u32) -> Self {
        Self::new(AccountKind::VoucherLiability, format!("{batch:05}"))
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
        if key.is_empty() {
            return Err(format!("`{text}` is not an account: the key is missing behind `{kind}:`"));
        }
        Ok(Self { kind: kind.parse()?, key: key.to_owned() })
    }
}

/// Masked, because the key of most accounts is a telephone number or a name.
impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind.is_personal() {
            write!(f, "{}:{}", self.kind.as_str(), super::mask_number(&self.key))
        } else {
            write!(f, "{self}")
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
    /// What of the balance pending holds keep from being spent, in cents.
    pub held_cents: i64,
    /// What staff have set.
    pub state: AccountState,
    /// Until when its credit can be used; `None` before the first top-up.
    pub valid_until: Option<DateTime<Utc>>,
    /// The language its owner is answered in; `None` before one is known.
    pub language: Option<Language>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
}

impl Account {
    /// An empty one.
    pub const fn open(key: AccountKey, now: DateTime<Utc>) -> Self {
        Self {
            key,
            balance_cents: 0,
            held_cents: 0,
            state: AccountState::Active,
            valid_until: None,
            language: None,
            opened_at: now,
        }
    }

    /// What may be spent, in cents: the balance less what is held.
    pub const fn available_cents(&self) -> i64 {
        self.balance_cents.saturating_sub(self.held_cents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let phone: Msisdn = "38349123456".parse().unwrap();
        for (key, name) in [
            (AccountKey::subscriber(phone), "subscriber:38349123456"),
            (AccountKey::fixed_line("38338712345".parse().unwrap()), "fixed_line:38338712345"),
            (AccountKey::product(Service::Tv, "arben.b"), "product:tv:arben.b"),
        ] {
            assert_eq!((key.to_string().as_str(), name.parse()), (name, Ok(key)));
        }
        for refused in ["subscriber", "subscriber:", "nobody:1"] {
            assert!(refused.parse::<AccountKey>().is_err(), "{refused}");
        }
    }

    #[test]
    fn a_log_shows_no_number_and_no_user_name() {
        let shown =
            [AccountKey::product(Service::Tv, "arben.berisha"), AccountKey::fixed_line("38338712345".parse().unwrap())]
                .map(|key| format!("{key:?}"));
        assert!(!shown[0].contains("berisha") && !shown[1].contains("38338712345"), "{shown:?}");
        assert_eq!(format!("{:?}", AccountKey::bank_clearing("nlb")), "bank_clearing:nlb");
    }
}
