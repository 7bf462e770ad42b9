//! Services that are topped up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The service that is topped up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Credit on a prepaid mobile.
    Mobile,
    /// Credit on a fixed line.
    Fixed,
    /// A month of internet.
    Internet,
    /// A month of television.
    Tv,
    /// A month of television and internet.
    DuoTv,
    /// A month of fixed line and internet.
    DuoFix,
    /// Credit on an account of a kind that a grammar declares. The kind is that of the account, so that no grammar and no
    /// setting names this service.
    #[serde(skip_deserializing)]
    Account,
}

impl Service {
    /// The services that grammars and settings name.
    pub const ALL: [Self; 6] = [Self::Mobile, Self::Fixed, Self::Internet, Self::Tv, Self::DuoTv, Self::DuoFix];

    /// Name in grammars and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Fixed => "fixed",
            Self::Internet => "internet",
            Self::Tv => "tv",
            Self::DuoTv => "duotv",
            Self::DuoFix => "duofix",
            Self::Account => "account",
        }
    }

    /// Name for customers.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mobile => "Mobile",
            Self::Fixed => "Fixed",
            Self::Internet => "Internet",
            Self::Tv => "TV",
            Self::DuoTv => "DuoTV",
            Self::DuoFix => "DuoFix",
            Self::Account => "Account",
        }
    }

    /// Returns true for a product, which has a price and a user name. The other services are credit of a number or an account.
    pub const fn is_product(self) -> bool {
        match self {
            Self::Mobile | Self::Fixed | Self::Account => false,
            Self::Internet | Self::Tv | Self::DuoTv | Self::DuoFix => true,
        }
    }
}

impl FromStr for Service {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|service| service.as_str() == text).ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            format!("`{text}` is not a service: there is {words}")
        })
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
