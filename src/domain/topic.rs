//! The subject of a message that was answered and moved no money.

use serde::{Deserialize, Serialize};

/// The subject of [`super::Outcome::Informed`]. It is stored as its word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Topic {
    /// The form of messages to a short code.
    Help,
    /// The sender's balance.
    Balance,
    /// The language of replies.
    LanguageSet,
    /// No more messages.
    Stop,
    /// The PIN was changed.
    PinChanged,
    /// Credit is sent once its sender confirms.
    TransferOffered,
    /// An order was withdrawn before it came.
    Cancelled,
    /// An order was tried out, and would be carried out.
    Trial,
    /// The word of a newer version that shares the database.
    Newer(String),
}

impl Topic {
    /// The topics of this version.
    const KNOWN: [Self; 8] = [
        Self::Help,
        Self::Balance,
        Self::LanguageSet,
        Self::Stop,
        Self::PinChanged,
        Self::TransferOffered,
        Self::Cancelled,
        Self::Trial,
    ];

    /// The word, as the database has it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Help => "help",
            Self::Balance => "balance",
            Self::LanguageSet => "language_set",
            Self::Stop => "stop",
            Self::PinChanged => "pin_changed",
            Self::TransferOffered => "transfer_offered",
            Self::Cancelled => "cancelled",
            Self::Trial => "trial",
            Self::Newer(word) => word,
        }
    }
}

impl From<String> for Topic {
    fn from(word: String) -> Self {
        let known = Self::KNOWN.into_iter().find(|topic| topic.as_str() == word);
        known.unwrap_or(Self::Newer(word))
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        match topic {
            Topic::Newer(word) => word,
            known => known.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;

    #[test]
    fn a_topic_is_kept_as_its_word_and_a_newer_word_stays_as_it_is() {
        for (word, topic) in
            [("language_set", Topic::LanguageSet), ("number_moved", Topic::Newer("number_moved".into()))]
        {
            let kept = format!(r#"{{"outcome":"informed","topic":"{word}"}}"#);
            let outcome: Outcome = serde_json::from_str(&kept).unwrap();
            assert_eq!(outcome, Outcome::Informed { topic });
            assert_eq!(serde_json::to_string(&outcome).unwrap(), kept);
        }
        for topic in Topic::KNOWN {
            assert_eq!(Topic::from(topic.as_str().to_owned()), topic);
        }
    }
}
