//! Messages that could not be parsed and wait for staff, and their settlements.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::{Body, Channel, InboundSms, Outcome};
use crate::store::db::{columns, execute, one, row, rows};
use crate::store::{COUNTED_MAX, Store, StoreError};

const WAITING: &str =
    "SELECT i.key, i.link, i.sender, i.short_code, i.body, i.received_at, i.outcome, i.trace, i.grammars,
        i.reply, q.settled, q.by, q.note, q.at
    FROM inbox i LEFT JOIN quarantine q ON q.message_key = i.key
    WHERE i.ending = 'quarantined' AND q.message_key IS NULL ORDER BY i.received_at DESC LIMIT $1";
const ONE: &str = "SELECT i.key, i.link, i.sender, i.short_code, i.body, i.received_at, i.outcome, i.trace, i.grammars,
        i.reply, q.settled, q.by, q.note, q.at
    FROM inbox i LEFT JOIN quarantine q ON q.message_key = i.key
    WHERE i.ending = 'quarantined' AND i.key = $1";
const SETTLE: &str = "INSERT INTO quarantine (message_key, settled, by, note, at)
    SELECT key, $2, $3, $4, $5 FROM inbox WHERE key = $1 AND ending = 'quarantined'
    ON CONFLICT (message_key) DO NOTHING";
/// Number of the latest waiting messages, by bank.
const LATEST: &str = "SELECT coalesce(bank, ''), count(*) FROM
    (SELECT key, bank FROM inbox WHERE ending = 'quarantined' ORDER BY received_at DESC LIMIT $1) AS latest
    WHERE NOT EXISTS (SELECT 1 FROM quarantine WHERE message_key = latest.key) GROUP BY 1";
const COUNT: &str = "SELECT count(*) FROM inbox i LEFT JOIN quarantine q ON q.message_key = i.key
    WHERE i.ending = 'quarantined' AND q.message_key IS NULL";

#[derive(Debug, Clone)]
pub struct Quarantined {
    pub message: InboundSms,
    /// The ending, with its reason.
    pub outcome: Outcome,
    /// Trace of the parsing, for staff.
    pub trace: Option<String>,
    /// Identifier of the grammars that could not parse the message.
    pub grammars: String,
    pub reply: Option<String>,
    /// The settlement by staff; `None` if the message still waits.
    pub settled: Option<Settled>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub how: Settlement,
    pub by: String,
    /// The reason, or the result.
    pub note: String,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The message was parsed again, and carried out or answered.
    Replayed,
    /// The message was dismissed.
    Discarded,
}

impl Settlement {
    /// Name in the database and on the command line.
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

struct Waiting {
    key: String,
    link: String,
    sender: String,
    short_code: String,
    body: Body,
    received_at: DateTime<Utc>,
    outcome: Outcome,
    trace: Option<String>,
    grammars: String,
    reply: Option<String>,
    settled: Option<Settlement>,
    by: Option<String>,
    note: Option<String>,
    at: Option<DateTime<Utc>>,
}

columns!(
    in "inbox", Waiting: key, link, sender, short_code, body, received_at, outcome, trace, grammars, reply, settled, by,
        note, at
);

impl From<Waiting> for Quarantined {
    fn from(row: Waiting) -> Self {
        let settled = match (row.settled, row.by, row.note, row.at) {
            (Some(how), Some(by), Some(note), Some(at)) => Some(Settled { how, by, note, at }),
            _ => None,
        };
        let message = InboundSms {
            key: row.key,
            link: row.link,
            from: row.sender,
            from_type: None,
            to: row.short_code,
            body: row.body,
            channel: Channel::Sms,
            received_at: row.received_at,
            redelivery_doubt_since: None,
        };
        let Waiting { outcome, trace, grammars, reply, .. } = row;
        Self { message, outcome, trace, grammars, reply, settled }
    }
}

impl Store {
    /// Returns the messages that wait for staff, the newest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn quarantine(&self, most: u32) -> Result<Vec<Quarantined>, StoreError> {
        Ok(rows!(self.reader(), Waiting, WAITING, [most])?.into_iter().map(Quarantined::from).collect())
    }

    /// Returns a quarantined message by its key, settled or not.
    ///
    /// # Errors
    /// The database fails.
    pub async fn quarantined(&self, key: &str) -> Result<Option<Quarantined>, StoreError> {
        Ok(row!(self.reader(), Waiting, ONE, [key])?.map(Quarantined::from))
    }

    /// Records a settlement. Returns `false` if the message was settled before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn settle_quarantined(&self, key: &str, settled: &Settled) -> Result<bool, StoreError> {
        let Settled { how, by, note, at } = settled;
        Ok(execute!(self.writer(), SETTLE, [key, how.as_str(), by, note, *at])? == 1)
    }

    /// Counts the messages that wait for staff.
    ///
    /// # Errors
    /// The database fails.
    pub async fn quarantine_count(&self) -> Result<i64, StoreError> {
        one!(self.reader(), (i64,), COUNT, []).map(|(count,)| count)
    }

    /// Counts the waiting messages among the latest [`COUNTED_MAX`], by bank; `""` if the bank is not known.
    ///
    /// # Errors
    /// The database fails.
    pub async fn quarantine_size(&self) -> Result<BTreeMap<String, u32>, StoreError> {
        let counted = rows!(self.reader(), (String, i64), LATEST, [COUNTED_MAX])?;
        Ok(counted.into_iter().map(|(bank, count)| (bank, u32::try_from(count).unwrap_or(COUNTED_MAX))).collect())
    }
}
