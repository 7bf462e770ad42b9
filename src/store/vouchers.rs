//! Scratch cards: batches, cards by their hash or serial, and who wrote wrong codes.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use super::database::{Database, Store};
use crate::domain::voucher::{Batch, Card, CodeHash, Lockout, Lookup, Serial, State, Use};
use crate::domain::{Amount, Msisdn};

// The same text on both databases.
pub(super) const BATCHES: &str = "SELECT number, amount_cents, count, days, key, state, expires_at, generated_by,
        generated_at, file, proposed_by, version FROM voucher_batches ORDER BY number";
pub(super) const BATCH: &str = "SELECT number, amount_cents, count, days, key, state, expires_at, generated_by,
        generated_at, file, proposed_by, version FROM voucher_batches WHERE number = $1";
pub(super) const OPEN: &str = "INSERT INTO voucher_batches (number, amount_cents, count, days, key, state, expires_at,
        generated_by, generated_at, version)
    SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, 'generating', $5, $6, $7, 1 FROM voucher_batches
    RETURNING number";
pub(super) const STEP_BATCH: &str =
    "UPDATE voucher_batches SET state = $3, file = coalesce($4, file), proposed_by = $5,
        version = version + 1
    WHERE number = $1 AND version = $2";
pub(super) const EVENT: &str = "INSERT INTO voucher_events (batch, id, place, state_from, state_to, by, note, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
pub(super) const EVENTS: &str = "SELECT place, state_from, state_to, by, note, at FROM voucher_events
    WHERE batch = $1 AND (place IS NULL OR place = $2) ORDER BY id";
pub(super) const CARD: &str = "SELECT state, sender, number, transfer, used_at FROM vouchers
    WHERE batch = $1 AND place = $2";
pub(super) const HASH: &str = "SELECT hash FROM vouchers WHERE batch = $1 AND place = $2";
pub(super) const STEP_CARD: &str = "UPDATE vouchers SET state = $4
    WHERE batch = $1 AND place = $2 AND coalesce(state, '') = $3 AND transfer IS NULL";
pub(super) const COUNTS: &str =
    "SELECT batch, state, count(*) FROM vouchers WHERE state IS NOT NULL GROUP BY batch, state";
pub(super) const STORED: &str = "SELECT count(*) FROM vouchers WHERE batch = $1";

/// A batch that is about to be generated.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// What each card is worth.
    pub amount: Amount,
    /// How many cards.
    pub count: u32,
    /// Days of validity; without them those of the tier of the amount.
    pub days: Option<u16>,
    /// The key that its codes are hashed with.
    pub key: String,
    /// From when on its cards are worth nothing.
    pub expires_at: DateTime<Utc>,
    /// Who has it generated.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// One step of a batch, or of one of its cards: who, why, when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherEvent {
    /// The card within the batch; `None` for the batch.
    pub place: Option<u32>,
    /// Where it stood.
    pub from: State,
    /// Where it stands; the same where a step was proposed only.
    pub to: State,
    /// Who did it.
    pub by: String,
    /// Why.
    pub note: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A card by its serial.
#[derive(Debug, Clone)]
pub struct VoucherFound {
    /// Its batch.
    pub batch: Batch,
    /// Its own state, where it has one.
    pub own: Option<State>,
    /// How it was used, where it was.
    pub used: Option<Use>,
}

impl VoucherFound {
    /// As a decision sees it.
    pub fn card(&self, serial: Serial) -> Card {
        Card {
            serial,
            amount: self.batch.amount,
            days: self.batch.days,
            own: self.own,
            batch: self.batch.state,
            expires_at: self.batch.expires_at,
            used: self.used.clone(),
        }
    }
}

/// How many cards of a batch have a state of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoucherCount {
    /// The batch.
    pub batch: u32,
    /// The state.
    pub state: State,
    /// How many.
    pub count: i64,
}

/// The same call on whichever it is.
macro_rules! on {
    ($self:ident, $store:ident => $call:expr) => {
        match &$self.database {
            Database::Sqlite($store) => $call,
            Database::Postgres($store) => $call,
        }
    };
}

