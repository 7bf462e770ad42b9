//! What clients ordered under their keys.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::convert::sixteen;
use super::{Batch, Store};
use crate::domain::{ContentHash, Fingerprint, Transfer};
use crate::store::orders::{TAKEN_BACK, ids_of};
use crate::store::rows::ContentOf;
use crate::store::staff::{TRANSFERS_OF, TransferRow};
use crate::store::{Answered, StoreError};

const DONE: &str = "SELECT fingerprint, transfer FROM requests WHERE fingerprint = ANY($1)";
const ANSWERED: &str = "SELECT key, content, outcome, reply, received_at FROM inbox WHERE key = ANY($1)";

/// Key, content, ending, reply, and when it came.
type AnsweredRow = (String, Vec<u8>, String, Option<String>, DateTime<Utc>);

impl Batch {
    pub(crate) async fn orders(
        &mut self,
        orders: &[Fingerprint],
    ) -> Result<(Vec<(Fingerprint, Uuid)>, Vec<Transfer>), StoreError> {
        let prints: Vec<&[u8]> = orders.iter().map(|print| &print.0[..]).collect();
        let rows: Vec<(Vec<u8>, Uuid)> = sqlx::query_as(DONE).bind(prints).fetch_all(&mut *self.transaction).await?;
        let row = |(print, transfer): &(Vec<u8>, Uuid)| Ok((Fingerprint(sixteen("requests", print)?), *transfer));
        let done: Vec<(Fingerprint, Uuid)> = rows.iter().map(row).collect::<Result<_, StoreError>>()?;
        let ids: Vec<Uuid> = done.iter().flat_map(|(_, main)| ids_of(*main)).collect();
        let text = TRANSFERS_OF.postgres.as_str();
        let rows: Vec<TransferRow> = sqlx::query_as(text).bind(ids).fetch_all(&mut *self.transaction).await?;
        Ok((done, rows.iter().map(TransferRow::transfer).collect::<Result<_, _>>()?))
    }
}

impl Store {
    pub(crate) async fn answered(&self, keys: &[&str]) -> Result<HashMap<String, Answered>, StoreError> {
        answered(&mut *self.pool.acquire().await?, keys).await
    }

    pub(crate) async fn reversals_of(&self, transfer: Uuid) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(TAKEN_BACK).bind(transfer).fetch_one(&self.pool).await?)
    }
}

/// The messages among these keys that were answered before.
pub(super) async fn answered(
    connection: &mut PgConnection,
    keys: &[&str],
) -> Result<HashMap<String, Answered>, StoreError> {
    let rows: Vec<AnsweredRow> = sqlx::query_as(ANSWERED).bind(keys).fetch_all(connection).await?;
    rows.into_iter()
        .map(|(key, content, outcome, reply, received_at)| {
            let content = ContentHash(sixteen("inbox", &content)?);
            Ok((key, Answered { content, outcome: ContentOf::outcome(&outcome)?, reply, received_at }))
        })
        .collect()
}
