//! Scratch cards: batches, and cards by hash or serial.

use std::collections::HashSet;
use std::convert::identity;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::voucher::{Card, CardBatch, CodeHash, Serial, State, Use};
use crate::domain::{Amount, Msisdn};
use crate::store::db::{Connection, InsertInto, Sql, columns, execute, insert, one, row, rows};
use crate::store::value::{self, Keys};
use crate::store::{Store, StoreError};

const BATCHES: &str = "SELECT number, amount_minor, count, days, key, state, expires_at, generated_by,
        generated_at, file, proposed_by, version FROM voucher_batches ORDER BY number";
const BATCH: &str = "SELECT number, amount_minor, count, days, key, state, expires_at, generated_by,
        generated_at, file, proposed_by, version FROM voucher_batches WHERE number = $1";
const OPEN: &str = "INSERT INTO voucher_batches (number, amount_minor, count, days, key, state, expires_at,
        generated_by, generated_at, version)
    SELECT coalesce(max(number), 0) + 1, $1, $2, $3, $4, 'generating', $5, $6, $7, 1 FROM voucher_batches
    RETURNING number";
const STEP_BATCH: &str = "UPDATE voucher_batches SET state = $3, file = coalesce($4, file), proposed_by = $5,
        version = version + 1
    WHERE number = $1 AND version = $2";
const EVENT: &str = "INSERT INTO voucher_events (batch, id, place, state_from, state_to, by, note, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const EVENTS: &str = "SELECT place, state_from, state_to, by, note, at FROM voucher_events
    WHERE batch = $1 AND (place IS NULL OR place = $2) ORDER BY id";
const CARD: &str = "SELECT state, sender, number, transfer, used_at FROM vouchers
    WHERE batch = $1 AND place = $2";
const HASH: &str = "SELECT hash FROM vouchers WHERE batch = $1 AND place = $2";
const STEP_CARD: &str = "UPDATE vouchers SET state = $4
    WHERE batch = $1 AND place = $2 AND coalesce(state, '') = $3 AND transfer IS NULL";
const COUNTS: &str =
    "SELECT batch, state, count(*) AS count FROM vouchers WHERE state IS NOT NULL GROUP BY batch, state";
const STORED: &str = "SELECT count(*) FROM vouchers WHERE batch = $1";
const KNOWN: Sql = Sql {
    sqlite: "SELECT hash FROM vouchers WHERE hash IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT hash FROM vouchers WHERE hash = ANY($1)",
};

static ADD: LazyLock<InsertInto> = LazyLock::new(|| InsertInto::table("vouchers", "hash, batch, place", ""));

/// A batch that is to be generated.
#[derive(Debug, Clone)]
pub struct NewBatch {
    /// Value of each card.
    pub amount: Amount,
    /// Number of cards.
    pub count: u32,
    /// Days of validity; `None` for those of the tier of the amount.
    pub days: Option<u16>,
    /// Key that its codes are hashed with.
    pub key: String,
    /// Time from which its cards have no value.
    pub expires_at: DateTime<Utc>,
    /// The member of staff who has it generated.
    pub by: String,
    pub at: DateTime<Utc>,
}

/// One step of a batch or of one of its cards, with person, reason and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherEvent {
    /// The card within the batch; `None` for the batch.
    pub place: Option<u32>,
    pub from: State,
    /// State after the step; the same as before if the step was only proposed.
    pub to: State,
    pub by: String,
    pub note: String,
    pub at: DateTime<Utc>,
}

columns!(in "voucher_events", VoucherEvent: place, note, by, at; from = identity(state_from), to = identity(state_to));

columns!(
    in "voucher_batches", CardBatch: number, count, days, key, state, expires_at, generated_by, generated_at, file,
        proposed_by, version; amount = identity(amount_minor)
);

/// A card without its batch.
struct Row {
    state: Option<State>,
    sender: Option<String>,
    number: Option<Msisdn>,
    transfer: Option<Uuid>,
    used_at: Option<DateTime<Utc>>,
}

columns!(in "vouchers", Row: state, sender, number, transfer, used_at);

/// A card by its serial.
#[derive(Debug, Clone)]
pub struct VoucherFound {
    pub batch: CardBatch,
    /// State of the card itself; `None` if it has that of its batch.
    pub own: Option<State>,
    /// The redemption; `None` if the card is unused.
    pub used: Option<Use>,
}

impl VoucherFound {
    /// The card as a decision sees it.
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

/// The redemption of a card; `None` if it is unused.
pub(in crate::store) fn used(
    sender: Option<String>,
    number: Option<Msisdn>,
    transfer: Option<Uuid>,
    at: Option<DateTime<Utc>>,
) -> Option<Use> {
    Some(Use { sender: sender?, number: number?, transfer: transfer?, at: at? })
}

/// Number of the cards of a batch with this state of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VoucherCount {
    pub batch: u32,
    pub state: State,
    pub count: i64,
}

columns!(in "vouchers", VoucherCount: batch, state, count);

