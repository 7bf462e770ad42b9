//! Words of closed sets as a database keeps them.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::Language;

/// A word that this program knows, or one that only a newer version of it does. What is shown may be either; what is decided
/// rests on known words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored<T> {
    /// This program knows it.
    Known(T),
    /// As it is stored.
    Other(String),
}

impl<T: Clone> Stored<T> {
    /// The word, if this program knows it.
    pub fn known(&self) -> Option<T> {
        match self {
            Self::Known(word) => Some(word.clone()),
            Self::Other(_) => None,
        }
    }
}

impl Stored<Language> {
    /// Code of the language.
    pub fn code(&self) -> &str {
        match self {
            Self::Known(language) => language.code(),
            Self::Other(code) => code,
        }
    }
}

/// Every text is read.
impl<T: FromStr> FromStr for Stored<T> {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse().map_or_else(|_| Self::Other(text.to_owned()), Self::Known))
    }
}

impl<T: fmt::Display> fmt::Display for Stored<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(word) => word.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// In JSON the word, as it is stored.
impl<T: fmt::Display> Serialize for Stored<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TransferKind;

    #[test]
    fn a_word_is_shown_as_it_is_stored_whether_or_not_it_is_known() {
        let (known, other): (Stored<TransferKind>, Stored<TransferKind>) =
            ("top_up".parse().unwrap(), "loan".parse().unwrap());
        assert_eq!((known.known(), other.known()), (Some(TransferKind::TopUp), None));
        assert_eq!((known.to_string().as_str(), other.to_string().as_str()), ("top_up", "loan"));
        assert_eq!(serde_json::to_string(&[known, other]).unwrap(), r#"["top_up","loan"]"#);
    }
}
