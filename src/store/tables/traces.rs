//! Rows in the order of time, as far as they are searched by: transfers, messages that moved nothing, and SMS.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::search::SearchMarks;
use super::transfers::first_id_at;
use crate::domain::{Body, Outcome};
use crate::store::db::{Sql, columns, one, row, rows};
use crate::store::{Store, StoreError};

/// The main transfers of an interval of identifiers with their messages. On PostgreSQL each message is looked up alone,
/// whatever the server believes of the sizes of the tables.
macro_rules! moved {
    ($message:literal, $rest:literal) => {
        concat!(
            "SELECT t.id AS id, t.debit AS debit, t.credit AS credit, t.at AS at, t.message_key AS message_key,
                i.sender AS sender, i.body AS body, i.received_at AS received_at
            FROM transfers t ",
            $message,
            " WHERE t.id >= $1 AND t.id < $2
                AND t.kind NOT IN ('bonus', 'commission', 'fee', 'receivable', 'settlement') ",
            $rest
        )
    };
}

macro_rules! joined {
    ($rest:literal) => {
        Sql {
            sqlite: moved!("LEFT JOIN inbox i ON i.key = t.message_key", $rest),
            postgres: moved!(
                "LEFT JOIN LATERAL (SELECT sender, body, received_at FROM inbox WHERE key = t.message_key LIMIT 1) i ON true",
                $rest
            ),
        }
    };
}

const MOVED: Sql = joined!("ORDER BY t.id LIMIT $3");
const MOVED_LIKE: Sql = joined!(
    "AND upper(coalesce(i.sender, '') || ' ' || t.debit || ' ' || t.credit || ' ' || coalesce(i.body, '') || ' '
        || coalesce(t.message_key, '')) LIKE $4 ORDER BY t.id DESC LIMIT $3"
);
const UNAPPLIED: &str = "SELECT key, sender, body, received_at, outcome FROM inbox
    WHERE ending <> 'applied' AND received_at >= $1 AND received_at < $2 ORDER BY received_at LIMIT $3";
const UNAPPLIED_LAST: &str = "SELECT key, sender, body, received_at, outcome FROM inbox
    WHERE ending <> 'applied' AND received_at >= $1 AND received_at < $2 ORDER BY received_at DESC LIMIT $3";
const UNAPPLIED_LIKE: &str = "SELECT key, sender, body, received_at, outcome FROM inbox
    WHERE ending <> 'applied' AND received_at >= $1 AND received_at < $2 AND upper(body) LIKE $4
    ORDER BY received_at DESC LIMIT $3";
const NTH_LAST_UNAPPLIED: &str = "SELECT received_at AS at FROM inbox WHERE ending <> 'applied' AND received_at >= $1
    AND received_at < $2 ORDER BY received_at DESC LIMIT 1 OFFSET $3";
const NTH_LAST_MOVED: &str =
    "SELECT id, at FROM transfers WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT 1 OFFSET $3";
const NTH_UNAPPLIED: &str = "SELECT received_at AS at FROM inbox WHERE ending <> 'applied' AND received_at >= $1
    AND received_at < $2 ORDER BY received_at LIMIT 1 OFFSET $3";
