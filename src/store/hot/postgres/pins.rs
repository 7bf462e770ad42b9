//! PINs.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Store;
use crate::domain::{AccountKey, PinRecord, Snapshot};
use crate::store::StoreError;
use crate::store::pins::{OF_ACCOUNT, SET, read};

const OF_ACCOUNTS: &str = "SELECT account, id, hash, initial, set_at, given_by FROM pins WHERE account = ANY($1)";

type Row = crate::store::pins::Row<Uuid, DateTime<Utc>>;

/// Their accounts were locked before, and a PIN is changed under that lock.
pub(super) async fn load(
    connection: &mut PgConnection,
    accounts: &[AccountKey],
    snapshot: &mut Snapshot,
) -> Result<(), StoreError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let rows: Vec<Row> = sqlx::query_as(OF_ACCOUNTS).bind(names).fetch_all(connection).await?;
    for row in rows {
        let pin = read(row)?;
        snapshot.pins.insert(pin.account.clone(), pin);
    }
    Ok(())
}

pub(super) async fn write(connection: &mut PgConnection, pins: &[PinRecord]) -> Result<(), StoreError> {
    for pin in pins {
        let set = sqlx::query(SET).bind(pin.account.to_string()).bind(pin.id).bind(&pin.hash);
        set.bind(pin.initial).bind(pin.set_at).bind(&pin.given_by).execute(&mut *connection).await?;
    }
    Ok(())
}

impl Store {
    pub(crate) async fn pin(&self, account: &AccountKey) -> Result<Option<PinRecord>, StoreError> {
        let row: Option<Row> = sqlx::query_as(OF_ACCOUNT).bind(account.to_string()).fetch_optional(&self.pool).await?;
        row.map(read).transpose()
    }
}