impl Store {
    /// Makes room for a batch that is being generated; its number, one more than the last.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where another was faster; or the database fails.
    pub async fn open_voucher_batch(&self, new: &NewBatch) -> Result<u32, StoreError> {
        let number: i64 = on!(self, store => store.open_voucher_batch(new).await)?;
        small("voucher_batches", number)
    }

    /// Those of these hashes that are a card's already.
    ///
    /// # Errors
    /// The database fails.
    pub async fn known_vouchers(&self, hashes: &[CodeHash]) -> Result<HashSet<CodeHash>, StoreError> {
        let rows: Vec<Vec<u8>> = on!(self, store => store.known_vouchers(hashes).await)?;
        rows.iter().map(|row| Ok(CodeHash(hash(row)?))).collect()
    }

    /// Stores cards of a batch, the first at this place. All of them, or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where one is there already; or the database fails.
    pub async fn add_vouchers(&self, batch: u32, first: u32, hashes: &[CodeHash]) -> Result<(), StoreError> {
        on!(self, store => store.add_vouchers(batch, first, hashes).await)
    }

    /// How many cards of a batch are stored.
    ///
    /// # Errors
    /// The database fails.
    pub async fn stored_vouchers(&self, batch: u32) -> Result<i64, StoreError> {
        on!(self, store => store.stored_vouchers(batch).await)
    }

    /// All batches, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_batches(&self) -> Result<Vec<Batch>, StoreError> {
        on!(self, store => store.voucher_batches().await)
    }

    /// A batch.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_batch(&self, number: u32) -> Result<Option<Batch>, StoreError> {
        on!(self, store => store.voucher_batch(number).await)
    }

    /// Writes a batch as it is to be, over the version that was seen, with what is remembered of the step. Whether it was
    /// still that version.
    ///
    /// # Errors
    /// The database fails.
    pub async fn step_voucher_batch(&self, changed: &Batch, event: &VoucherEvent) -> Result<bool, StoreError> {
        on!(self, store => store.step_voucher_batch(changed, event).await)
    }

    /// A card with its batch.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher(&self, serial: Serial) -> Result<Option<VoucherFound>, StoreError> {
        let Some(batch) = self.voucher_batch(serial.batch()).await? else { return Ok(None) };
        let found = on!(self, store => store.voucher(serial).await)?;
        Ok(found.map(|(own, used)| VoucherFound { batch, own, used }))
    }

    /// What a card is stored as, by its serial.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_hash(&self, serial: Serial) -> Result<Option<CodeHash>, StoreError> {
        let found: Option<Vec<u8>> = on!(self, store => store.voucher_hash(serial).await)?;
        found.map(|octets| Ok(CodeHash(hash(&octets)?))).transpose()
    }

    /// Gives a card this state of its own, over the one that was seen, with what is remembered of the step. Whether it
    /// was still so.
    ///
    /// # Errors
    /// The database fails.
    pub async fn step_voucher(
        &self,
        serial: Serial,
        seen: Option<State>,
        event: &VoucherEvent,
    ) -> Result<bool, StoreError> {
        on!(self, store => store.step_voucher(serial, seen, event).await)
    }

    /// The cards that have a state of their own, counted.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_counts(&self) -> Result<Vec<VoucherCount>, StoreError> {
        let rows: Vec<(i64, String, i64)> = on!(self, store => store.voucher_counts().await)?;
        let count = |(batch, state, count): (i64, String, i64)| {
            Ok(VoucherCount { batch: small("vouchers", batch)?, state: state_of("vouchers", &state)?, count })
        };
        rows.into_iter().map(count).collect()
    }

    /// The steps of a batch, and those of one of its cards, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_events(&self, batch: u32, place: Option<u32>) -> Result<Vec<VoucherEvent>, StoreError> {
        on!(self, store => store.voucher_events(batch, place).await)
    }
}

/// A number of cards or batches, which is never large.
pub(super) fn small(table: &'static str, number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::corrupt(table, format!("{number} is no number of a card or batch")))
}

pub(super) fn hash(octets: &[u8]) -> Result<[u8; 32], StoreError> {
    octets.try_into().map_err(|_| StoreError::corrupt("vouchers", format!("a hash of {} octets", octets.len())))
}

pub(super) fn state_of(table: &'static str, text: &str) -> Result<State, StoreError> {
    text.parse().map_err(|problem: String| StoreError::corrupt(table, problem))
}

