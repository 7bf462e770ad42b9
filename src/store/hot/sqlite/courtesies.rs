//! Phones that write what is not understood: loaded and written in the transaction of a batch.

use std::collections::HashMap;
use std::sync::LazyLock;

use sqlx::SqliteConnection;

use super::Store;
use super::convert::{instant, json, micros};
use super::insert::{Insert, Row};
use crate::domain::{Courtesies, Msisdn, Snapshot};
use crate::store::courtesies::{CourtesyRow, ONE, WITHHELD, WithheldReply, answered, read, times, withheld};
use crate::store::{StoreError, Writes};

const KNOWN: &str = "SELECT phone, answered, text, times, text_at, withheld, withheld_at, version
    FROM courtesies WHERE phone IN (SELECT value FROM json_each($1))";

static WRITE: LazyLock<Insert> = LazyLock::new(|| {
    let head = "INSERT INTO courtesies (phone, answered, text, times, text_at, withheld, withheld_at, version)";
    let unless_changed = "ON CONFLICT (phone) DO UPDATE SET answered = excluded.answered, text = excluded.text,
        times = excluded.times, text_at = excluded.text_at, withheld = excluded.withheld,
        withheld_at = excluded.withheld_at, version = excluded.version
        WHERE courtesies.version = excluded.version - 1";
    Insert::new("courtesies", head, 8, unless_changed)
});
static WRITE_WITHHELD: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new("withheld_replies", "INSERT OR FAIL INTO withheld_replies (message_key, why, at)", 3, "")
});

fn known(row: CourtesyRow<i64>) -> Result<(Msisdn, Courtesies, i64), StoreError> {
    let (phone, answered, text, times, text_at, withheld, withheld_at, version) = row;
    let at = |micros: Option<i64>| micros.map(|micros| instant("courtesies", micros)).transpose();
    read((phone, answered, text, times, at(text_at)?, withheld, at(withheld_at)?, version))
}

/// Adds what is known of these phones; the versions of their rows.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    phones: &[Msisdn],
    snapshot: &mut Snapshot,
) -> Result<HashMap<Msisdn, i64>, StoreError> {
    let mut versions = HashMap::new();
    if phones.is_empty() {
        return Ok(versions);
    }
    let phones: Vec<String> = phones.iter().map(|phone| phone.digits()).collect();
    let rows: Vec<CourtesyRow<i64>> =
        sqlx::query_as(KNOWN).bind(json("courtesies", &phones)?).fetch_all(connection).await?;
    for row in rows {
        let (phone, courtesies, version) = known(row)?;
        versions.insert(phone, version);
        snapshot.courtesies.insert(phone, courtesies);
    }
    Ok(versions)
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    writes: &Writes,
    versions: &HashMap<Msisdn, i64>,
) -> Result<(), StoreError> {
    let version = |phone: &Msisdn| versions.get(phone).copied().unwrap_or(0) + 1;
    let rows: Vec<_> = writes.courtesies.iter().map(|(phone, known)| (*phone, known, version(phone))).collect();
    WRITE.run(connection, &rows, courtesies).await?;
    WRITE_WITHHELD.run(connection, &writes.withheld, reply).await
}

fn courtesies<'q>(row: Row<'q>, (phone, known, version): &(Msisdn, &Courtesies, i64)) -> Row<'q> {
    row.bind(phone.digits())
        .bind(answered(known))
        .bind(known.last.map(|last| last.text.0.to_vec()))
        .bind(times(known))
        .bind(known.last.map(|last| micros(last.at)))
        .bind(withheld(known))
        .bind(known.withheld_at.map(micros))
        .bind(*version)
}

fn reply<'q>(row: Row<'q>, withheld: &WithheldReply) -> Row<'q> {
    row.bind(withheld.message_key.as_str()).bind(withheld.why.as_str()).bind(micros(withheld.at))
}

impl Store {
    pub(crate) async fn courtesies(&self, phone: Msisdn) -> Result<Option<Courtesies>, StoreError> {
        let row: Option<CourtesyRow<i64>> =
            sqlx::query_as(ONE).bind(phone.digits()).fetch_optional(&self.readers).await?;
        row.map(|row| known(row).map(|(_, courtesies, _)| courtesies)).transpose()
    }

    pub(crate) async fn withheld(&self, message_key: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar(WITHHELD).bind(message_key).fetch_optional(&self.readers).await?)
    }
}
