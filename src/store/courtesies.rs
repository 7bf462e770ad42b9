//! Phones that write what is not understood, as rows, and the messages whose reply was withheld.

use chrono::{DateTime, Utc};

use super::database::Database;
use super::{Store, StoreError};
use crate::domain::{ContentHash, Courtesies, Msisdn, Repeated, Withheld};

// The same text on both databases.
pub(super) const ONE: &str = "SELECT phone, answered, text, times, text_at, withheld, withheld_at, version
    FROM courtesies WHERE phone = $1";
pub(super) const WITHHELD: &str = "SELECT why FROM withheld_replies WHERE message_key = $1";

/// A message whose reply is withheld.
#[derive(Debug, Clone)]
pub struct WithheldReply {
    /// Key of the message.
    pub message_key: String,
    /// Why.
    pub why: Withheld,
    /// When.
    pub at: DateTime<Utc>,
}

/// Phone, answers, text, how often it came and when, withheld replies and the last of them, version.
pub(super) type CourtesyRow<At> = (String, String, Option<Vec<u8>>, i64, Option<At>, i64, Option<At>, i64);

fn corrupt(problem: impl Into<String>) -> StoreError {
    StoreError::corrupt("courtesies", problem)
}

/// A row, and its version.
pub(super) fn read(row: CourtesyRow<DateTime<Utc>>) -> Result<(Msisdn, Courtesies, i64), StoreError> {
    let (phone, answered, text, times, text_at, withheld, withheld_at, version) = row;
    let phone: Msisdn = phone.parse().map_err(|_| corrupt("a phone that is no number"))?;
    let answered: Vec<i64> = serde_json::from_str(&answered).map_err(|error| corrupt(error.to_string()))?;
    let instant = |micros| DateTime::from_timestamp_micros(micros).ok_or_else(|| corrupt("an answer at no instant"));
    let answered = answered.into_iter().map(instant).collect::<Result<_, _>>()?;
    let last = match (text, text_at) {
        (Some(text), Some(at)) => {
            let text = ContentHash(text.try_into().map_err(|_| corrupt("a text of another length"))?);
            let times = u32::try_from(times).map_err(|_| corrupt("a text that came so often"))?;
            Some(Repeated { text, times, at })
        }
        _ => None,
    };
    let withheld = u64::try_from(withheld).map_err(|_| corrupt("so many withheld replies"))?;
    Ok((phone, Courtesies { answered, last, withheld, withheld_at }, version))
}

/// The instants of the answers, as they are kept.
pub(super) fn answered(known: &Courtesies) -> String {
    let micros: Vec<String> = known.answered.iter().map(|at| at.timestamp_micros().to_string()).collect();
    format!("[{}]", micros.join(","))
}

/// How often the last text came; 0 where there is none.
pub(super) fn times(known: &Courtesies) -> i64 {
    known.last.map_or(0, |last| i64::from(last.times))
}

/// How many replies were withheld.
pub(super) fn withheld(known: &Courtesies) -> i64 {
    i64::try_from(known.withheld).unwrap_or(i64::MAX)
}

impl Store {
    /// What is remembered of a phone that wrote what was not understood.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn courtesies(&self, phone: Msisdn) -> Result<Option<Courtesies>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.courtesies(phone).await,
            Database::Postgres(store) => store.courtesies(phone).await,
        }
    }

    /// Why the reply to this message was withheld, where it was.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn withheld(&self, message_key: &str) -> Result<Option<Withheld>, StoreError> {
        let why = match &self.database {
            Database::Sqlite(store) => store.withheld(message_key).await?,
            Database::Postgres(store) => store.withheld(message_key).await?,
        };
        let read =
            |why: String| why.parse().map_err(|problem: String| StoreError::corrupt("withheld_replies", problem));
        why.map(read).transpose()
    }
}
