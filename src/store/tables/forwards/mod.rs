//! Requests that are handed to another system or to staff.
//!
//! `posts`: the leases of nodes that post them, and the results.

mod posts;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Fields, ForwardState, Language, Msisdn, OutboundSms, Source, Stored};
use crate::store::db::{Connection, InsertInto, columns, execute, insert, one, row, rows};
use crate::store::delivery::source_column;
use crate::store::{Store, StoreError};
pub use posts::ForwardEnd;

/// A statement that reads or returns whole rows.
macro_rules! columns_of {
    ($before:literal, $rest:literal) => {
        concat!(
            $before,
            " id, message_key, bank, form, name, link, short_code, phone, source, fields, language, reply, state, attempts,
                since, next_at, answer, created_at, ended_at, by, note ",
            $rest
        )
    };
}

use columns_of;

static ADD: LazyLock<InsertInto> = LazyLock::new(|| {
    let columns = "id, message_key, bank, form, name, link, short_code, phone, source, fields, language, reply, since,
        next_at, created_at, state, attempts";
    InsertInto::with("forwards", columns, ", 'waiting', 0", "")
});
const ONE: &str = columns_of!("SELECT", "FROM forwards WHERE id = $1");
const OPEN: &str = columns_of!(
    "SELECT",
    "FROM forwards WHERE (state = 'waiting' OR state = 'failed') AND ($1 = '' OR name = $1) ORDER BY id DESC LIMIT $2"
);
const OF_STATE: &str =
    columns_of!("SELECT", "FROM forwards WHERE state = $3 AND ($1 = '' OR name = $1) ORDER BY id DESC LIMIT $2");
const COUNT_OPEN: &str =
    "SELECT count(*) FROM forwards WHERE (state = 'waiting' OR state = 'failed') AND ($1 = '' OR name = $1)";
const COUNT: &str = "SELECT count(*) FROM forwards WHERE state = $2 AND ($1 = '' OR name = $1)";
const SETTLE: &str = "UPDATE forwards SET state = 'settled', by = $2, note = $3, ended_at = $4, lease = NULL
    WHERE id = $1 AND (state = 'waiting' OR state = 'failed')";
/// One that is being posted now is left alone.
const RETRY: &str = "UPDATE forwards SET state = 'waiting', attempts = 0, since = $3, next_at = $3, lease = NULL,
        ended_at = NULL, by = $2, note = NULL
    WHERE id = $1 AND (state = 'failed' OR (state = 'waiting' AND (lease IS NULL OR next_at <= $3)))";
const COUNTS: &str = "SELECT name, state, count(*) AS count, min(created_at) AS oldest FROM forwards
    WHERE state = 'waiting' OR state = 'failed' GROUP BY name, state ORDER BY name, state";
const ADD_SMS: &str =
    "INSERT INTO outbox (id, message_key, link, sender, recipient, recipient_source, text, created_at,
        due_at, state, attempts)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 'open', 0)";

