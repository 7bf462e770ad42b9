//! Scratch cards.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Store;
use crate::domain::voucher::{Batch, CodeHash, Serial, State, Use};
use crate::store::StoreError;
use crate::store::vouchers::{
    BATCH, BATCHES, BatchColumns, CARD, COUNTS, EVENT, EVENTS, EventColumns, HASH, NewBatch, OPEN, STEP_BATCH,
    STEP_CARD, STORED, VoucherEvent, batch, event, state_of, used,
};

const KNOWN: &str = "SELECT hash FROM vouchers WHERE hash = ANY($1)";
const ADD: &str = "INSERT INTO vouchers (hash, batch, place)
    SELECT hash, $2, place FROM UNNEST($1::bytea[], $3::bigint[]) AS card (hash, place)";

type CardColumns = (Option<String>, Option<String>, Option<String>, Option<Uuid>, Option<DateTime<Utc>>);

impl Store {
    pub(crate) async fn open_voucher_batch(&self, new: &NewBatch) -> Result<i64, StoreError> {
        let number = sqlx::query_scalar(OPEN)
            .bind(new.amount.cents())
            .bind(i64::from(new.count))
            .bind(new.days.map(i64::from))
            .bind(&new.key)
            .bind(new.expires_at)
            .bind(&new.by)
            .bind(new.at);
        Ok(number.fetch_one(&self.pool).await?)
    }

    pub(crate) async fn known_vouchers(&self, hashes: &[CodeHash]) -> Result<Vec<Vec<u8>>, StoreError> {
        let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
        Ok(sqlx::query_scalar(KNOWN).bind(hashes).fetch_all(&self.pool).await?)
    }

    pub(crate) async fn add_vouchers(&self, batch: u32, first: u32, hashes: &[CodeHash]) -> Result<(), StoreError> {
        let octets: Vec<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
        let places: Vec<i64> = (i64::from(first)..).take(hashes.len()).collect();
        sqlx::query(ADD).bind(octets).bind(i64::from(batch)).bind(places).execute(&self.pool).await?;
        Ok(())
    }

    pub(crate) async fn stored_vouchers(&self, batch: u32) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(STORED).bind(i64::from(batch)).fetch_one(&self.pool).await?)
    }

    pub(crate) async fn voucher_batches(&self) -> Result<Vec<Batch>, StoreError> {
        let rows: Vec<BatchColumns<DateTime<Utc>>> = sqlx::query_as(BATCHES).fetch_all(&self.pool).await?;
        rows.into_iter().map(|row| batch(row, Ok)).collect()
    }

    pub(crate) async fn voucher_batch(&self, number: u32) -> Result<Option<Batch>, StoreError> {
        let row: Option<BatchColumns<DateTime<Utc>>> =
            sqlx::query_as(BATCH).bind(i64::from(number)).fetch_optional(&self.pool).await?;
        row.map(|row| batch(row, Ok)).transpose()
    }

    pub(crate) async fn step_voucher_batch(&self, changed: &Batch, event: &VoucherEvent) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let done = sqlx::query(STEP_BATCH)
            .bind(i64::from(changed.number))
            .bind(changed.version)
            .bind(changed.state.as_str())
            .bind(changed.file.as_ref().map(|file| &file[..]))
            .bind(&changed.proposed_by)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        remember(&mut transaction, changed.number, event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub(crate) async fn voucher(&self, serial: Serial) -> Result<Option<(Option<State>, Option<Use>)>, StoreError> {
        let row: Option<CardColumns> = sqlx::query_as(CARD)
            .bind(i64::from(serial.batch()))
            .bind(i64::from(serial.place()))
            .fetch_optional(&self.pool)
            .await?;
        let Some((own, sender, number, transfer, at)) = row else { return Ok(None) };
        let own = own.map(|own| state_of("vouchers", &own)).transpose()?;
        Ok(Some((own, used(sender, number.as_deref(), transfer, at)?)))
    }

    pub(crate) async fn voucher_hash(&self, serial: Serial) -> Result<Option<Vec<u8>>, StoreError> {
        let (batch, place) = (i64::from(serial.batch()), i64::from(serial.place()));
        Ok(sqlx::query_scalar(HASH).bind(batch).bind(place).fetch_optional(&self.pool).await?)
    }

    pub(crate) async fn step_voucher(
        &self,
        serial: Serial,
        seen: Option<State>,
        event: &VoucherEvent,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let done = sqlx::query(STEP_CARD)
            .bind(i64::from(serial.batch()))
            .bind(i64::from(serial.place()))
            .bind(seen.map_or("", State::as_str))
            .bind(event.to.as_str())
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        remember(&mut transaction, serial.batch(), event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub(crate) async fn voucher_counts(&self) -> Result<Vec<(i64, String, i64)>, StoreError> {
        Ok(sqlx::query_as(COUNTS).fetch_all(&self.pool).await?)
    }

    pub(crate) async fn voucher_events(&self, batch: u32, place: Option<u32>) -> Result<Vec<VoucherEvent>, StoreError> {
        let rows: Vec<EventColumns<DateTime<Utc>>> =
            sqlx::query_as(EVENTS).bind(i64::from(batch)).bind(place.map(i64::from)).fetch_all(&self.pool).await?;
        rows.into_iter().map(event).collect()
    }
}

async fn remember(connection: &mut PgConnection, batch: u32, event: &VoucherEvent) -> Result<(), StoreError> {
    sqlx::query(EVENT)
        .bind(i64::from(batch))
        .bind(Uuid::now_v7())
        .bind(event.place.map(i64::from))
        .bind(event.from.as_str())
        .bind(event.to.as_str())
        .bind(&event.by)
        .bind(&event.note)
        .bind(event.at)
        .execute(connection)
        .await?;
    Ok(())
}
