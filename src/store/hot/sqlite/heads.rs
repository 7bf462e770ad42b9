//! Heads of sealed days.

use super::convert::{instant, micros};
use super::{Snapshot, Store};
use crate::store::StoreError;
use crate::store::audit::PAGE;
use crate::store::db::columns;
use crate::store::heads::{ADD, DayHead, DayTransfer, HEADS, HeadColumns, LAST};

const DAY_TRANSFERS: &str =
    "SELECT id, at AS at_us, amount_cents, hash FROM transfers WHERE id >= $1 ORDER BY id LIMIT $2";

struct Row {
    day: String,
    transfers: i64,
    sum_cents: i64,
    content: Vec<u8>,
    previous: Vec<u8>,
    sealed_at: i64,
    public_key: Vec<u8>,
    signature: Vec<u8>,
}

columns!(both Row: day, transfers, sum_cents, content, previous, sealed_at, public_key, signature);

impl Row {
    fn columns(self) -> Result<HeadColumns, StoreError> {
        let Self { day, transfers, sum_cents, content, previous, sealed_at, public_key, signature } = self;
        let sealed_at = instant("day_heads", sealed_at)?;
        Ok(HeadColumns { day, transfers, sum_cents, content, previous, sealed_at, public_key, signature })
    }
}

impl Store {
    pub(crate) async fn last_head(&self) -> Result<Option<HeadColumns>, StoreError> {
        let row: Option<Row> = sqlx::query_as(LAST).fetch_optional(&self.readers).await?;
        row.map(Row::columns).transpose()
    }

    /// Returns `true` if this call wrote the head; the head of a day is written once.
    pub(crate) async fn add_head(&self, head: &DayHead) -> Result<bool, StoreError> {
        let added = sqlx::query(ADD)
            .bind(head.day.to_string())
            .bind(head.transfers)
            .bind(head.sum_cents)
            .bind(&head.content[..])
            .bind(&head.previous[..])
            .bind(micros(head.sealed_at))
            .bind(&head.public_key[..])
            .bind(&head.signature)
            .execute(&self.writer)
            .await?;
        Ok(added.rows_affected() == 1)
    }
}

impl Snapshot {
    pub(crate) async fn heads(&mut self, after: &str) -> Result<Vec<HeadColumns>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(HEADS).bind(after).bind(PAGE).fetch_all(&mut *self.0).await?;
        rows.into_iter().map(Row::columns).collect()
    }

    pub(crate) async fn day_transfers(&mut self, after: Option<&[u8]>) -> Result<Vec<DayTransfer>, StoreError> {
        // The smallest octets after those of the last one.
        let from: Vec<u8> = after.map(|id| [id, &[0]].concat()).unwrap_or_default();
        Ok(sqlx::query_as(DAY_TRANSFERS).bind(from).bind(PAGE).fetch_all(&mut *self.0).await?)
    }
}
