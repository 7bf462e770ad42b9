//! Leases and final states of replies.

use chrono::{DateTime, Utc};
use serde_json::{Value, json as value};
use uuid::Uuid;

use super::Store;
use super::convert::{id, instant, json, micros};
use crate::domain::{OutboundSms, Report};
use crate::store::columns::columns;
use crate::store::rows::{Ending, source_from};
use crate::store::{Delivery, Lease, Leased, Oldest, OutboxRow, StoreError};

const LEASE: &str = "UPDATE outbox SET due_at = $1, lease = $2
    WHERE id IN (SELECT id FROM outbox WHERE state = 'open' AND link = $5 AND due_at <= $3 ORDER BY due_at LIMIT $4)
        AND state = 'open' AND due_at <= $3
    RETURNING id, message_key, link, sender, recipient, recipient_source, text, created_at, attempts,
        report";
const FINISH: &str = "UPDATE outbox SET state = value->>2, due_at = coalesce(value->>3, due_at),
        finished_at = value->>4, remote_id = value->>5, last_error = value->>6, attempts = attempts + (value->>7),
        lease = NULL
    FROM json_each($1)
    WHERE outbox.id = unhex(value->>0) AND outbox.lease = unhex(value->>1) AND outbox.state = 'open'";
const PARTS: &str = "INSERT INTO outbox_parts (outbox, number, link, remote_id)
    SELECT o.id, value->>2, o.link, value->>3
    FROM json_each($1) CROSS JOIN outbox o ON o.id = unhex(value->>0) AND o.lease = unhex(value->>1)
    WHERE o.state = 'open'";
const EXPIRE: &str = "UPDATE outbox SET state = 'failed', finished_at = $1, lease = NULL,
        last_error = coalesce(last_error || '; ', '') || 'too old to be of use'
    WHERE state = 'open' AND due_at <= $1 AND created_at < CASE WHEN report IS NULL THEN $2 ELSE $3 END";
const HASTEN: &str = "UPDATE outbox SET due_at = $1 WHERE state = 'open' AND due_at > $2";
const LAST_DUE: &str = "SELECT max(due_at) FROM outbox WHERE state = 'open'";
const NEXT_DUE: &str = "SELECT min(due_at) FROM outbox
    WHERE state = 'open' AND link IN (SELECT value FROM json_each($1))";
const OF_MESSAGE: &str =
    "SELECT id, message_key, link, sender, recipient, recipient_source, text, created_at, attempts,
        report,
        coalesce(receipt, state) AS state, last_error
    FROM outbox WHERE message_key = $1 ORDER BY id";

struct Row {
    id: Vec<u8>,
    message_key: String,
    link: String,
    sender: String,
    recipient: String,
    recipient_source: Option<String>,
    text: String,
    created_at: i64,
    attempts: i64,
    report: Option<String>,
}

columns!(sqlite Row: id, message_key, link, sender, recipient, recipient_source, text, created_at,
    attempts, report);

struct RowWithState {
    row: Row,
    state: String,
    last_error: Option<String>,
}

columns!(sqlite RowWithState: state, last_error; flatten row);

impl Row {
    fn attempts(&self) -> u32 {
        u32::try_from(self.attempts).unwrap_or(u32::MAX)
    }

    fn report(&self) -> Result<Option<Report>, StoreError> {
        Leased::report_from(self.report.as_deref())
    }

    fn sms(self) -> Result<OutboundSms, StoreError> {
        Ok(OutboundSms {
            id: id("outbox", &self.id)?,
            message_key: self.message_key,
            link: self.link,
            from: self.sender,
            to: self.recipient,
            to_source: source_from(self.recipient_source.as_deref())?,
            text: self.text,
            created_at: instant("outbox", self.created_at)?,
        })
    }
}

impl Store {
    pub(crate) async fn lease_outbox(&self, link: &str, lease: Lease, most: u32) -> Result<Vec<Leased>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(LEASE)
            .bind(micros(lease.until))
            .bind(lease.id.as_bytes().as_slice())
            .bind(micros(lease.now))
            .bind(i64::from(most))
            .bind(link)
            .fetch_all(&self.writer)
            .await?;
        rows.into_iter()
            .map(|row| Ok(Leased { report: row.report()?, attempts: row.attempts(), lease: lease.id, sms: row.sms()? }))
            .collect()
    }

    pub(crate) async fn expire_outbox(&self, now: DateTime<Utc>, oldest: Oldest) -> Result<u64, StoreError> {
        let done = sqlx::query(EXPIRE)
            .bind(micros(now))
            .bind(micros(oldest.reply))
            .bind(micros(oldest.report))
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }

    pub(crate) async fn hasten_outbox(&self, now: DateTime<Utc>, latest: DateTime<Utc>) -> Result<u64, StoreError> {
        // Asked on a reading connection first, as there is hardly ever one.
        let last: Option<i64> = sqlx::query_scalar(LAST_DUE).fetch_one(&self.readers).await?;
        if last.is_none_or(|last| last <= micros(latest)) {
            return Ok(0);
        }
        let done = sqlx::query(HASTEN).bind(micros(now)).bind(micros(latest)).execute(&self.writer).await?;
        Ok(done.rows_affected())
    }

    pub(crate) async fn finish_outbox(
        &self,
        finished: &[(Uuid, Uuid, Delivery)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let row = |(id, lease, delivery): &(Uuid, Uuid, Delivery)| {
            let Ending { state, due_at, finished_at, remote_id, error, attempts } = Ending::of(delivery, now);
            let (due_at, finished_at) = (due_at.map(micros), finished_at.map(micros));
            value!([hex::encode(id), hex::encode(lease), state, due_at, finished_at, remote_id, error, attempts])
        };
        let rows: Vec<Value> = finished.iter().map(row).collect();
        let part = |(id, lease, delivery): &(Uuid, Uuid, Delivery)| {
            let (id, lease) = (hex::encode(id), hex::encode(lease));
            delivery.parts().map(|(number, remote_id)| value!([id, lease, number, remote_id])).collect::<Vec<_>>()
        };
        let parts: Vec<Value> = finished.iter().flat_map(part).collect();
        let rows = json("outbox", &rows)?;
        if parts.is_empty() {
            sqlx::query(FINISH).bind(rows).execute(&self.writer).await?;
            return Ok(());
        }
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(PARTS).bind(json("outbox_parts", &parts)?).execute(&mut *transaction).await?;
        sqlx::query(FINISH).bind(rows).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    pub(crate) async fn next_outbox_due(&self, links: &[String]) -> Result<Option<DateTime<Utc>>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar(NEXT_DUE).bind(json("outbox", links)?).fetch_one(&self.readers).await?;
        due.map(|at| instant("outbox", at)).transpose()
    }

    pub(crate) async fn outbox_of(&self, message_key: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let rows: Vec<RowWithState> = sqlx::query_as(OF_MESSAGE).bind(message_key).fetch_all(&self.readers).await?;
        rows.into_iter()
            .map(|RowWithState { row, state, last_error }| {
                Ok(OutboxRow { report: row.report()?, attempts: row.attempts(), sms: row.sms()?, state, last_error })
            })
            .collect()
    }
}
