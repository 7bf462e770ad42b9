//! Scratch cards and lock-outs in the transaction of a batch. Differs from PostgreSQL's: one JSON text carries all
//! rows, and no row is locked.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::convert::{json, micros};
use crate::domain::LoadedRows;
use crate::domain::voucher::{Lockout, Lookup, Redeemed};
use crate::store::hot::cards::{CardRow, LockoutRow, add_cards, add_lockouts, all_written, senders, wanted};
use crate::store::{StoreError, Writes};

const LOCKOUTS: &str = "SELECT sender, wrong, locks, until, version FROM voucher_lockouts
    WHERE sender IN (SELECT value FROM json_each($1))";
const CARDS: &str = "SELECT v.hash, v.batch, v.place, v.state, v.sender, v.number, v.transfer, v.used_at,
        b.amount_minor, b.days, b.state AS batch_state, b.expires_at
    FROM vouchers v JOIN voucher_batches b ON b.number = v.batch
    WHERE v.hash IN (SELECT unhex(value) FROM json_each($1))";
const USE: &str = "UPDATE vouchers SET state = 'used', sender = used.sender, number = used.number,
        transfer = used.transfer, used_at = used.at
    FROM (SELECT unhex(value ->> 0) AS hash, value ->> 1 AS sender, value ->> 2 AS number,
            unhex(value ->> 3) AS transfer, value ->> 4 AS at FROM json_each($1)) AS used
    WHERE vouchers.hash = used.hash AND vouchers.state IS NULL";
const WRITE_LOCKOUTS: &str = "INSERT INTO voucher_lockouts (sender, wrong, locks, until, version)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($1) WHERE true
    ON CONFLICT (sender) DO UPDATE SET wrong = excluded.wrong, locks = excluded.locks, until = excluded.until,
        version = excluded.version
    WHERE voucher_lockouts.version = excluded.version - 1";

/// Adds the rows of cards and of the senders of their codes. Returns the versions of the senders' rows.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    lookups: &[Lookup],
    loaded: &mut LoadedRows,
) -> Result<HashMap<String, i64>, StoreError> {
    if lookups.is_empty() {
        return Ok(HashMap::new());
    }
    let senders = json("voucher_lockouts", &senders(lookups))?;
    let rows: Vec<LockoutRow> = sqlx::query_as(LOCKOUTS).bind(senders).fetch_all(&mut *connection).await?;
    let versions = add_lockouts(rows, loaded);
    let hashes: Vec<String> = wanted(lookups, &loaded.lockouts).iter().map(|hash| hex::encode(hash.0)).collect();
    let rows: Vec<CardRow> = sqlx::query_as(CARDS).bind(json("vouchers", &hashes)?).fetch_all(&mut *connection).await?;
    add_cards(rows, loaded)?;
    Ok(versions)
}

/// Marks cards as used, if they are unused; and writes lock-outs, if they have the versions that were read.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    writes: &Writes,
    versions: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    if !writes.cards.is_empty() {
        let rows: Vec<_> = writes.cards.iter().map(card).collect();
        let done = sqlx::query(USE).bind(json("vouchers", &rows)?).execute(&mut *connection).await?;
        all_written("vouchers", rows.len(), done.rows_affected())?;
    }
    if !writes.lockouts.is_empty() {
        let version = |sender: &String| versions.get(sender).copied().unwrap_or(0) + 1;
        let row = |(sender, known): &(String, Lockout)| {
            (sender.clone(), known.wrong, known.locks, known.until.map(micros), version(sender))
        };
        let rows: Vec<_> = writes.lockouts.iter().map(row).collect();
        let rows_json = json("voucher_lockouts", &rows)?;
        let done = sqlx::query(WRITE_LOCKOUTS).bind(rows_json).execute(&mut *connection).await?;
        all_written("voucher_lockouts", rows.len(), done.rows_affected())?;
    }
    Ok(())
}

fn card(redeemed: &Redeemed) -> (String, &str, String, String, i64) {
    let used = &redeemed.used;
    let (hash, transfer) = (hex::encode(redeemed.hash.0), hex::encode(used.transfer.as_bytes()));
    (hash, &used.sender, used.number.digits(), transfer, micros(used.at))
}
