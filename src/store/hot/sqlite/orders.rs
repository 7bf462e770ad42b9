//! What clients ordered under their keys.

use std::collections::HashMap;

use sqlx::SqliteConnection;
use uuid::Uuid;

use super::convert::{id, instant, json, sixteen};
use super::{Batch, Store};
use crate::domain::{ContentHash, Fingerprint, Transfer};
use crate::store::orders::{TAKEN_BACK, ids_of};
use crate::store::rows::ContentOf;
use crate::store::staff::{TRANSFERS_OF, TransferRow};
use crate::store::{Answered, StoreError};

const DONE: &str =
    "SELECT fingerprint, transfer FROM requests WHERE fingerprint IN (SELECT unhex(value) FROM json_each($1))";
const ANSWERED: &str =
    "SELECT i.key, i.content, i.outcome, i.reply, i.received_at FROM json_each(?) AS wanted CROSS JOIN inbox i
    WHERE i.key = wanted.value";

/// Key, content, ending, reply, and when it came.
type AnsweredRow = (String, Vec<u8>, String, Option<String>, i64);

impl Batch {
    pub(crate) async fn orders(
        &mut self,
        orders: &[Fingerprint],
    ) -> Result<(Vec<(Fingerprint, Uuid)>, Vec<Transfer>), StoreError> {
        let prints: Vec<String> = orders.iter().map(|print| hex::encode(print.0)).collect();
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as(DONE).bind(json("requests", &prints)?).fetch_all(&mut *self.transaction).await?;
        let row = |(print, transfer): &(Vec<u8>, Vec<u8>)| {
            Ok((Fingerprint(sixteen("requests", print)?), id("requests", transfer)?))
        };
        let done: Vec<(Fingerprint, Uuid)> = rows.iter().map(row).collect::<Result<_, StoreError>>()?;
        let ids: Vec<String> = done.iter().flat_map(|(_, main)| ids_of(*main)).map(hex::encode).collect();
        let text = TRANSFERS_OF.sqlite.as_str();
        let rows: Vec<TransferRow> =
            sqlx::query_as(text).bind(json("transfers", &ids)?).fetch_all(&mut *self.transaction).await?;
        Ok((done, rows.iter().map(TransferRow::transfer).collect::<Result<_, _>>()?))
    }
}

impl Store {
    pub(crate) async fn answered(&self, keys: &[&str]) -> Result<HashMap<String, Answered>, StoreError> {
        answered(&mut *self.readers.acquire().await?, keys).await
    }

    pub(crate) async fn reversals_of(&self, transfer: Uuid) -> Result<i64, StoreError> {
        let octets = transfer.as_bytes().to_vec();
        Ok(sqlx::query_scalar(TAKEN_BACK).bind(octets).fetch_one(&self.readers).await?)
    }
}

/// The messages among these keys that were answered before.
pub(super) async fn answered(
    connection: &mut SqliteConnection,
    keys: &[&str],
) -> Result<HashMap<String, Answered>, StoreError> {
    let rows: Vec<AnsweredRow> = sqlx::query_as(ANSWERED).bind(json("inbox", keys)?).fetch_all(connection).await?;
    rows.into_iter()
        .map(|(key, content, outcome, reply, received_at)| {
            let content = ContentHash(sixteen("inbox", &content)?);
            let received_at = instant("inbox", received_at)?;
            Ok((key, Answered { content, outcome: ContentOf::outcome(&outcome)?, reply, received_at }))
        })
        .collect()
}