/// The columns of a batch, in order of the statements.
#[rustfmt::skip]
pub(super) type BatchColumns<At> =
    (i64, i64, i64, Option<i64>, String, String, At, String, At, Option<Vec<u8>>, Option<String>, i64);

/// A batch from its columns.
pub(super) fn batch<At>(
    columns: BatchColumns<At>,
    instant: impl Fn(At) -> Result<DateTime<Utc>, StoreError>,
) -> Result<Batch, StoreError> {
    let table = "voucher_batches";
    let (number, cents, count, days, key, state, expires_at, generated_by, generated_at, file, proposed_by, version) =
        columns;
    let days = days.map(|days| u16::try_from(days).map_err(|_| StoreError::corrupt(table, format!("{days} days"))));
    Ok(Batch {
        number: small(table, number)?,
        amount: Amount::from_cents(cents).map_err(|error| StoreError::corrupt(table, error.to_string()))?,
        count: small(table, count)?,
        days: days.transpose()?,
        key,
        state: state_of(table, &state)?,
        expires_at: instant(expires_at)?,
        generated_by,
        generated_at: instant(generated_at)?,
        file: file.map(|octets| hash(&octets)).transpose()?,
        proposed_by,
        version,
    })
}

/// How a card was used, where it was.
pub(super) fn used(
    sender: Option<String>,
    number: Option<&str>,
    transfer: Option<Uuid>,
    at: Option<DateTime<Utc>>,
) -> Result<Option<Use>, StoreError> {
    let (Some(sender), Some(number), Some(transfer), Some(at)) = (sender, number, transfer, at) else {
        return Ok(None);
    };
    let number: Msisdn = number.parse().map_err(|error| StoreError::corrupt("vouchers", format!("{error}")))?;
    Ok(Some(Use { sender, number, transfer, at }))
}

/// A card that a batch of messages looks at, from its columns but those of its use.
pub(super) fn found(
    (batch, place, own): (i64, i64, Option<String>),
    (cents, days, state): (i64, Option<i64>, String),
    expires_at: DateTime<Utc>,
    used: Option<Use>,
) -> Result<Card, StoreError> {
    let table = "vouchers";
    let corrupt = |problem: String| StoreError::corrupt(table, problem);
    let serial = Serial::new(small(table, batch)?, small(table, place)?);
    let days = days.map(|days| u16::try_from(days).map_err(|_| corrupt(format!("{days} days"))));
    Ok(Card {
        serial: serial.ok_or_else(|| corrupt(format!("card {place} of batch {batch} cannot be")))?,
        amount: Amount::from_cents(cents).map_err(|error| corrupt(error.to_string()))?,
        days: days.transpose()?,
        own: own.map(|own| state_of(table, &own)).transpose()?,
        batch: state_of(table, &state)?,
        expires_at,
        used,
    })
}

/// The columns of a lockout, in order of the statement.
pub(super) type LockoutColumns<At> = (String, i64, i64, Option<At>, i64);

/// The hashes that are looked up: none of a sender who was locked when the message came.
pub(super) fn wanted(lookups: &[Lookup], lockouts: &HashMap<String, Lockout>) -> Vec<CodeHash> {
    let listened =
        |lookup: &&Lookup| lockouts.get(&lookup.sender).is_none_or(|known| known.locked(lookup.at).is_none());
    let hashes = lookups.iter().filter(listened).flat_map(|lookup| lookup.hashes.iter().copied());
    hashes.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Fewer rows than were given: one of them is not as this batch saw it.
pub(super) fn all_written(table: &'static str, given: usize, written: u64) -> Result<(), StoreError> {
    if written == given as u64 { Ok(()) } else { Err(StoreError::Conflict { table }) }
}

/// The columns of a step, in order of the statement.
pub(super) type EventColumns<At> = (Option<i64>, String, String, String, String, At);

/// A step from its columns.
pub(super) fn event(columns: EventColumns<DateTime<Utc>>) -> Result<VoucherEvent, StoreError> {
    let table = "voucher_events";
    let (place, from, to, by, note, at) = columns;
    let place = place.map(|place| small(table, place)).transpose()?;
    Ok(VoucherEvent { place, from: state_of(table, &from)?, to: state_of(table, &to)?, by, note, at })
}
