//! Steps of staff with a batch or a card. Each step must be in the table of state changes, must apply to the version
//! that was read, and is recorded.

use std::path::Path;

use chrono::{DateTime, SubsecRound, Utc};

use super::print_file::{PrintFileError, file_digest};
use crate::domain::voucher::{CardBatch, Denied, Serial, State, may_approve, may_propose};
use crate::domain::{NotAName, staff_name};
use crate::store::{Retry, Store, StoreError, VoucherEvent, VoucherFound};

/// Attempts at a step if the database is busy or the answer to the commit is lost.
const ATTEMPTS_MAX: u32 = 5;

/// The person, the reason and the time of a step.
#[derive(Debug, Clone)]
pub struct Step {
    pub by: String,
    pub note: String,
    pub at: DateTime<Utc>,
}

#[derive(Debug, thiserror::Error)]
pub enum StepError {
    #[error("there is no batch {0}; `mbush voucher report` lists them")]
    NoBatch(u32),
    #[error("there is no card {0}")]
    NoCard(Serial),
    /// The table of state changes does not have the step.
    #[error("{what} is {from} and cannot become {to}; it may become: {next}")]
    NotAllowed {
        /// The batch or the card, in words.
        what: String,
        from: State,
        to: State,
        /// The allowed states, in words.
        next: String,
    },
    /// The file is not the print file of the batch.
    #[error("this is not the print file of batch {0}: its SHA-256 differs; give the file that `generate` wrote")]
    OtherFile(u32),
    /// The two-person rule is violated.
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("--by: {0}")]
    Nameless(#[from] NotAName),
    /// The batch or card was changed since it was read.
    #[error("{0} was changed by another person; check it again")]
    Changed(String),
    #[error(transparent)]
    PrintFile(#[from] PrintFileError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns the batch if it may become `to`.
///
/// # Errors
/// [`StepError`].
pub async fn movable_batch(store: &Store, number: u32, to: State, step: &Step) -> Result<CardBatch, StepError> {
    named(step)?;
    let batch = find(store, number).await?;
    let from = State::of_card(None, batch.state, batch.expires_at, step.at);
    // A date that has passed is not a step that was recorded: the state of the row counts.
    let from = if to == State::Expired { batch.state } else { from };
    // A card is used, never a batch.
    allowed(|| format!("batch {number}"), from, to, |next| next != State::Used)?;
    Ok(batch)
}

/// Returns the card if it may become `to`.
///
/// # Errors
/// [`StepError`].
pub async fn movable_card(store: &Store, serial: Serial, to: State, step: &Step) -> Result<VoucherFound, StepError> {
    named(step)?;
    let found = store.voucher(serial).await?.ok_or(StepError::NoCard(serial))?;
    allowed(|| format!("card {serial}"), found.card(serial).state(step.at), to, |_| true)?;
    Ok(found)
}

/// Returns the batch if this person may approve its activation.
///
/// # Errors
/// [`StepError`].
pub async fn approvable(store: &Store, number: u32, step: &Step) -> Result<CardBatch, StepError> {
    named(step)?;
    let batch = find(store, number).await?;
    may_be_activated(&batch, step.at)?;
    may_approve(&batch, &step.by)?;
    Ok(batch)
}

/// Changes the state of a batch.
///
/// # Errors
/// [`StepError`]; nothing was changed.
pub async fn move_batch(store: &Store, number: u32, to: State, step: &Step) -> Result<CardBatch, StepError> {
    let batch = movable_batch(store, number, to, step).await?;
    write(store, CardBatch { state: to, proposed_by: None, ..batch.clone() }, batch.state, step).await
}

/// Records that the printer has the print file. `file` must be identical to it.
///
/// # Errors
/// [`StepError`]; nothing was changed.
pub async fn print(store: &Store, number: u32, file: &Path, step: &Step) -> Result<CardBatch, StepError> {
    let batch = find(store, number).await?;
    if batch.file.is_some_and(|digest| file_digest(file).is_ok_and(|read| read == digest)) {
        return move_batch(store, number, State::Printed, step).await;
    }
    file_digest(file)?;
    Err(StepError::OtherFile(number))
}

/// Proposes to activate a batch. The person who had it generated may not.
///
/// # Errors
/// [`StepError`]; nothing was changed.
pub async fn propose(store: &Store, number: u32, step: &Step) -> Result<CardBatch, StepError> {
    let batch = find(store, number).await?;
    may_be_activated(&batch, step.at)?;
    named(step)?;
    let by = step.by.trim().to_owned();
    may_propose(&batch, &by)?;
    let from = batch.state;
    let note = if step.note.is_empty() {
        "activation proposed".to_owned()
    } else {
        format!("activation proposed: {}", step.note)
    };
    write(store, CardBatch { proposed_by: Some(by), ..batch }, from, &Step { note, ..step.clone() }).await
}

/// Activates a batch that another person proposed.
///
/// # Errors
/// [`StepError`]; nothing was changed.
pub async fn approve(store: &Store, number: u32, step: &Step) -> Result<CardBatch, StepError> {
    let batch = approvable(store, number, step).await?;
    let from = batch.state;
    write(store, CardBatch { state: State::Active, proposed_by: None, ..batch }, from, step).await
}

/// Changes the state of a single card.
///
/// # Errors
/// [`StepError`]; nothing was changed.
pub async fn move_card(store: &Store, serial: Serial, to: State, step: &Step) -> Result<(), StepError> {
    let found = movable_card(store, serial, to, step).await?;
    let from = found.card(serial).state(step.at);
    let event = VoucherEvent { place: Some(serial.place()), ..event(from, to, step) };
    let done = patiently(store, &Stepping::Card(serial, found.own), &event).await?;
    if done { Ok(()) } else { Err(StepError::Changed(format!("card {serial}"))) }
}

/// Records the batches whose date has passed, and returns their numbers. The cards lost their value at that date,
/// recorded or not.
///
/// # Errors
/// The database fails.
pub async fn expire(store: &Store, step: &Step) -> Result<Vec<u32>, StepError> {
    let mut expired = Vec::new();
    for batch in store.voucher_batches().await? {
        if step.at < batch.expires_at || !batch.state.may_become(State::Expired) {
            continue;
        }
        match move_batch(store, batch.number, State::Expired, step).await {
            Ok(_) => expired.push(batch.number),
            // Another node or person was faster; the next run finds the rest.
            Err(StepError::Changed(_) | StepError::NotAllowed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(expired)
}

async fn find(store: &Store, number: u32) -> Result<CardBatch, StepError> {
    store.voucher_batch(number).await?.ok_or(StepError::NoBatch(number))
}

fn may_be_activated(batch: &CardBatch, now: DateTime<Utc>) -> Result<(), StepError> {
    let from = State::of_card(None, batch.state, batch.expires_at, now);
    let from = if now >= batch.expires_at { State::Expired } else { from };
    allowed(|| format!("batch {}", batch.number), from, State::Active, |next| next != State::Used)
}

fn allowed(what: impl Fn() -> String, from: State, to: State, may_be: impl Fn(State) -> bool) -> Result<(), StepError> {
    if from.may_become(to) {
        return Ok(());
    }
    let next: Vec<&str> = from.next().filter(|next| may_be(*next)).map(State::as_str).collect();
    let next = if next.is_empty() { "nothing else".to_owned() } else { next.join(", ") };
    Err(StepError::NotAllowed { what: what(), from, to, next })
}

fn named(step: &Step) -> Result<(), StepError> {
    Ok(staff_name(&step.by)?)
}

async fn write(store: &Store, changed: CardBatch, from: State, step: &Step) -> Result<CardBatch, StepError> {
    named(step)?;
    let event = event(from, changed.state, step);
    let done = patiently(store, &Stepping::Batch(&changed), &event).await?;
    if done { Ok(changed) } else { Err(StepError::Changed(format!("batch {}", changed.number))) }
}

/// The rows of a step: a batch as it will be, or a card as it was read.
enum Stepping<'a> {
    Batch(&'a CardBatch),
    Card(Serial, Option<State>),
}

impl Stepping<'_> {
    const fn batch(&self) -> u32 {
        match self {
            Self::Batch(batch) => batch.number,
            Self::Card(serial, _) => serial.batch(),
        }
    }

    async fn write(&self, store: &Store, event: &VoucherEvent) -> Result<bool, StoreError> {
        match *self {
            Self::Batch(changed) => store.step_voucher_batch(changed, event).await,
            Self::Card(serial, seen) => store.step_voucher(serial, seen, event).await,
        }
    }
}

/// Writes a step, again if the database is busy. If the answer to a commit was lost and the step is recorded, it
/// succeeded.
async fn patiently(store: &Store, what: &Stepping<'_>, event: &VoucherEvent) -> Result<bool, StoreError> {
    let mut retry = Retry::new(ATTEMPTS_MAX);
    loop {
        let done = what.write(store, event).await;
        match &done {
            Err(failure) if retry.again(failure).await => {}
            _ => return done,
        }
        if store.voucher_events(what.batch(), event.place).await.is_ok_and(|events| events.contains(event)) {
            return Ok(true);
        }
    }
}

fn event(from: State, to: State, step: &Step) -> VoucherEvent {
    // The databases store microseconds.
    let at = step.at.trunc_subsecs(6);
    VoucherEvent { place: None, from, to, by: step.by.trim().to_owned(), note: step.note.clone(), at }
}