impl Store {
    /// Inserts a batch that is being generated. Returns its number, which is one more than the last.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if another transaction was faster; or the database fails.
    pub async fn open_voucher_batch(&self, new: &NewBatch) -> Result<u32, StoreError> {
        let NewBatch { amount, count, days, key, expires_at, by, at } = new;
        let (number,) = one!(self.writer(), (i64,), OPEN, [*amount, *count, *days, key, *expires_at, by, *at])?;
        value::read("voucher_batches", number)
    }

    /// Returns those of these hashes that belong to a card.
    ///
    /// # Errors
    /// The database fails.
    pub async fn known_vouchers(&self, hashes: &[CodeHash]) -> Result<HashSet<CodeHash>, StoreError> {
        let hashes: Keys<&[u8]> = hashes.iter().map(|hash| &hash.0[..]).collect();
        let known = rows!(self.reader(), (Vec<u8>,), KNOWN, [hashes])?;
        known.into_iter().map(|(hash,)| value::read("vouchers", hash)).collect()
    }

    /// Stores cards of a batch, beginning at this position. Stores all or none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if one exists; or the database fails.
    pub async fn add_vouchers(&self, batch: u32, first: u32, hashes: &[CodeHash]) -> Result<(), StoreError> {
        let cards: Vec<(&CodeHash, u32, u32)> =
            hashes.iter().zip(first..).map(|(hash, place)| (hash, batch, place)).collect();
        let mut transaction = self.transaction().await?;
        insert!(transaction.connection(), ADD, &cards, card => [card.0, card.1, card.2])?;
        transaction.commit().await
    }

    /// Counts the stored cards of a batch.
    ///
    /// # Errors
    /// The database fails.
    pub async fn stored_vouchers(&self, batch: u32) -> Result<i64, StoreError> {
        one!(self.writer(), (i64,), STORED, [batch]).map(|(count,)| count)
    }

    /// Returns all batches, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_batches(&self) -> Result<Vec<CardBatch>, StoreError> {
        rows!(self.reader(), CardBatch, BATCHES, [])
    }

    /// Returns a batch.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_batch(&self, number: u32) -> Result<Option<CardBatch>, StoreError> {
        row!(self.reader(), CardBatch, BATCH, [number])
    }

    /// Updates a batch and records the step, if the batch still has the version that was read. Returns `false` if it
    /// does not.
    ///
    /// # Errors
    /// The database fails.
    pub async fn step_voucher_batch(&self, changed: &CardBatch, event: &VoucherEvent) -> Result<bool, StoreError> {
        let CardBatch { number, version, state, file, proposed_by, .. } = changed;
        let mut transaction = self.transaction().await?;
        let file = file.as_ref();
        if execute!(transaction.connection(), STEP_BATCH, [*number, *version, *state, file, proposed_by])? != 1 {
            return Ok(false);
        }
        remember(transaction.connection(), *number, event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Returns a card with its batch.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher(&self, serial: Serial) -> Result<Option<VoucherFound>, StoreError> {
        let Some(batch) = self.voucher_batch(serial.batch()).await? else { return Ok(None) };
        let found = row!(self.reader(), Row, CARD, [serial.batch(), serial.place()])?;
        Ok(found.map(|Row { state: own, sender, number, transfer, used_at }| VoucherFound {
            batch,
            own,
            used: used(sender, number, transfer, used_at),
        }))
    }

    /// Returns the hash of a card by its serial.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_hash(&self, serial: Serial) -> Result<Option<CodeHash>, StoreError> {
        let found = row!(self.reader(), (Vec<u8>,), HASH, [serial.batch(), serial.place()])?;
        found.map(|(hash,)| value::read("vouchers", hash)).transpose()
    }

    /// Sets the state of a card and records the step, if the card still has the state that was read. Returns `false` if
    /// it does not.
    ///
    /// # Errors
    /// The database fails.
    pub async fn step_voucher(
        &self,
        serial: Serial,
        seen: Option<State>,
        event: &VoucherEvent,
    ) -> Result<bool, StoreError> {
        let (batch, place, seen) = (serial.batch(), serial.place(), seen.map_or("", State::as_str));
        let mut transaction = self.transaction().await?;
        if execute!(transaction.connection(), STEP_CARD, [batch, place, seen, event.to])? != 1 {
            return Ok(false);
        }
        remember(transaction.connection(), serial.batch(), event).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Counts the cards that have a state of their own.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_counts(&self) -> Result<Vec<VoucherCount>, StoreError> {
        rows!(self.reader(), VoucherCount, COUNTS, [])
    }

    /// Returns the steps of a batch, or of one of its cards, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn voucher_events(&self, batch: u32, place: Option<u32>) -> Result<Vec<VoucherEvent>, StoreError> {
        rows!(self.reader(), VoucherEvent, EVENTS, [batch, place])
    }
}

async fn remember(connection: Connection<'_>, batch: u32, event: &VoucherEvent) -> Result<(), StoreError> {
    let VoucherEvent { place, from, to, by, note, at } = event;
    execute!(connection, EVENT, [batch, Uuid::now_v7(), *place, *from, *to, by, note, *at]).map(drop)
}