const NTH_MOVED: &str = "SELECT id FROM transfers WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1 OFFSET $3";
const NTH_SENT: &str = "SELECT id FROM outbox WHERE id >= $1 AND id < $2 ORDER BY id LIMIT 1 OFFSET $3";
/// SMS to others than the sender of their message. Any recipient, or one.
const SENT: Sql = Sql {
    sqlite: "SELECT o.id AS id, o.recipient AS recipient, o.created_at AS created_at, o.message_key AS message_key,
        i.received_at AS received_at
    FROM outbox o LEFT JOIN inbox i ON i.key = o.message_key
    WHERE o.id >= $1 AND o.id < $2 AND ($4 IS NULL OR o.recipient = $4) AND o.report IS NULL
        AND o.recipient <> coalesce(i.sender, '')
    ORDER BY o.id LIMIT $3",
    postgres: "SELECT o.id, o.recipient, o.created_at, o.message_key, i.received_at
    FROM outbox o LEFT JOIN LATERAL (SELECT sender, received_at FROM inbox WHERE key = o.message_key LIMIT 1) i ON true
    WHERE o.id >= $1 AND o.id < $2 AND ($4 IS NULL OR o.recipient = $4) AND o.report IS NULL
        AND o.recipient <> coalesce(i.sender, '')
    ORDER BY o.id LIMIT $3",
};
const PENDING: &str = "SELECT (SELECT count(*) FROM (SELECT 1 FROM transfers WHERE id >= $1 AND id < $2 LIMIT $5) AS t)
    + (SELECT count(*) FROM (SELECT 1 FROM inbox WHERE ending <> 'applied' AND received_at >= $3 AND received_at < $4
        LIMIT $5) AS i)
    + (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE id >= $6 AND id < $2 LIMIT $5) AS o)";

/// A transfer, and the message that caused it.
#[derive(Debug)]
pub struct MovedTrace {
    pub id: Uuid,
    /// Accounts, as stored.
    pub debit: String,
    pub credit: String,
    pub at: DateTime<Utc>,
    pub message_key: Option<String>,
    pub sender: Option<String>,
    pub body: Option<Body>,
    pub received_at: Option<DateTime<Utc>>,
}

columns!(in "transfers", MovedTrace: id, debit, credit, at, message_key, sender, body, received_at);

/// A message that moved nothing.
#[derive(Debug)]
pub struct UnappliedTrace {
    pub key: String,
    pub sender: String,
    pub body: Body,
    pub received_at: DateTime<Utc>,
    pub outcome: Outcome,
}

columns!(in "inbox", UnappliedTrace: key, sender, body, received_at, outcome);

/// An SMS to another phone than that which sent the message.
#[derive(Debug)]
pub struct SmsTrace {
    pub id: Uuid,
    pub recipient: String,
    pub created_at: DateTime<Utc>,
    pub message_key: String,
    /// Time of the message; `None` if no message caused it.
    pub received_at: Option<DateTime<Utc>>,
}

columns!(in "outbox", SmsTrace: id, recipient, created_at, message_key, received_at);

/// Rows at which a segment may end.
#[derive(Debug, Clone, Copy)]
pub struct TraceCuts {
    pub transfer: Option<Uuid>,
    pub sms: Option<Uuid>,
    pub message: Option<DateTime<Utc>>,
}

struct Id {
    id: Uuid,
}

columns!(in "transfers", Id: id);

struct Moved {
    id: Uuid,
    at: DateTime<Utc>,
}

columns!(in "transfers", Moved: id, at);

struct At {
    at: DateTime<Utc>,
}

columns!(in "inbox", At: at);

/// Identifiers from the first one, without the second one.
type Ids = (Uuid, Uuid);
/// Times from the first one, without the second one.
type Times = (DateTime<Utc>, DateTime<Utc>);

impl Store {
    /// Returns the smallest identifier of an instant.
    pub fn first_id_at(at: DateTime<Utc>) -> Uuid {
        first_id_at(at)
    }

