//! Heads of sealed days.

use chrono::{DateTime, Utc};

use super::audit::id_after;
use super::{Snapshot, Store};
use crate::store::StoreError;
use crate::store::audit::PAGE;
use crate::store::db::columns;
use crate::store::heads::{ADD, DayHead, DayTransfer, HEADS, HeadColumns, LAST};

const DAY_TRANSFERS: &str =
    "SELECT uuid_send(id) AS id, (extract(epoch FROM at) * 1000000)::bigint AS at_us, amount_cents, hash
    FROM transfers WHERE id >= $1 ORDER BY id LIMIT $2";

struct Row {
    day: String,
    transfers: i64,
    sum_cents: i64,
    content: Vec<u8>,
    previous: Vec<u8>,
    sealed_at: DateTime<Utc>,
    public_key: Vec<u8>,
    signature: Vec<u8>,
}

columns!(both Row: day, transfers, sum_cents, content, previous, sealed_at, public_key, signature);

impl Row {
    fn columns(self) -> HeadColumns {
        let Self { day, transfers, sum_cents, content, previous, sealed_at, public_key, signature } = self;
        HeadColumns { day, transfers, sum_cents, content, previous, sealed_at, public_key, signature }
    }
}

impl Store {
    pub(crate) async fn last_head(&self) -> Result<Option<HeadColumns>, StoreError> {
        let row: Option<Row> = sqlx::query_as(LAST).fetch_optional(&self.pool).await?;
        Ok(row.map(Row::columns))
    }

    /// Returns `true` if this call wrote the head; the head of a day is written once.
    pub(crate) async fn add_head(&self, head: &DayHead) -> Result<bool, StoreError> {
        let added = sqlx::query(ADD)
            .bind(head.day.to_string())
            .bind(head.transfers)
            .bind(head.sum_cents)
            .bind(&head.content[..])
            .bind(&head.previous[..])
            .bind(head.sealed_at)
            .bind(&head.public_key[..])
            .bind(&head.signature)
            .execute(&self.pool)
            .await?;
        Ok(added.rows_affected() == 1)
    }
}

impl Snapshot {
    pub(crate) async fn heads(&mut self, after: &str) -> Result<Vec<HeadColumns>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(HEADS).bind(after).bind(PAGE).fetch_all(&mut *self.0).await?;
        Ok(rows.into_iter().map(Row::columns).collect())
    }

    pub(crate) async fn day_transfers(&mut self, after: Option<&[u8]>) -> Result<Vec<DayTransfer>, StoreError> {
        let Some(from) = id_after(after) else { return Ok(Vec::new()) };
        Ok(sqlx::query_as(DAY_TRANSFERS).bind(from).bind(PAGE).fetch_all(&mut *self.0).await?)
    }
}
