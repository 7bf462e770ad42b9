//! Words of closed sets. An error lists all words of the set.

use std::fmt;

use serde::de::{DeserializeOwned, Error, IntoDeserializer};
use serde::{Deserialize, Deserializer};

/// Reads one word.
pub(super) fn word<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    read(&String::deserialize(deserializer)?)
}

/// Reads one word of a key that may be left out.
pub(super) fn some_word<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    word(deserializer).map(Some)
}

/// Reads a list of words.
pub(super) fn words<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Vec::<String>::deserialize(deserializer)?.iter().map(|word| read(word)).collect()
}

fn read<T: DeserializeOwned, E: Error>(word: &str) -> Result<T, E> {
    T::deserialize(word.into_deserializer()).map_err(|Wrong(problem)| E::custom(problem))
}

/// The error for a word that is not in the set.
#[derive(Debug)]
struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl Error for Wrong {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self(problem.to_string())
    }

    fn unknown_variant(word: &str, words: &'static [&'static str]) -> Self {
        Self(format!("`{word}` is not allowed here: write {}", words.join(" or ")))
    }
}
