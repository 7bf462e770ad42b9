//! Phones that write what is not understood: loaded and written in the transaction of a batch.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::batch::{Insert, column};
use super::{Batch, Store};
use crate::domain::{Courtesies, Msisdn, Snapshot};
use crate::store::courtesies::{CourtesyRow, ONE, WITHHELD, answered, read, times, withheld};
use crate::store::{StoreError, Writes};

// Locked in one order by all, after everything else.
const KNOWN: &str = "SELECT phone, answered, text, times, text_at, withheld, withheld_at, version
    FROM courtesies WHERE phone = ANY($1) ORDER BY phone FOR NO KEY UPDATE";
const WRITE: &str = "INSERT INTO courtesies (phone, answered, text, times, text_at, withheld, withheld_at, version)
    SELECT * FROM UNNEST($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::timestamptz[], $6::bigint[],
        $7::timestamptz[], $8::bigint[])
    ON CONFLICT (phone) DO UPDATE SET answered = excluded.answered, text = excluded.text, times = excluded.times,
        text_at = excluded.text_at, withheld = excluded.withheld, withheld_at = excluded.withheld_at,
        version = excluded.version
    WHERE courtesies.version = excluded.version - 1";
const WRITE_WITHHELD: &str = "INSERT INTO withheld_replies (message_key, why, at)
    SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::timestamptz[])";

type Row = CourtesyRow<DateTime<Utc>>;

/// Adds what is known of these phones; the versions of their rows.
pub(super) async fn load(
    connection: &mut PgConnection,
    phones: &[Msisdn],
    snapshot: &mut Snapshot,
) -> Result<HashMap<Msisdn, i64>, StoreError> {
    let mut versions = HashMap::new();
    if phones.is_empty() {
        return Ok(versions);
    }
    let phones: Vec<String> = phones.iter().map(|phone| phone.digits()).collect();
    let rows: Vec<Row> = sqlx::query_as(KNOWN).bind(phones).fetch_all(connection).await?;
    for row in rows {
        let (phone, courtesies, version) = read(row)?;
        versions.insert(phone, version);
        snapshot.courtesies.insert(phone, courtesies);
    }
    Ok(versions)
}

impl Batch {
    pub(super) async fn write_courtesies(&mut self, writes: &Writes) -> Result<(), StoreError> {
        let mut known: Vec<&(Msisdn, Courtesies)> = writes.courtesies.iter().collect();
        known.sort_unstable_by_key(|(phone, _)| phone.digits());
        let rows = courtesy_rows(&known, &self.courtesies);
        self.put("courtesies", known.len(), rows).await?;
        let withheld = &writes.withheld;
        let rows = sqlx::query(WRITE_WITHHELD)
            .bind(column(withheld, |reply| reply.message_key.as_str()))
            .bind(column(withheld, |reply| reply.why.as_str()))
            .bind(column(withheld, |reply| reply.at));
        self.put("withheld_replies", withheld.len(), rows).await
    }
}

fn courtesy_rows(known: &[&(Msisdn, Courtesies)], versions: &HashMap<Msisdn, i64>) -> Insert<'static> {
    sqlx::query(WRITE)
        .bind(column(known, |(phone, _)| phone.digits()))
        .bind(column(known, |(_, known)| answered(known)))
        .bind(column(known, |(_, known)| known.last.map(|last| last.text.0.to_vec())))
        .bind(column(known, |(_, known)| times(known)))
        .bind(column(known, |(_, known)| known.last.map(|last| last.at)))
        .bind(column(known, |(_, known)| withheld(known)))
        .bind(column(known, |(_, known)| known.withheld_at))
        .bind(column(known, |(phone, _)| versions.get(phone).copied().unwrap_or(0) + 1))
}

impl Store {
    pub(crate) async fn courtesies(&self, phone: Msisdn) -> Result<Option<Courtesies>, StoreError> {
        let row: Option<Row> = sqlx::query_as(ONE).bind(phone.digits()).fetch_optional(&self.pool).await?;
        row.map(|row| read(row).map(|(_, courtesies, _)| courtesies)).transpose()
    }

    pub(crate) async fn withheld(&self, message_key: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(WITHHELD).bind(message_key).fetch_optional(&self.pool).await?)
    }
}
