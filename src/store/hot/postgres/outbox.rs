//! Leases and final states of replies.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Store;
use crate::domain::{OutboundSms, Report};
use crate::store::columns::columns;
use crate::store::rows::{Ending, source_from};
use crate::store::{Delivery, Lease, Leased, Oldest, OutboxRow, StoreError};

/// Rows that another dispatcher is about to lease are passed over instead of waited for.
const LEASE: &str = "UPDATE outbox SET due_at = $1, lease = $2
    WHERE id IN (SELECT id FROM outbox WHERE state = 'open' AND link = $5 AND due_at <= $3 ORDER BY due_at LIMIT $4
            FOR NO KEY UPDATE SKIP LOCKED)
        AND state = 'open' AND due_at <= $3
    RETURNING id, message_key, link, sender, recipient, recipient_source, text, created_at, attempts,
        report";
const FINISH: &str = "UPDATE outbox SET state = ended.state, due_at = coalesce(ended.due_at, outbox.due_at),
        finished_at = ended.finished_at, remote_id = ended.remote_id, last_error = ended.error,
        attempts = outbox.attempts + ended.attempts, lease = NULL
    FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[],
        $8::bigint[]) AS ended (id, lease, state, due_at, finished_at, remote_id, error, attempts)
    WHERE outbox.id = ANY($1) AND outbox.id = ended.id AND outbox.lease = ended.lease AND outbox.state = 'open'";
/// The row is held still until its final state is written in the same transaction.
const PARTS: &str = "INSERT INTO outbox_parts (outbox, number, link, remote_id)
    SELECT o.id, part.number, o.link, part.remote_id
    FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) AS part (id, lease, number, remote_id)
        JOIN outbox o ON o.id = part.id AND o.lease = part.lease
    WHERE o.id = ANY($1) AND o.state = 'open' FOR NO KEY UPDATE OF o";
const EXPIRE: &str = "UPDATE outbox SET state = 'failed', finished_at = $1, lease = NULL,
        last_error = coalesce(last_error || '; ', '') || 'too old to be of use'
    WHERE state = 'open' AND due_at <= $1 AND created_at < CASE WHEN report IS NULL THEN $2 ELSE $3 END";
const HASTEN: &str = "UPDATE outbox SET due_at = $1 WHERE state = 'open' AND due_at > $2";
const NEXT_DUE: &str = "SELECT min(due_at) FROM outbox WHERE state = 'open' AND link = ANY($1)";
const OF_MESSAGE: &str =
    "SELECT id, message_key, link, sender, recipient, recipient_source, text, created_at, attempts,
        report,
        coalesce(receipt, state) AS state, last_error
    FROM outbox WHERE message_key = $1 ORDER BY id";

struct Row {
    id: Uuid,
    message_key: String,
    link: String,
    sender: String,
    recipient: String,
    recipient_source: Option<String>,
    text: String,
    created_at: DateTime<Utc>,
    attempts: i64,
    report: Option<String>,
}

columns!(postgres Row: id, message_key, link, sender, recipient, recipient_source, text, created_at,
    attempts, report);

struct RowWithState {
    row: Row,
    state: String,
    last_error: Option<String>,
}

columns!(postgres RowWithState: state, last_error; flatten row);

impl Row {
    fn attempts(&self) -> u32 {
        u32::try_from(self.attempts).unwrap_or(u32::MAX)
    }

    fn report(&self) -> Result<Option<Report>, StoreError> {
        Leased::report_from(self.report.as_deref())
    }

    fn sms(self) -> Result<OutboundSms, StoreError> {
        Ok(OutboundSms {
            id: self.id,
            message_key: self.message_key,
            link: self.link,
            from: self.sender,
            to: self.recipient,
            to_source: source_from(self.recipient_source.as_deref())?,
            text: self.text,
            created_at: self.created_at,
        })
    }
}

impl Store {
    pub(crate) async fn lease_outbox(&self, link: &str, lease: Lease, most: u32) -> Result<Vec<Leased>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(LEASE)
            .bind(lease.until)
            .bind(lease.id)
            .bind(lease.now)
            .bind(i64::from(most))
            .bind(link)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter()
            .map(|row| Ok(Leased { report: row.report()?, attempts: row.attempts(), lease: lease.id, sms: row.sms()? }))
            .collect()
    }

    pub(crate) async fn expire_outbox(&self, now: DateTime<Utc>, oldest: Oldest) -> Result<u64, StoreError> {
        Ok(sqlx::query(EXPIRE)
            .bind(now)
            .bind(oldest.reply)
            .bind(oldest.report)
            .execute(&self.pool)
            .await?
            .rows_affected())
    }

    pub(crate) async fn hasten_outbox(&self, now: DateTime<Utc>, latest: DateTime<Utc>) -> Result<u64, StoreError> {
        Ok(sqlx::query(HASTEN).bind(now).bind(latest).execute(&self.pool).await?.rows_affected())
    }

    pub(crate) async fn finish_outbox(
        &self,
        finished: &[(Uuid, Uuid, Delivery)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut finished: Vec<&(Uuid, Uuid, Delivery)> = finished.iter().collect();
        finished.sort_unstable_by_key(|(id, ..)| *id);
        let parts: Vec<_> = finished
            .iter()
            .flat_map(|(id, lease, delivery)| {
                delivery.parts().map(move |(number, remote)| (*id, *lease, number, remote))
            })
            .collect();
        if parts.is_empty() {
            return finish(&self.pool, &finished, now).await;
        }
        let mut transaction = self.pool.begin().await?;
        sqlx::query(PARTS)
            .bind(parts.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
            .bind(parts.iter().map(|(_, lease, ..)| *lease).collect::<Vec<_>>())
            .bind(parts.iter().map(|(_, _, number, _)| *number).collect::<Vec<_>>())
            .bind(parts.iter().map(|(.., remote_id)| *remote_id).collect::<Vec<_>>())
            .execute(&mut *transaction)
            .await?;
        finish(&mut *transaction, &finished, now).await?;
        Ok(transaction.commit().await?)
    }

    pub(crate) async fn next_outbox_due(&self, links: &[String]) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(sqlx::query_scalar(NEXT_DUE).bind(links).fetch_one(&self.pool).await?)
    }

    pub(crate) async fn outbox_of(&self, message_key: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let rows: Vec<RowWithState> = sqlx::query_as(OF_MESSAGE).bind(message_key).fetch_all(&self.pool).await?;
        rows.into_iter()
            .map(|RowWithState { row, state, last_error }| {
                Ok(OutboxRow { report: row.report()?, attempts: row.attempts(), sms: row.sms()?, state, last_error })
            })
            .collect()
    }
}

async fn finish(
    on: impl sqlx::PgExecutor<'_>,
    finished: &[&(Uuid, Uuid, Delivery)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let endings: Vec<Ending<'_>> = finished.iter().map(|(.., delivery)| Ending::of(delivery, now)).collect();
    sqlx::query(FINISH)
        .bind(finished.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
        .bind(finished.iter().map(|(_, lease, _)| *lease).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.state).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.due_at).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.finished_at).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.remote_id).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.error).collect::<Vec<_>>())
        .bind(endings.iter().map(|ending| ending.attempts).collect::<Vec<_>>())
        .execute(on)
        .await?;
    Ok(())
}
