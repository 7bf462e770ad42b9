//! The receivers of credit, as endings name them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AccountKey, Msisdn, OtherAccount, Target};

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
