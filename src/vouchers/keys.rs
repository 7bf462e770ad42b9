//! Keys of code hashes: checks that all required keys are there, and creates new ones.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::domain::voucher::{Batch, Keys, State};

/// Octets of a key, the same as of the hash.
const KEY_OCTETS: usize = 32;

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
pub fn missing_key(batches: &[Batch], keys: &Keys, now: DateTime<Utc>) -> Option<MissingKey> {
    let over = |state| matches!(state, State::Generating | State::Void | State::Expired);
    let needed = batches.iter().filter(|batch| !over(State::of_card(None, batch.state, batch.expires_at, now)));
    let missing = needed.into_iter().find(|batch| !keys.has(&batch.key));
    missing.map(|batch| MissingKey { batch: batch.number, state: batch.state, key: batch.key.clone() })
}

/// Creates a file with a new key that only its owner can read.
///
/// # Errors
/// The file exists, it cannot be written, or the system has no random octets.
pub fn write_new_key(path: &Path) -> io::Result<()> {
    let mut octets = Zeroizing::new([0; KEY_OCTETS]);
    getrandom::fill(octets.as_mut()).map_err(io::Error::other)?;
    let text = Zeroizing::new(hex::encode(octets.as_slice()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
