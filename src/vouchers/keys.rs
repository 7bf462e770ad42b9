//! Keys of code hashes: checks that all required keys are there.

use chrono::{DateTime, Utc};

use crate::domain::voucher::{CardBatch, Keys, State};

/// The cards of a batch cannot be looked up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "voucher batch {batch} ({state}) is hashed with the key `{key}`, which is not in vouchers.keys: its cards cannot \
     be redeemed; put the key back"
)]
pub struct MissingKey {
    pub batch: u32,
    pub state: State,
    pub key: String,
}

/// Returns the first batch without a key whose cards customers may have.
pub fn missing_key(batches: &[CardBatch], keys: &Keys, now: DateTime<Utc>) -> Option<MissingKey> {
    let over = |state| matches!(state, State::Generating | State::Void | State::Expired);
    let needed = batches.iter().filter(|batch| !over(State::of_card(None, batch.state, batch.expires_at, now)));
    let missing = needed.into_iter().find(|batch| !keys.has(&batch.key));
    missing.map(|batch| MissingKey { batch: batch.number, state: batch.state, key: batch.key.clone() })
}
