//! Names of accounts whose kinds grammars declare: a meter, a contract, a wallet.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AccountKey, AccountKind};

/// Most characters of an identifier.
pub const IDENTIFIER_CHARS_MAX: usize = 32;

/// Most characters of the name of a kind.
pub const KIND_CHARS_MAX: usize = 32;

/// A kind and an identifier (`meter:04123456784`). Letters of the identifier are capital, so that every spelling of it
/// names one account.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OtherAccount {
    kind: String,
    identifier: String,
}

impl OtherAccount {
    /// The account of an identifier, in any spelling.
    pub fn new(kind: &str, identifier: &str) -> Self {
        Self { kind: kind.to_owned(), identifier: identifier.to_ascii_uppercase() }
    }

    /// The account of a key; `None` for one of another kind.
    pub fn of_key(key: &AccountKey) -> Option<Self> {
        if key.kind == AccountKind::Other { key.key.parse().ok() } else { None }
    }

    /// The kind, as grammars and settings name it.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The kind for people: `gas_meter` is a gas meter.
    pub fn kind_in_words(&self) -> String {
        self.kind.replace('_', " ")
    }

    pub fn identifier(&self) -> &str {
        &self.identifier
    }

    pub fn key(&self) -> AccountKey {
        AccountKey::new(AccountKind::Other, self.to_string())
    }
}

/// Tells whether accounts may be of a kind with this name. The kinds of the program have other meanings.
pub fn is_account_kind(name: &str) -> bool {
    (1..=KIND_CHARS_MAX).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && name.parse::<AccountKind>().is_err()
}

/// As staff write it.
impl fmt::Display for OtherAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.identifier)
    }
}

/// Masked, because an identifier leads to a person.
impl fmt::Debug for OtherAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.key())
    }
}

impl FromStr for OtherAccount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((kind, identifier)) if is_account_kind(kind) && !identifier.is_empty() => {
                Ok(Self::new(kind, identifier))
            }
            _ => Err(format!("`{text}` is not an account: write kind:identifier, as in meter:04123456784")),
        }
    }
}

impl Serialize for OtherAccount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for OtherAccount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_identifier_is_one_account() {
        let [small, capital] = ["ab-12", "AB-12"].map(|identifier| OtherAccount::new("contract", identifier));
        assert_eq!(small, capital);
        assert_eq!(small.key().to_string(), "other:contract:AB-12");
        assert_eq!(OtherAccount::of_key(&small.key()), Some(small.clone()));
        assert_eq!("contract:ab-12".parse(), Ok(small.clone()));
        assert_eq!(serde_json::from_str::<OtherAccount>("\"contract:AB-12\"").unwrap(), small);
        assert_eq!(OtherAccount::of_key(&AccountKey::bank_clearing("nlb")), None);
    }

    #[test]
    fn a_kind_of_the_program_is_no_other_kind() {
        for refused in ["meter", "meter:", "Meter:1", "subscriber:38349123456", "other:1", "1a:2", ":3"] {
            assert!(refused.parse::<OtherAccount>().is_err(), "{refused}");
        }
    }

    #[test]
    fn a_log_does_not_show_an_identifier() {
        let shown = format!("{:?}", OtherAccount::new("meter", "04123456784"));
        assert!(!shown.contains("04123456784") && shown.contains("other"), "{shown}");
    }
}
