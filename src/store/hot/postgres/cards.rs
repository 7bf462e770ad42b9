//! Scratch cards and lock-outs within the processor's transaction.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::batch::column;
use crate::domain::Snapshot;
use crate::domain::voucher::{CodeHash, Lockout, Lookup};
use crate::store::columns::columns;
use crate::store::vouchers::{LockoutColumns, all_written, found, hash, small, used, wanted};
use crate::store::{StoreError, Writes};

// Locked in one order by all: senders, then cards, each sorted; accounts were locked before.
const LOCKOUTS: &str = "SELECT sender, wrong, locks, until, version FROM voucher_lockouts WHERE sender = ANY($1)
    ORDER BY sender FOR NO KEY UPDATE";
const CARDS: &str = "SELECT v.hash, v.batch, v.place, v.state, v.sender, v.number, v.transfer, v.used_at,
        b.amount_cents, b.days, b.state AS batch_state, b.expires_at
    FROM vouchers v JOIN voucher_batches b ON b.number = v.batch
    WHERE v.hash = ANY($1) ORDER BY v.hash FOR NO KEY UPDATE OF v";
const USE: &str = "UPDATE vouchers SET state = 'used', sender = used.sender, number = used.number,
        transfer = used.transfer, used_at = used.at
    FROM UNNEST($1::bytea[], $2::text[], $3::text[], $4::uuid[], $5::timestamptz[])
        AS used (hash, sender, number, transfer, at)
    WHERE vouchers.hash = used.hash AND vouchers.state IS NULL";
const WRITE_LOCKOUTS: &str = "INSERT INTO voucher_lockouts (sender, wrong, locks, until, version)
    SELECT * FROM UNNEST($1::text[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::bigint[])
    ON CONFLICT (sender) DO UPDATE SET wrong = excluded.wrong, locks = excluded.locks, until = excluded.until,
        version = excluded.version
    WHERE voucher_lockouts.version = excluded.version - 1";

struct Row {
    hash: Vec<u8>,
    batch: i64,
    place: i64,
    state: Option<String>,
    sender: Option<String>,
    number: Option<String>,
    transfer: Option<Uuid>,
    used_at: Option<DateTime<Utc>>,
    amount_cents: i64,
    days: Option<i64>,
    batch_state: String,
    expires_at: DateTime<Utc>,
}

columns!(
    postgres Row: hash, batch, place, state, sender, number, transfer, used_at, amount_cents, days, batch_state,
        expires_at
);

/// Adds what is known of cards and of who writes their codes; the versions of the latter.
pub(super) async fn load(
    connection: &mut PgConnection,
    lookups: &[Lookup],
    snapshot: &mut Snapshot,
) -> Result<HashMap<String, i64>, StoreError> {
    let mut versions = HashMap::new();
    if lookups.is_empty() {
        return Ok(versions);
    }
    let senders: BTreeSet<&str> = lookups.iter().map(|lookup| lookup.sender.as_str()).collect();
    let senders: Vec<&str> = senders.into_iter().collect();
    let rows: Vec<LockoutColumns<DateTime<Utc>>> =
        sqlx::query_as(LOCKOUTS).bind(senders).fetch_all(&mut *connection).await?;
    for (sender, wrong, locks, until, version) in rows {
        let table = "voucher_lockouts";
        let lockout = Lockout { wrong: small(table, wrong)?, locks: small(table, locks)?, until };
        versions.insert(sender.clone(), version);
        snapshot.lockouts.insert(sender, lockout);
    }
    let hashes = wanted(lookups, &snapshot.lockouts);
    let hashes: Vec<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
    let rows: Vec<Row> = sqlx::query_as(CARDS).bind(hashes).fetch_all(&mut *connection).await?;
    for row in rows {
        let used = used(row.sender, row.number.as_deref(), row.transfer, row.used_at)?;
        let batch = (row.amount_cents, row.days, row.batch_state);
        let card = found((row.batch, row.place, row.state), batch, row.expires_at, used)?;
        snapshot.cards.insert(CodeHash(hash(&row.hash)?), card);
    }
    Ok(versions)
}

/// Uses cards up, each only where nobody has; and writes lock-outs over the versions that were seen.
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
