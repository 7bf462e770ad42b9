//! Accounts of the ledger.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::closed_set::closed_set;
use super::{Language, Msisdn, Stored};

closed_set! {
    /// Purpose of an account.
    pub enum AccountKind ("a kind of account") {
        /// Credit of a mobile number, owed by the operator. The key is the MSISDN in digits.
        Subscriber = "subscriber",
        /// Credit of a fixed line. The key is the MSISDN in digits.
        FixedLine = "fixed_line",
        /// Payments for a monthly product. The key is service and user name (`tv:arben`).
        Product = "product",
        /// Credit of an account of a kind that a grammar declares. The key is kind and identifier (`meter:04123456784`).
        Other = "other",
        /// A dealer's stock of credit. The key is the dealer's name.
        Dealer = "dealer",
        /// Debt of a dealer, as a negative balance: commission that had to be returned and was spent. The key is the
        /// dealer's name.
        Receivable = "receivable",
        /// Debt of a bank for top-ups of its customers. The key is the bank. Its position is the sum of its transfers.
        BankClearing = "bank_clearing",
        /// Prepayments of a bank. The key is the bank.
        BankFloat = "bank_float",
        /// Liability for unused vouchers. The key is the batch.
        VoucherLiability = "voucher_liability",
        /// Earned fees. The key is the kind of fee.
        Fees = "fees",
        /// Commissions of dealers. The key is the rule.
        Commission = "commission",
        /// Bonuses. The key is the rule.
        Bonus = "bonus",
        /// Counterpart of adjustments by staff. The key is the code of the reason.
        Suspense = "suspense",
    }
}

impl AccountKind {
    /// Returns true if accounts of this kind store a balance, because decisions depend on it. The position of other
    /// accounts is the sum of their transfers, so that the top-ups of a bank need not wait for one row.
    pub const fn keeps_balance(self) -> bool {
        match self {
            Self::Subscriber
            | Self::FixedLine
            | Self::Product
            | Self::Other
            | Self::Dealer
            | Self::Receivable
            | Self::BankFloat => true,
            Self::BankClearing
            | Self::VoucherLiability
            | Self::Fees
            | Self::Commission
            | Self::Bonus
            | Self::Suspense => false,
        }
    }

    /// Returns true if the keys identify a person and must be masked in logs.
    const fn is_personal(self) -> bool {
        match self {
            Self::Subscriber | Self::FixedLine | Self::Product | Self::Other => true,
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

/// Name of an account (`subscriber:38349123456`). It is unique, and the same on every node before the account exists.
/// Transfers refer to it, so no identifier has to be looked up before money can move.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountKey {
    pub kind: AccountKind,
    pub key: String,
}

impl AccountKey {
    pub fn new(kind: AccountKind, key: impl Into<String>) -> Self {
        Self { kind, key: key.into() }
    }

    pub fn subscriber(msisdn: Msisdn) -> Self {
        Self::new(AccountKind::Subscriber, msisdn.digits())
    }

    pub fn fixed_line(msisdn: Msisdn) -> Self {
        Self::new(AccountKind::FixedLine, msisdn.digits())
    }

    /// The account of a user name at a service. User names are case-sensitive.
    pub fn product(service: impl fmt::Display, username: &str) -> Self {
        Self::new(AccountKind::Product, format!("{service}:{username}"))
    }

    /// User name of a product's account; `None` for other kinds.
    pub fn username(&self) -> Option<&str> {
        match self.kind {
            AccountKind::Product => self.key.split_once(':').map(|(_, name)| name),
            _ => None,
        }
    }

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

/// Masked, because most keys are a telephone number or a name.
impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind.is_personal() {
            write!(f, "{}:{}", self.kind.as_str(), super::mask_number(&self.key))
        } else {
            write!(f, "{self}")
        }
    }
}

/// State set by staff. The states that follow from the end of validity are computed (see [`super::validity`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    Active,
    /// Refuses credit until staff reactivate it.
    Suspended,
}

impl AccountState {
    /// Name in the database and the API.
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

/// An account with a balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub key: AccountKey,
    /// Credit less debit, in minor units.
    pub balance_minor: i64,
    /// Part of the balance that pending holds reserve, in minor units.
    pub held_minor: i64,
    pub state: AccountState,
    /// End of validity of the credit; `None` before the first top-up.
    pub valid_until: Option<DateTime<Utc>>,
    /// Language of replies as it is stored; `None` before one is known.
    pub language: Option<Stored<Language>>,
    pub opened_at: DateTime<Utc>,
}

impl Account {
    /// A new account with a balance of 0.
    pub const fn open(key: AccountKey, now: DateTime<Utc>) -> Self {
        Self {
            key,
            balance_minor: 0,
            held_minor: 0,
            state: AccountState::Active,
            valid_until: None,
            language: None,
            opened_at: now,
        }
    }

    /// Language of replies, if one is known. There may be no texts in it.
    pub fn language(&self) -> Option<Language> {
        self.language.as_ref().and_then(Stored::known)
    }

    /// Balance less held amounts, in minor units.
    pub const fn available_minor(&self) -> i64 {
        self.balance_minor.saturating_sub(self.held_minor)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Service;
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
