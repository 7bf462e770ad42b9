//! Results of a search, and their places in its order.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// A result: a message, or what no message caused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A message, by its key.
    Message(String),
    /// A transfer that staff or the program made.
    Transfer(Uuid),
    /// An SMS that no message caused, such as a warning.
    Sms(Uuid),
}

/// As stored: a letter, and the key or identifier.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(key) => write!(f, "m{key}"),
            Self::Transfer(id) => write!(f, "t{}", id.simple()),
            Self::Sms(id) => write!(f, "s{}", id.simple()),
        }
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("`{text}` is not a result of a search");
        let (kind, rest) = text.split_at_checked(1).ok_or_else(unknown)?;
        let id = || rest.parse::<Uuid>().map_err(|_| unknown());
        match kind {
            "m" if !rest.is_empty() => Ok(Self::Message(rest.to_owned())),
            "t" => Ok(Self::Transfer(id()?)),
            "s" => Ok(Self::Sms(id()?)),
            _ => Err(unknown()),
        }
    }
}

/// The place of a result: results are ordered by time and, at one instant, by their stored names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub at: DateTime<Utc>,
    /// The stored name of the subject.
    pub subject: String,
}

impl Cursor {
    /// The place before all results.
    pub fn start() -> Self {
        // The last instant that both databases can compare.
        let at = DateTime::from_timestamp_micros(253_402_300_800_000_000).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self { at, subject: String::new() }
    }
}

/// For people and programs to copy: microseconds since 1970, a dot, and the subject.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.timestamp_micros(), self.subject)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (micros, subject) = text.split_once('.')?;
            let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
            subject.parse::<Subject>().ok()?;
            Some(Self { at, subject: subject.to_owned() })
        };
        read().ok_or_else(|| format!("`{text}` is not a place in a list: copy what the list ends with"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_and_what_is_copied_is_read_again() {
        let id = Uuid::from_u128(7);
        for subject in [Subject::Message("ipko:1.2".into()), Subject::Transfer(id), Subject::Sms(id)] {
            assert_eq!(subject.to_string().parse(), Ok(subject.clone()));
            let at = DateTime::from_timestamp_micros(1_795_368_000_123_456).unwrap();
            let cursor = Cursor { at, subject: subject.to_string() };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for wrong in ["", "m", "x1", "tx", "1795368000123456", "1795368000123456.", "z.mipko:1"] {
            assert!(wrong.parse::<Subject>().is_err() || wrong.parse::<Cursor>().is_err(), "{wrong}");
        }
    }
}