    /// Returns transfers in the order of identifiers.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn moved_traces(&self, (first, end): Ids, most: u32) -> Result<Vec<MovedTrace>, StoreError> {
        rows!(self.reader(), MovedTrace, MOVED, [first, end, most])
    }

    /// Returns transfers whose accounts, message or sender have this pattern of LIKE, in capital letters.
    ///
    /// # Errors
    /// As [`Store::moved_traces`].
    pub async fn moved_traces_like(
        &self,
        (first, end): Ids,
        pattern: &str,
        most: u32,
    ) -> Result<Vec<MovedTrace>, StoreError> {
        rows!(self.reader(), MovedTrace, MOVED_LIKE, [first, end, most, pattern])
    }

    /// Returns messages that moved nothing, the oldest first.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn unapplied_traces(&self, (from, to): Times, most: u32) -> Result<Vec<UnappliedTrace>, StoreError> {
        rows!(self.reader(), UnappliedTrace, UNAPPLIED, [from, to, most])
    }

    /// Returns the last messages that moved nothing.
    ///
    /// # Errors
    /// As [`Store::unapplied_traces`].
    pub async fn last_unapplied_traces(&self, (from, to): Times, most: u32) -> Result<Vec<UnappliedTrace>, StoreError> {
        rows!(self.reader(), UnappliedTrace, UNAPPLIED_LAST, [from, to, most])
    }

    /// Returns messages that moved nothing and whose text has this pattern of LIKE, in capital letters, the newest first.
    ///
    /// # Errors
    /// As [`Store::unapplied_traces`].
    pub async fn unapplied_traces_like(
        &self,
        (from, to): Times,
        pattern: &str,
        most: u32,
    ) -> Result<Vec<UnappliedTrace>, StoreError> {
        rows!(self.reader(), UnappliedTrace, UNAPPLIED_LIKE, [from, to, most, pattern])
    }

    /// Returns the transfer, and the time of the message that moved nothing, before which there are so many later ones;
    /// `None`: there are fewer.
    ///
    /// # Errors
    /// The database fails.
    pub async fn last_traces_from(
        &self,
        ids: Ids,
        times: Times,
        rows: u32,
    ) -> Result<(Option<(Uuid, DateTime<Utc>)>, Option<DateTime<Utc>>), StoreError> {
        let moved = row!(self.reader(), Moved, NTH_LAST_MOVED, [ids.0, ids.1, rows])?;
        let other = row!(self.reader(), At, NTH_LAST_UNAPPLIED, [times.0, times.1, rows])?;
        Ok((moved.map(|row| (row.id, row.at)), other.map(|row| row.at)))
    }

    /// Returns SMS to others than the sender of their message: to this recipient, or to any.
    ///
    /// # Errors
    /// The database fails.
    pub async fn sms_traces(
        &self,
        (first, end): Ids,
        recipient: Option<&str>,
        most: u32,
    ) -> Result<Vec<SmsTrace>, StoreError> {
        rows!(self.reader(), SmsTrace, SENT, [first, end, most, recipient.map(str::to_owned)])
    }

    /// Returns what is so many rows after these marks: a transfer, an SMS, and the time of a message that moved nothing.
    /// Rows from `end` on are left out.
    ///
    /// # Errors
    /// The database fails.
    pub async fn trace_cuts(
        &self,
        marks: SearchMarks,
        (end, to): (Uuid, DateTime<Utc>),
        rows: u32,
    ) -> Result<TraceCuts, StoreError> {
        let transfer = row!(self.reader(), Id, NTH_MOVED, [marks.transfers, end, rows])?;
        let sms = row!(self.reader(), Id, NTH_SENT, [marks.outbox, end, rows])?;
        let message = row!(self.reader(), At, NTH_UNAPPLIED, [marks.messages, to, rows])?;
        Ok(TraceCuts {
            transfer: transfer.map(|row| row.id),
            sms: sms.map(|row| row.id),
            message: message.map(|row| row.at),
        })
    }

    /// Counts transfers, messages that moved nothing, and SMS after these marks, up to `most` of each.
    ///
    /// # Errors
    /// The database fails.
    pub async fn count_traces(
        &self,
        marks: SearchMarks,
        (end, to): (Uuid, DateTime<Utc>),
        most: u32,
    ) -> Result<i64, StoreError> {
        let SearchMarks { transfers, outbox, messages, .. } = marks;
        one!(self.reader(), (i64,), PENDING, [transfers, end, messages, to, most, outbox]).map(|(count,)| count)
    }
}
