//! A message: its type, and fields by number.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Message type indicator: version, class, function and origin, a digit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mti(u16);

/// Fields are texts: the digits and letters as they are sent, and octets of binary fields in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its type.
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

    /// Of the version of 1987 (0), and from the acquirer, for the first time or again (0, 1).
    pub const fn is_of_acquirer(self) -> bool {
        self.0 < 1_000 && self.0 % 10 < 2
    }

    /// Class: 2 is financial, 4 a reversal, 8 the network's own.
    pub const fn class(self) -> u16 {
        self.0 / 100 % 10
    }

    /// Function: even where somebody asks or advises, odd where it is answered.
    pub const fn function(self) -> u16 {
        self.0 / 10 % 10
    }

    /// The type of its answer; `None` for what is an answer already.
    pub const fn answer(self) -> Option<Self> {
        if self.function() % 2 == 1 || self.function() == 9 {
            return None;
        }
        // The repetition bit is the sender's.
        Some(Self(self.0 / 10 * 10 + 10 + (self.0 % 10) / 2 * 2))
    }

    /// The type of its repetition.
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
        mti.map(Self).ok_or_else(|| format!("`{text}` is no message type: it has four digits"))
    }
}

impl fmt::Display for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl Message {
    /// Without a field.
    pub const fn new(mti: Mti) -> Self {
        Self { mti, fields: BTreeMap::new() }
    }

    /// The field, where it is there.
    pub fn get(&self, field: u8) -> Option<&str> {
        self.fields.get(&field).map(String::as_str)
    }

    /// Puts a field in.
    pub fn set(&mut self, field: u8, text: impl Into<String>) {
        self.fields.insert(field, text.into());
    }

    /// With a field.
    #[must_use]
    pub fn with(mut self, field: u8, text: impl Into<String>) -> Self {
        self.set(field, text);
        self
    }

    /// All fields, in their order.
    pub fn fields(&self) -> impl Iterator<Item = (u8, &str)> {
        self.fields.iter().map(|(field, text)| (*field, text.as_str()))
    }
}

/// A message may hold a card's number or a PIN block: only which fields there are is printed.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.mti, self.fields.keys().collect::<Vec<_>>())
    }
}
