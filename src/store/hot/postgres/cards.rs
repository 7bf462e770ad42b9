//! Scratch cards and lock-outs in the transaction of a batch. Differs from SQLite's: rows are locked in one order, and
//! one array per column carries them all.

use std::collections::HashMap;

use sqlx::PgConnection;

use super::column;
use crate::domain::LoadedRows;
use crate::domain::voucher::Lookup;
use crate::store::hot::cards::{CardRow, LockoutRow, add_cards, add_lockouts, all_written, senders, wanted};
use crate::store::{StoreError, Writes};

// The order of locks is: accounts (before), senders, cards, each sorted by key.
const LOCKOUTS: &str = "SELECT sender, wrong, locks, until, version FROM voucher_lockouts WHERE sender = ANY($1)
    ORDER BY sender FOR NO KEY UPDATE";
const CARDS: &str = "SELECT v.hash, v.batch, v.place, v.state, v.sender, v.number, v.transfer, v.used_at,
        b.amount_minor, b.days, b.state AS batch_state, b.expires_at
    FROM vouchers v JOIN voucher_batches b ON b.number = v.batch
    WHERE v.hash = ANY($1) ORDER BY v.hash FOR NO KEY UPDATE OF v";
const USE: &str = "UPDATE vouchers SET state = 'used', sender = used.sender, number = used.number,
        transfer = used.transfer, used_at = used.at
    FROM UNNEST($1::bytea[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[])
        AS used (hash, sender, number, transfer, at)
    WHERE vouchers.hash = ANY(ARRAY[used.hash]) AND vouchers.state IS NULL";
const WRITE_LOCKOUTS: &str = "INSERT INTO voucher_lockouts (sender, wrong, locks, until, version)
    SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::bigint[])
    ON CONFLICT (sender) DO UPDATE SET wrong = excluded.wrong, locks = excluded.locks, until = excluded.until,
        version = excluded.version
    WHERE voucher_lockouts.version = excluded.version - 1";

/// Adds the rows of cards and of the senders of their codes. Returns the versions of the senders' rows.
pub(super) async fn load(
    connection: &mut PgConnection,
    lookups: &[Lookup],
    loaded: &mut LoadedRows,
) -> Result<HashMap<String, i64>, StoreError> {
    if lookups.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<LockoutRow> = sqlx::query_as(LOCKOUTS).bind(senders(lookups)).fetch_all(&mut *connection).await?;
    let versions = add_lockouts(rows, loaded);
    let hashes = wanted(lookups, &loaded.lockouts);
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
    let rows: Vec<CardRow> = sqlx::query_as(CARDS).bind(hashes).fetch_all(&mut *connection).await?;
    add_cards(rows, loaded)?;
    Ok(versions)
}

/// Marks cards as used, if they are unused; and writes lock-outs, if they have the versions that were read.
pub(super) async fn write(
    connection: &mut PgConnection,
    writes: &Writes,
    versions: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    let cards = &writes.cards;
    if !cards.is_empty() {
        let done = sqlx::query(USE)
            .bind(column(cards, |card| &card.hash.0[..]))
            .bind(column(cards, |card| card.used.sender.as_str()))
            .bind(column(cards, |card| card.used.number.digits()))
            .bind(column(cards, |card| card.used.transfer))
            .bind(column(cards, |card| card.used.at))
            .execute(&mut *connection)
            .await?;
        all_written("vouchers", cards.len(), done.rows_affected())?;
    }
    let lockouts = &writes.lockouts;
    if !lockouts.is_empty() {
        let done = sqlx::query(WRITE_LOCKOUTS)
            .bind(column(lockouts, |(sender, _)| sender.as_str()))
            .bind(column(lockouts, |(_, known)| i64::from(known.wrong)))
            .bind(column(lockouts, |(_, known)| i64::from(known.locks)))
            .bind(column(lockouts, |(_, known)| known.until))
            .bind(column(lockouts, |(sender, _)| versions.get(sender).copied().unwrap_or(0) + 1))
            .execute(&mut *connection)
            .await?;
        all_written("voucher_lockouts", lockouts.len(), done.rows_affected())?;
    }
    Ok(())
}
