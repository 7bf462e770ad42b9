//! Messages that nobody could read, kept for staff: what waits, and what was done about it.

use chrono::{DateTime, Utc};

use super::StoreError;
use super::database::{Database, Store};
use crate::domain::{Body, Channel, InboundSms, Outcome};

// The same text on both databases.
pub(super) const WAITING: &str =
    "SELECT i.key, i.link, i.sender, i.short_code, i.body, i.received_at, i.outcome, i.trace, i.grammars,
        i.reply, q.settled, q.by, q.note, q.at
    FROM inbox i LEFT JOIN quarantine q ON q.message_key = i.key
    WHERE i.ending = 'quarantined' AND q.message_key IS NULL ORDER BY i.received_at DESC LIMIT $1";
pub(super) const ONE: &str =
    "SELECT i.key, i.link, i.sender, i.short_code, i.body, i.received_at, i.outcome, i.trace, i.grammars,
        i.reply, q.settled, q.by, q.note, q.at
    FROM inbox i LEFT JOIN quarantine q ON q.message_key = i.key
    WHERE i.ending = 'quarantined' AND i.key = $1";
pub(super) const SETTLE: &str = "INSERT INTO quarantine (message_key, settled, by, note, at)
    SELECT key, $2, $3, $4, $5 FROM inbox WHERE key = $1 AND ending = 'quarantined'
    ON CONFLICT (message_key) DO NOTHING";

/// A quarantined message.
#[derive(Debug, Clone)]
pub struct Quarantined {
    /// The message.
    pub message: InboundSms,
    /// Why it is here.
    pub outcome: Outcome,
    /// How far reading came, for people.
    pub trace: Option<String>,
    /// Identifier of the grammars that could not read it.
    pub grammars: String,
    /// What its sender was told.
    pub reply: Option<String>,
    /// What staff did about it.
    pub settled: Option<Settled>,
}

/// What staff did about a quarantined message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// How.
    pub how: Settlement,
    /// Who did it.
    pub by: String,
    /// Why, or with what result.
    pub note: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a quarantined message was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It was read again, and carried out or answered.
    Replayed,
    /// Nothing is to be done about it.
    Discarded,
}

impl Settlement {
    /// As the database and the command line name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
        }
    }
}

impl std::str::FromStr for Settlement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Replayed, Self::Discarded]
            .into_iter()
            .find(|settlement| settlement.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a settlement"))
    }
}

impl Store {
    /// The messages that wait for staff, the newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn quarantine(&self, most: u32) -> Result<Vec<Quarantined>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.quarantine(most).await,
            Database::Postgres(store) => store.quarantine(most).await,
        }
    }

    /// A quarantined message by its key, settled or not.
    ///
    /// # Errors
    /// The database fails.
    pub async fn quarantined(&self, key: &str) -> Result<Option<Quarantined>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.quarantined(key).await,
            Database::Postgres(store) => store.quarantined(key).await,
        }
    }

    /// Records what was done about it; the first who does so has done it. Whether it was this one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn settle_quarantined(&self, key: &str, settled: &Settled) -> Result<bool, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.settle_quarantined(key, settled).await,
            Database::Postgres(store) => store.settle_quarantined(key, settled).await,
        }
    }
}

/// What both databases keep as text.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt("inbox", error.to_string()))
}

/// The columns of a message, in order of the statements.
pub(super) type MessageColumns<At> = (String, String, String, String, String, At);

/// A message from its columns.
pub(super) fn message(columns: MessageColumns<DateTime<Utc>>) -> Result<InboundSms, StoreError> {
    let (key, link, from, to, body, received_at) = columns;
    Ok(InboundSms {
        key,
        link,
        from,
        from_type: None,
        to,
        body: from_json::<Body>(&body)?,
        channel: Channel::Sms,
        received_at,
        redelivery_doubt_since: None,
    })
}