/// A request that is handed on, as a batch writes it.
#[derive(Debug, Clone)]
pub struct NewForward {
    pub id: Uuid,
    /// Key of the message that asks.
    pub message_key: String,
    pub bank: String,
    pub form: String,
    /// Name of what is asked for.
    pub name: String,
    /// Link and short code of the message.
    pub link: String,
    pub short_code: String,
    /// The phone that asks; `None` for a bank's machine.
    pub phone: Option<Msisdn>,
    /// Its address as received, if its link replies to it.
    pub source: Option<Source>,
    pub fields: Fields,
    pub language: Language,
    /// The text that the phone is sent if the other system has none.
    pub reply: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// A request that is handed on, with its state.
#[derive(Debug, Clone)]
pub struct Forward {
    pub id: Uuid,
    pub message_key: String,
    pub bank: String,
    pub form: String,
    pub name: String,
    pub link: String,
    pub short_code: String,
    pub phone: Option<Msisdn>,
    pub source: Option<Source>,
    pub fields: Fields,
    pub language: Stored<Language>,
    pub reply: Option<String>,
    pub state: ForwardState,
    /// Attempts since it waits, with one that is being made.
    pub attempts: u32,
    /// The time that it waits since.
    pub since: DateTime<Utc>,
    /// Time of the next attempt, or the end of the lease of one that is being made.
    pub next_at: DateTime<Utc>,
    /// The last answer of the other system, or the reason why there was none.
    pub answer: Option<String>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// The member of staff who settled it or had it tried again.
    pub by: Option<String>,
    pub note: Option<String>,
}

columns!(
    in "forwards", Forward: id, message_key, bank, form, name, link, short_code, phone, source, fields, language, reply,
        state, attempts, since, next_at, answer, created_at, ended_at, by, note
);

/// The number of requests of one name that wait or have failed.
#[derive(Debug, Clone)]
pub struct ForwardCount {
    pub name: String,
    pub state: ForwardState,
    pub count: i64,
    /// Time of the oldest of them.
    pub oldest: DateTime<Utc>,
}

columns!(in "forwards", ForwardCount: name, state, count, oldest);

pub(in crate::store) async fn write(connection: Connection<'_>, forwards: &[NewForward]) -> Result<(), StoreError> {
    let unwritable = |error: serde_json::Error| StoreError::corrupt("forwards", error.to_string());
    let json = |new: &NewForward| serde_json::to_string(&new.fields).map_err(unwritable);
    let with_json = forwards.iter().map(|new| Ok((new, json(new)?)));
    let new: Vec<(&NewForward, String)> = with_json.collect::<Result<_, StoreError>>()?;
    let source = |new: &NewForward| new.source.as_ref().and_then(|source| serde_json::to_string(source).ok());
    insert!(connection, ADD, &new, row => [
        row.0.id,
        &row.0.message_key,
        &row.0.bank,
        &row.0.form,
        &row.0.name,
        &row.0.link,
        &row.0.short_code,
        row.0.phone,
        source(row.0),
        &row.1,
        row.0.language.code(),
        &row.0.reply,
        row.0.created_at,
        row.0.created_at,
        row.0.created_at,
    ])
}

async fn add_sms(connection: Connection<'_>, sms: Option<&OutboundSms>) -> Result<(), StoreError> {
    let Some(sms) = sms else { return Ok(()) };
    let OutboundSms { id, message_key, link, from, to, text, created_at, .. } = sms;
    let source = source_column(sms);
    execute!(connection, ADD_SMS, [*id, message_key, link, from, to, source, text, *created_at]).map(drop)
}

impl Store {
    /// Records that staff have done a request, and sends the phone this SMS. Returns `false` if it had ended before.
    ///
    /// # Errors
    /// The database fails; nothing was written.
    pub async fn settle_forward(
        &self,
        id: Uuid,
        (by, note): (&str, &str),
        sms: Option<&OutboundSms>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.transaction().await?;
        let written = execute!(transaction.connection(), SETTLE, [id, by, note, now])? == 1;
        if written {
            add_sms(transaction.connection(), sms).await?;
            transaction.commit().await?;
            self.handover.tell();
        }
        Ok(written)
    }

    /// Has a request tried again, now and with all attempts. Returns `false` if it is done or settled, or is being tried.
    ///
    /// # Errors
    /// The database fails.
    pub async fn retry_forward(&self, id: Uuid, by: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(execute!(self.writer(), RETRY, [id, by, now])? == 1)
    }

    /// Returns a request by its identifier.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn forward(&self, id: Uuid) -> Result<Option<Forward>, StoreError> {
        row!(self.reader(), Forward, ONE, [id])
    }

    /// Returns the requests of this state, or those that wait or have failed, the newest first. An empty `name` is any.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn forwards(
        &self,
        state: Option<ForwardState>,
        name: &str,
        most: u32,
    ) -> Result<Vec<Forward>, StoreError> {
        let Some(state) = state else { return rows!(self.reader(), Forward, OPEN, [name, most]) };
        rows!(self.reader(), Forward, OF_STATE, [name, most, state])
    }

    /// Counts the requests that [`Store::forwards`] returns without a limit.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forward_total(&self, state: Option<ForwardState>, name: &str) -> Result<i64, StoreError> {
        let counted = if let Some(state) = state {
            one!(self.reader(), (i64,), COUNT, [name, state])
        } else {
            one!(self.reader(), (i64,), COUNT_OPEN, [name])
        };
        counted.map(|(count,)| count)
    }

    /// Counts the requests that wait or have failed, by name.
    ///
    /// # Errors
    /// The database fails.
    pub async fn forward_counts(&self) -> Result<Vec<ForwardCount>, StoreError> {
        rows!(self.reader(), ForwardCount, COUNTS, [])
    }
}
