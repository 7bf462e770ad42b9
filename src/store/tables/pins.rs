//! PINs.

use crate::domain::{AccountKey, LoadedRows, PinRecord};
use crate::store::db::{Connection, Sql, columns, execute, row, rows};
use crate::store::value::Keys;
use crate::store::{Store, StoreError};

/// The PIN of an account is changed under the lock of the account.
const SET: &str = "INSERT INTO pins (account, id, hash, initial, set_at, given_by)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (account) DO UPDATE SET id = excluded.id, hash = excluded.hash, initial = excluded.initial,
        set_at = excluded.set_at, given_by = excluded.given_by";
const OF_ACCOUNT: &str = "SELECT account, id, hash, initial, set_at, given_by FROM pins WHERE account = $1";
const OF_ACCOUNTS: Sql = Sql {
    sqlite: "SELECT account, id, hash, initial, set_at, given_by FROM pins
        WHERE account IN (SELECT value FROM json_each($1))",
    postgres: "SELECT account, id, hash, initial, set_at, given_by FROM pins WHERE account = ANY($1)",
};

columns!(in "pins", PinRecord: account, id, hash, initial, set_at, given_by);

/// Their accounts were locked before, and a PIN is changed under that lock.
pub(in crate::store) async fn load(
    connection: Connection<'_>,
    accounts: &[AccountKey],
    loaded: &mut LoadedRows,
) -> Result<(), StoreError> {
    if accounts.is_empty() {
        return Ok(());
    }
    let names: Keys<String> = accounts.iter().map(ToString::to_string).collect();
    let pins = rows!(connection, PinRecord, OF_ACCOUNTS, [names])?;
    loaded.pins.extend(pins.into_iter().map(|pin| (pin.account.clone(), pin)));
    Ok(())
}

pub(in crate::store) async fn write(mut connection: Connection<'_>, pins: &[PinRecord]) -> Result<(), StoreError> {
    for pin in pins {
        let PinRecord { account, id, hash, initial, set_at, given_by } = pin;
        execute!(connection.again(), SET, [account, *id, hash, *initial, *set_at, given_by])?;
    }
    Ok(())
}

impl Store {
    /// Returns the PIN of an account; `None` if the account has the initial one.
    ///
    /// # Errors
    /// The database fails, or the row cannot be read.
    pub async fn pin(&self, account: &AccountKey) -> Result<Option<PinRecord>, StoreError> {
        row!(self.reader(), PinRecord, OF_ACCOUNT, [account])
    }
}
