//! Scratch cards and lock-outs in the transaction of a batch.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::voucher::{Card, CodeHash, Lockout, Lookup, Serial, State};
use crate::domain::{Amount, LoadedRows, Msisdn};
use crate::store::StoreError;
use crate::store::db::columns;
use crate::store::tables::used;

pub(super) struct CardRow {
    hash: CodeHash,
    batch: u32,
    place: u32,
    state: Option<State>,
    sender: Option<String>,
    number: Option<Msisdn>,
    transfer: Option<Uuid>,
    used_at: Option<DateTime<Utc>>,
    amount_minor: Amount,
    days: Option<u16>,
    batch_state: State,
    expires_at: DateTime<Utc>,
}

columns!(
    in "vouchers", CardRow: hash, batch, place, state, sender, number, transfer, used_at, amount_minor, days, batch_state,
        expires_at
);

impl CardRow {
    fn card(self) -> Result<(CodeHash, Card), StoreError> {
        let Self { batch, place, .. } = self;
        let cannot_be = || StoreError::corrupt("vouchers", format!("card {place} of batch {batch} cannot be"));
        let card = Card {
            serial: Serial::new(batch, place).ok_or_else(cannot_be)?,
            amount: self.amount_minor,
            days: self.days,
            own: self.state,
            batch: self.batch_state,
            expires_at: self.expires_at,
            used: used(self.sender, self.number, self.transfer, self.used_at),
        };
        Ok((self.hash, card))
    }
}

pub(super) struct LockoutRow {
    sender: String,
    wrong: u32,
    locks: u32,
    until: Option<DateTime<Utc>>,
    version: i64,
}

columns!(in "voucher_lockouts", LockoutRow: sender, wrong, locks, until, version);

/// Adds lock-outs to the loaded rows. Returns their versions.
pub(super) fn add_lockouts(rows: Vec<LockoutRow>, loaded: &mut LoadedRows) -> HashMap<String, i64> {
    let mut versions = HashMap::with_capacity(rows.len());
    for LockoutRow { sender, wrong, locks, until, version } in rows {
        versions.insert(sender.clone(), version);
        loaded.lockouts.insert(sender, Lockout { wrong, locks, until });
    }
    versions
}

pub(super) fn add_cards(rows: Vec<CardRow>, loaded: &mut LoadedRows) -> Result<(), StoreError> {
    for row in rows {
        let (hash, card) = row.card()?;
        loaded.cards.insert(hash, card);
    }
    Ok(())
}

/// The senders of these codes without duplicates, in the order of locks.
pub(super) fn senders(lookups: &[Lookup]) -> Vec<&str> {
    let senders: BTreeSet<&str> = lookups.iter().map(|lookup| lookup.sender.as_str()).collect();
    senders.into_iter().collect()
}

/// The hashes to be looked up, without those of a sender who was locked when the message arrived.
pub(super) fn wanted(lookups: &[Lookup], lockouts: &HashMap<String, Lockout>) -> Vec<CodeHash> {
    let listened =
        |lookup: &&Lookup| lockouts.get(&lookup.sender).is_none_or(|known| known.locked(lookup.at).is_none());
    let hashes = lookups.iter().filter(listened).flat_map(|lookup| lookup.hashes.iter().copied());
    hashes.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Fails if fewer rows were written than given, because another transaction has changed one.
pub(super) fn all_written(table: &'static str, given: usize, written: u64) -> Result<(), StoreError> {
    if written == given as u64 { Ok(()) } else { Err(StoreError::Conflict { table }) }
}
