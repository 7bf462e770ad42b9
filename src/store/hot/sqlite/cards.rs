//! Scratch cards and lock-outs within the processor's transaction.

use std::collections::{BTreeSet, HashMap};

use sqlx::SqliteConnection;

use super::convert::{id, instant, json, micros};
use crate::domain::Snapshot;
use crate::domain::voucher::{CodeHash, Lockout, Lookup, Redeemed};
use crate::store::columns::columns;
use crate::store::vouchers::{LockoutColumns, all_written, found, hash, small, used, wanted};
use crate::store::{StoreError, Writes};

const LOCKOUTS: &str = "SELECT sender, wrong, locks, until, version FROM voucher_lockouts
    WHERE sender IN (SELECT value FROM json_each($1))";
const CARDS: &str = "SELECT v.hash, v.batch, v.place, v.state, v.sender, v.number, v.transfer, v.used_at,
        b.amount_cents, b.days, b.state AS batch_state, b.expires_at
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

struct Row {
    hash: Vec<u8>,
    batch: i64,
    place: i64,
    state: Option<String>,
    sender: Option<String>,
    number: Option<String>,
    transfer: Option<Vec<u8>>,
    used_at: Option<i64>,
    amount_cents: i64,
    days: Option<i64>,
    batch_state: String,
    expires_at: i64,
}

columns!(
    sqlite Row: hash, batch, place, state, sender, number, transfer, used_at, amount_cents, days, batch_state,
        expires_at
);

/// Adds what is known of cards and of who writes their codes; the versions of the latter.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    lookups: &[Lookup],
    snapshot: &mut Snapshot,
) -> Result<HashMap<String, i64>, StoreError> {
    let mut versions = HashMap::new();
    if lookups.is_empty() {
        return Ok(versions);
    }
    let senders: BTreeSet<&str> = lookups.iter().map(|lookup| lookup.sender.as_str()).collect();
    let senders = json("voucher_lockouts", &senders.into_iter().collect::<Vec<_>>())?;
    let rows: Vec<LockoutColumns<i64>> = sqlx::query_as(LOCKOUTS).bind(senders).fetch_all(&mut *connection).await?;
    for (sender, wrong, locks, until, version) in rows {
        let table = "voucher_lockouts";
        let until = until.map(|until| instant(table, until)).transpose()?;
        let lockout = Lockout { wrong: small(table, wrong)?, locks: small(table, locks)?, until };
        versions.insert(sender.clone(), version);
        snapshot.lockouts.insert(sender, lockout);
    }
    let hashes: Vec<String> = wanted(lookups, &snapshot.lockouts).iter().map(|hash| hex::encode(hash.0)).collect();
    let rows: Vec<Row> = sqlx::query_as(CARDS).bind(json("vouchers", &hashes)?).fetch_all(&mut *connection).await?;
    for row in rows {
        let transfer = row.transfer.map(|transfer| id("vouchers", &transfer)).transpose()?;
        let at = row.used_at.map(|at| instant("vouchers", at)).transpose()?;
        let used = used(row.sender, row.number.as_deref(), transfer, at)?;
        let expires_at = instant("voucher_batches", row.expires_at)?;
        let batch = (row.amount_cents, row.days, row.batch_state);
        let card = found((row.batch, row.place, row.state), batch, expires_at, used)?;
        snapshot.cards.insert(CodeHash(hash(&row.hash)?), card);
    }
    Ok(versions)
}

/// Uses cards up, each only where nobody has; and writes lock-outs over the versions that were seen.
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
