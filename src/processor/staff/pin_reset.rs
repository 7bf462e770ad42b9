//! Reset of a forgotten PIN.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::pin::{needs, tries_of};
use crate::domain::voucher::Lockout;
use crate::domain::{AccountKey, Needs, PinRecord};
use crate::processor::pins::PinKey;
use crate::store::{Store, StoreError, Writes};

/// The PIN was not reset.
#[derive(Debug, thiserror::Error)]
pub enum NoPin {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no account {0}")]
    NoAccount(AccountKey),
    /// There is no key, or it cannot be used.
    #[error("{0}; [pins] key_file has it")]
    Key(String),
}

/// Gives an account the initial PIN, which has to be changed before its first use, and resets the number of wrong
/// tries. The name of the person and the time are stored with the PIN.
///
/// # Errors
/// [`NoPin`]; nothing was changed.
pub async fn reset_pin(
    store: &Store,
    key: &PinKey,
    account: &AccountKey,
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), NoPin> {
    let key = key.clone();
    let hash =
        tokio::task::spawn_blocking(move || key.hash_initial()).await.map_err(|error| NoPin::Key(error.to_string()))?;
    let hash = hash.map_err(NoPin::Key)?;
    let mut batch = store.begin().await?;
    let needs = Needs { accounts: vec![account.clone()], ..needs(account, now) };
    let known = batch.load(&needs).await?;
    if !known.accounts.contains_key(account) {
        return Err(NoPin::NoAccount(account.clone()));
    }
    let record = PinRecord {
        account: account.clone(),
        id: Uuid::now_v7(),
        hash,
        initial: true,
        set_at: now,
        given_by: Some(by.to_owned()),
    };
    let tries = known.lockouts.contains_key(&tries_of(account)).then(|| (tries_of(account), Lockout::default()));
    let writes = Writes { pins: vec![record], lockouts: tries.into_iter().collect(), ..Writes::default() };
    batch.write(&writes).await?;
    Ok(batch.commit().await?)
}
