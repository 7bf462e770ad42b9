//! PINs.

use sqlx::SqliteConnection;

use super::Store;
use super::convert::{id, instant, json, micros, octets};
use crate::domain::{AccountKey, PinRecord, Snapshot};
use crate::store::StoreError;
use crate::store::pins::{OF_ACCOUNT, Row, SET, read};

const OF_ACCOUNTS: &str = "SELECT account, id, hash, initial, set_at, given_by FROM pins
    WHERE account IN (SELECT value FROM json_each($1))";

fn record(row: Row<Vec<u8>, i64>) -> Result<PinRecord, StoreError> {
    let (account, octets, hash, initial, set_at, by) = row;
    read((account, id("pins", &octets)?, hash, initial, instant("pins", set_at)?, by))
}

pub(super) async fn load(
    connection: &mut SqliteConnection,
    accounts: &[AccountKey],
    snapshot: &mut Snapshot,
) -> Result<(), StoreError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let rows: Vec<Row<Vec<u8>, i64>> =
        sqlx::query_as(OF_ACCOUNTS).bind(json("pins", &names)?).fetch_all(connection).await?;
    for row in rows {
        let pin = record(row)?;
        snapshot.pins.insert(pin.account.clone(), pin);
    }
    Ok(())
}

pub(super) async fn write(connection: &mut SqliteConnection, pins: &[PinRecord]) -> Result<(), StoreError> {
    for pin in pins {
        let set = sqlx::query(SET).bind(pin.account.to_string()).bind(octets(pin.id)).bind(&pin.hash);
        set.bind(pin.initial).bind(micros(pin.set_at)).bind(&pin.given_by).execute(&mut *connection).await?;
    }
    Ok(())
}

impl Store {
    pub(crate) async fn pin(&self, account: &AccountKey) -> Result<Option<PinRecord>, StoreError> {
        let row: Option<Row<Vec<u8>, i64>> =
            sqlx::query_as(OF_ACCOUNT).bind(account.to_string()).fetch_optional(&self.readers).await?;
        row.map(record).transpose()
    }
}
