//! Leases and final states of replies.

use chrono::{DateTime, Utc};
use serde_json::{Value, json as value};
use uuid::Uuid;

use super::super::{Delivery, Lease, Leased, OutboxRow, StoreError};
use super::Store;
use super::convert::{id, instant, json, micros};
use crate::domain::OutboundSms;

const LEASE: &str = "UPDATE outbox SET due_at = $1, lease = $2
    WHERE id IN (SELECT id FROM outbox WHERE state = 'open' AND link = $5 AND due_at <= $3 ORDER BY due_at LIMIT $4)
        AND state = 'open' AND due_at <= $3
    RETURNING id, message_key, link, sender, recipient, text, created_at, attempts";
const FINISH: &str = "UPDATE outbox SET state = value->>2, due_at = coalesce(value->>3, due_at),
        finished_at = value->>4, remote_id = value->>5, last_error = value->>6, attempts = attempts + (value->>7),
        lease = NULL
    FROM json_each($1)
    WHERE outbox.id = unhex(value->>0) AND outbox.lease = unhex(value->>1) AND outbox.state = 'open'";
const EXPIRE: &str = "UPDATE outbox SET state = 'failed', finished_at = $1, lease = NULL,
        last_error = coalesce(last_error || '; ', '') || 'too old to be of use'
    WHERE state = 'open' AND due_at <= $1 AND created_at < $2";
const NEXT_DUE: &str = "SELECT min(due_at) FROM outbox
    WHERE state = 'open' AND link IN (SELECT value FROM json_each($1))";
const OF_MESSAGE: &str =
    "SELECT id, message_key, link, sender, recipient, text, created_at, attempts, state, last_error
    FROM outbox WHERE message_key = $1 ORDER BY id";

#[derive(sqlx::FromRow)]
struct Row {
    id: Vec<u8>,
    message_key: String,
    link: String,
    sender: String,
    recipient: String,
    text: String,
    created_at: i64,
    attempts: i64,
}

#[derive(sqlx::FromRow)]
struct RowWithState {
    #[sqlx(flatten)]
    row: Row,
    state: String,
    last_error: Option<String>,
}

impl Row {
    fn attempts(&self) -> u32 {
        u32::try_from(self.attempts).unwrap_or(u32::MAX)
    }

    fn sms(self) -> Result<OutboundSms, StoreError> {
        Ok(OutboundSms {
            id: id("outbox", &self.id)?,
            message_key: self.message_key,
            link: self.link,
            from: self.sender,
            to: self.recipient,
            text: self.text,
            created_at: instant("outbox", self.created_at)?,
        })
    }
}

impl Store {
    /// Takes up to `most` replies of this link that are due, until `until`: nobody else gets them before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lease_outbox(&self, link: &str, lease: Lease, most: u32) -> Result<Vec<Leased>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(LEASE)
            .bind(micros(lease.until))
            .bind(lease.id.as_bytes().as_slice())
            .bind(micros(lease.now))
            .bind(i64::from(most))
            .bind(link)
            .fetch_all(&self.writer)
            .await?;
        rows.into_iter().map(|row| Ok(Leased { attempts: row.attempts(), lease: lease.id, sms: row.sms()? })).collect()
    }

    /// Gives up the replies that were written before `oldest` and nobody is sending.
    ///
    /// # Errors
    /// The database fails.
    pub async fn expire_outbox(&self, now: DateTime<Utc>, oldest: DateTime<Utc>) -> Result<u64, StoreError> {
        let done = sqlx::query(EXPIRE).bind(micros(now)).bind(micros(oldest)).execute(&self.writer).await?;
        Ok(done.rows_affected())
    }

    /// Writes what became of leased replies. One whose lease has gone to another is left alone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn finish_outbox(
        &self,
        finished: &[(Uuid, Uuid, Delivery)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if finished.is_empty() {
            return Ok(());
        }
        let rows: Vec<Value> =
            finished.iter().map(|(id, lease, delivery)| ending(*id, *lease, delivery, now)).collect();
        sqlx::query(FINISH).bind(json("outbox", &rows)?).execute(&self.writer).await?;
        Ok(())
    }

    /// When the next open reply of these links is due; `None` where there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_outbox_due(&self, links: &[String]) -> Result<Option<DateTime<Utc>>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar(NEXT_DUE).bind(json("outbox", links)?).fetch_one(&self.readers).await?;
        due.map(|at| instant("outbox", at)).transpose()
    }

    /// The replies to this message, for staff.
    ///
    /// # Errors
    /// The database fails.
    pub async fn outbox_of(&self, message_key: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let rows: Vec<RowWithState> = sqlx::query_as(OF_MESSAGE).bind(message_key).fetch_all(&self.readers).await?;
        rows.into_iter()
            .map(|RowWithState { row, state, last_error }| {
                Ok(OutboxRow { attempts: row.attempts(), sms: row.sms()?, state, last_error })
            })
            .collect()
    }
}

fn ending(id: Uuid, lease: Uuid, delivery: &Delivery, now: DateTime<Utc>) -> Value {
    let (id, lease, now) = (hex::encode(id), hex::encode(lease), micros(now));
    match delivery {
        Delivery::Sent { remote_id } => value!([id, lease, "sent", null, now, remote_id, null, 1]),
        Delivery::Retry { due_at, error, counts } => {
            value!([id, lease, "open", micros(*due_at), null, null, error, i64::from(*counts)])
        }
        Delivery::Failed { error } => value!([id, lease, "failed", null, now, null, error, 1]),
        Delivery::Unknown { error } => value!([id, lease, "unknown", null, now, null, error, 1]),
    }
}
