//! A message: its type, and its fields by number.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Message type indicator: one digit each for version, class, function and origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mti(u16);

/// A message. Fields are texts: digits and letters as sent, octets of binary fields in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub mti: Mti,
    fields: BTreeMap<u8, String>,
}

impl Mti {
    /// `0200`: a financial request.
    pub const FINANCIAL: Self = Self(200);
    /// `0420`: an advice of a reversal.
    pub const REVERSAL: Self = Self(420);
    /// `0800`: sign-on, sign-off, echo.
    pub const NETWORK: Self = Self(800);

    /// Returns true for version 1987 (0) and origin acquirer, first transmission or repeat (0, 1).
    pub const fn is_of_acquirer(self) -> bool {
        self.0 < 1_000 && self.0 % 10 < 2
    }

    /// Second digit: 2 for financial, 4 for reversal, 8 for network management.
    pub const fn class(self) -> u16 {
        self.0 / 100 % 10
    }

    /// Third digit: even for a request or advice, odd for an answer.
    pub const fn function(self) -> u16 {
        self.0 / 10 % 10
    }

    /// Type of the answer; `None` if this is an answer.
    pub const fn answer(self) -> Option<Self> {
        if self.function() % 2 == 1 || self.function() == 9 {
            return None;
        }
        // The repeat bit of the origin digit is not copied into the answer.
        Some(Self(self.0 / 10 * 10 + 10 + (self.0 % 10) / 2 * 2))
    }

    /// Type of a repeat of this message.
    #[must_use]
    pub const fn repeat(self) -> Self {
        Self(self.0 / 2 * 2 + 1)
    }
}

impl FromStr for Mti {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
        let mti = if digits { text.parse().ok() } else { None };
        mti.map(Self).ok_or_else(|| format!("`{text}` is not a message type: write four digits"))
    }
}

impl fmt::Display for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl Message {
    /// A message without fields.
    pub const fn new(mti: Mti) -> Self {
        Self { mti, fields: BTreeMap::new() }
    }

    pub fn get(&self, field: u8) -> Option<&str> {
        self.fields.get(&field).map(String::as_str)
    }

    pub fn set(&mut self, field: u8, text: impl Into<String>) {
        self.fields.insert(field, text.into());
    }

    #[must_use]
    pub fn with(mut self, field: u8, text: impl Into<String>) -> Self {
        self.set(field, text);
        self
    }

    /// All fields in ascending order.
    pub fn fields(&self) -> impl Iterator<Item = (u8, &str)> {
        self.fields.iter().map(|(field, text)| (*field, text.as_str()))
    }
}

/// Prints only the numbers of the fields, because a message may hold a card number or a PIN block.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.mti, self.fields.keys().collect::<Vec<_>>())
    }
}
