//! Drawing a batch.
//!
//! All or nothing, and never in the way of a server on the same database: cards are stored some thousands at a time, under
//! a batch that is `generating`, where none of them is worth anything. The last step makes the batch `generated`, when
//! all cards are stored and the print file is on disk. A run that was cut off leaves a batch that stays `generating`: it
//! can only be made void, and another is generated in its place.

use std::path::PathBuf;

use age::x25519::Recipient;
use chrono::{DateTime, Utc};
use tokio::task::JoinError;

use super::draw::{Drawing, draw};
use super::print_file::{PrintFile, PrintFileError};
use crate::domain::voucher::{BATCH_MAX, Batch, CARDS_MAX, CodeHash, Keys, Serial, State};
use crate::domain::{Amount, NotAName, staff_name};
use crate::store::{NewBatch, Store, StoreError, VoucherEvent};

/// Cards that are stored in one transaction, which a server on the same SQLite database waits for.
const CHUNK: usize = 4_096;
/// How often codes are drawn anew for those that are another card's already. Once is rarely needed.
const REDRAWS_MAX: usize = 20;

/// What is to be generated.
#[derive(Debug, Clone)]
pub struct Order {
    /// What each card is worth.
    pub amount: Amount,
    /// How many cards.
    pub count: u32,
    /// Days of validity; without them those of the tier of the amount.
    pub days: Option<u16>,
    /// From when on the cards are worth nothing.
    pub expires_at: DateTime<Utc>,
    /// Who has it generated.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The print file.
    pub file: PathBuf,
}

/// A batch that is there.
#[derive(Debug, Clone)]
pub struct Generated {
    /// Its number.
    pub batch: u32,
    /// SHA-256 of the print file.
    pub digest: [u8; 32],
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Codes are drawn and hashed.
    Drawing,
    /// So many cards are stored and written.
    Stored(u32),
}

/// Why there is no batch.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The name of the member of staff is none.
    #[error("--by: {0}")]
    Nameless(#[from] NotAName),
    /// No card, or too many.
    #[error("a batch has 1 to {CARDS_MAX} cards")]
    Count,
    /// There is no key.
    #[error(
        "there is no key to hash codes with: `mbush voucher keys --new FILE` makes one, then name it in vouchers.keys"
    )]
    NoKey,
    /// A serial has no room for it.
    #[error("there are {BATCH_MAX} batches, and no more numbers")]
    NoNumber,
    /// The print file.
    #[error(transparent)]
    PrintFile(#[from] PrintFileError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system has no random numbers.
    #[error("the system's random generator fails: {0}")]
    Random(#[from] getrandom::Error),
    /// The generator or the database is not what it should be.
    #[error("{0}; the batch cannot be used: make it void")]
    Broken(String),
}

impl From<JoinError> for GenerateError {
    fn from(error: JoinError) -> Self {
        Self::Broken(format!("the draw ended badly: {error}"))
    }
}

/// Generates a batch, and says how far it is.
///
/// # Errors
/// [`GenerateError`]; no card of the batch is worth anything then.
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

/// So many codes that no card has yet, under any key that may still be looked up.
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

/// The step that makes the batch worth printing.
async fn complete(store: &Store, order: &Order, number: u32, digest: [u8; 32]) -> Result<(), GenerateError> {
    let stored = store.stored_vouchers(number).await?;
    if stored != i64::from(order.count) {
        return Err(GenerateError::Broken(format!("{stored} cards are stored where {} should be", order.count)));
    }
    let gone = || GenerateError::Broken(format!("somebody else has changed batch {number} meanwhile"));
    let batch = store.voucher_batch(number).await?.ok_or_else(gone)?;
    let changed = Batch { state: State::Generated, file: Some(digest), ..batch };
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
