//! Generates a batch of cards.
//!
//! Generation is all or nothing, and does not block a server on the same database: cards are stored some thousands at a
//! time under a batch in the state `generating`, in which no card has a value. The last step makes the batch
//! `generated`, after all cards are stored and the print file is on disk. A run that was interrupted leaves its batch
//! `generating`. Such a batch can only be made void, and a new one generated.

use std::path::PathBuf;

use age::x25519::Recipient;
use chrono::{DateTime, Utc};
use tokio::task::JoinError;

use super::draw::{Drawing, draw};
use super::print_file::{PrintFile, PrintFileError};
use crate::domain::voucher::{BATCH_MAX, CARDS_MAX, CardBatch, CodeHash, Keys, Serial, State};
use crate::domain::{Amount, NotAName, staff_name};
use crate::store::{NewBatch, Store, StoreError, VoucherEvent};

/// Cards in one transaction. A server on the same SQLite database waits for each transaction.
const CHUNK: usize = 4_096;
/// Most attempts to replace codes that another card has already. One is rarely needed.
const REDRAWS_MAX: usize = 20;

/// An order to generate a batch.
#[derive(Debug, Clone)]
pub struct Order {
    /// Value of each card.
    pub amount: Amount,
    /// Number of cards.
    pub count: u32,
    /// Days of validity; `None` for those of the tier of the amount.
    pub days: Option<u16>,
    /// Instant from which the cards have no value.
    pub expires_at: DateTime<Utc>,
    /// Member of staff who orders it.
    pub by: String,
    pub at: DateTime<Utc>,
    pub file: PathBuf,
}

/// A batch that was generated.
#[derive(Debug, Clone)]
pub struct Generated {
    pub batch: u32,
    /// SHA-256 of the print file.
    pub digest: [u8; 32],
}

/// Progress of a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Codes are being drawn and hashed.
    Drawing,
    /// Number of cards that are stored and written.
    Stored(u32),
}

#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    #[error("--by: {0}")]
    Nameless(#[from] NotAName),
    #[error("a batch has 1 to {CARDS_MAX} cards")]
    Count,
    #[error(
        "there is no key to hash codes with: create one with `mbush voucher keys --new FILE`, and add it to vouchers.keys"
    )]
    NoKey,
    /// Serial numbers have no room for another batch.
    #[error("the limit of {BATCH_MAX} batches is reached")]
    NoNumber,
    #[error(transparent)]
    PrintFile(#[from] PrintFileError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the system's random generator failed: {0}")]
    Random(#[from] getrandom::Error),
    /// The generator or the database is faulty.
    #[error("{0}; the batch cannot be used: make it void")]
    Broken(String),
}

impl From<JoinError> for GenerateError {
    fn from(error: JoinError) -> Self {
        Self::Broken(format!("drawing codes failed: {error}"))
    }
}

/// Generates a batch and reports the progress.
///
/// # Errors
/// [`GenerateError`]; the cards of the batch then have no value.
pub async fn generate(
    store: &Store,
    keys: &Keys,
    order: &Order,
    recipients: &[Recipient],
    progress: &mut impl FnMut(Progress),
) -> Result<Generated, GenerateError> {
    staff_name(&order.by)?;
    if !(1..=CARDS_MAX).contains(&order.count) {
        return Err(GenerateError::Count);
    }
    let key = keys.newest().ok_or(GenerateError::NoKey)?.id().to_owned();
    let mut file = PrintFile::create(&order.file, recipients)?;
    let number = open(store, order, key).await?;
    progress(Progress::Drawing);
    let drawing = fresh(store, keys, order.count).await?;
    let mut place = 1;
    for chunk in drawing.0.chunks(CHUNK) {
        let hashes: Vec<CodeHash> = chunk.iter().map(|drawn| drawn.hash).collect();
        store.add_vouchers(number, place, &hashes).await?;
        for drawn in chunk {
            let serial = Serial::new(number, place).ok_or(GenerateError::NoNumber)?;
            file.card(serial, drawn.code, order.amount)?;
            place += 1;
        }
        progress(Progress::Stored(place - 1));
    }
    drop(drawing);
    let digest = file.finish()?;
    complete(store, order, number, digest).await?;
    Ok(Generated { batch: number, digest })
}

async fn open(store: &Store, order: &Order, key: String) -> Result<u32, GenerateError> {
    let new = NewBatch {
        amount: order.amount,
        count: order.count,
        days: order.days,
        key,
        expires_at: order.expires_at,
        by: order.by.clone(),
        at: order.at,
    };
    let number = store.open_voucher_batch(&new).await?;
    if number > BATCH_MAX { Err(GenerateError::NoNumber) } else { Ok(number) }
}

/// Draws codes that no card has, under any key that is still in use.
async fn fresh(store: &Store, keys: &Keys, count: u32) -> Result<Drawing, GenerateError> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut drawing = Drawing::default();
    for _ in 0..REDRAWS_MAX {
        let (keys, missing) = (keys.clone(), count - drawing.0.len());
        drawing = tokio::task::spawn_blocking(move || {
            draw(&mut drawing, missing, &keys)?;
            Ok::<_, getrandom::Error>(drawing)
        })
        .await??;
        let mut taken = std::collections::HashSet::new();
        for chunk in drawing.0.chunks(CHUNK) {
            let hashes = chunk.iter().flat_map(|drawn| drawn.others.iter().copied().chain([drawn.hash]));
            taken.extend(store.known_vouchers(&hashes.collect::<Vec<_>>()).await?);
        }
        let is_taken = |hash: &CodeHash| taken.contains(hash);
        drawing.0.retain(|drawn| !is_taken(&drawn.hash) && !drawn.others.iter().any(is_taken));
        if drawing.0.len() == count {
            return Ok(drawing);
        }
    }
    Err(GenerateError::Broken("the system's random generator gives the same numbers again and again".to_owned()))
}

/// Makes the batch `generated`, the last step.
async fn complete(store: &Store, order: &Order, number: u32, digest: [u8; 32]) -> Result<(), GenerateError> {
    let stored = store.stored_vouchers(number).await?;
    if stored != i64::from(order.count) {
        return Err(GenerateError::Broken(format!("{stored} cards are stored where {} should be", order.count)));
    }
    let gone = || GenerateError::Broken(format!("somebody else has changed batch {number} meanwhile"));
    let batch = store.voucher_batch(number).await?.ok_or_else(gone)?;
    let changed = CardBatch { state: State::Generated, file: Some(digest), ..batch };
    let event = VoucherEvent {
        place: None,
        from: batch.state,
        to: State::Generated,
        by: order.by.clone(),
        note: format!("{} cards", order.count),
        at: order.at,
    };
    let allowed = batch.state.may_become(State::Generated);
    if allowed && store.step_voucher_batch(&changed, &event).await? { Ok(()) } else { Err(gone()) }
}
