//! PINs are compared before the batch, beside the tasks that serve: it takes milliseconds and megabytes on purpose. A few at
//! a time; the others wait.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::NotAccepted;
use super::hashing::{self, Hashers, Memory};
use super::intake::{Job, Read, failed};
use crate::domain::pin::{is_guessable, needs, tries_of};
use crate::domain::voucher::Lockout;
use crate::domain::{AccountKey, Command, ContentHash, Needs, PinCheck, PinRecord, Reason, Redelivery, Rejection};
use crate::grammar::TransferRequest;
use crate::store::{Store, StoreError, Writes};

/// What PINs are compared by.
#[derive(Clone, Default)]
pub struct PinKey {
    /// The key that is not in the database; without one no account has a PIN.
    pepper: Option<Arc<Zeroizing<Vec<u8>>>>,
    /// The PIN that all accounts begin with.
    initial: Arc<Zeroizing<String>>,
}

impl std::fmt::Debug for PinKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.pepper.is_some() { "PinKey(..)" } else { "PinKey(none)" })
    }
}

impl PinKey {
    /// With a key, and the PIN that all accounts begin with.
    pub fn new(pepper: Zeroizing<Vec<u8>>, initial: Zeroizing<String>) -> Self {
        Self { pepper: Some(Arc::new(pepper)), initial: Arc::new(initial) }
    }

    /// Whether PINs can be set and shown at all.
    pub const fn is_there(&self) -> bool {
        self.pepper.is_some()
    }

    /// What is kept of a message that holds PINs, to know it again; nothing without a key.
    pub(super) fn content(&self, ContentHash(hash): ContentHash) -> Option<ContentHash> {
        let mac = Hmac::<Sha256>::new_from_slice(self.pepper.as_ref()?).ok()?;
        let keyed = mac.chain_update(b"mbush pin message\0").chain_update(hash).finalize().into_bytes();
        keyed.first_chunk().copied().map(ContentHash)
    }

    fn pepper(&self) -> Result<&[u8], String> {
        self.pepper.as_ref().map(|pepper| pepper.as_slice()).ok_or_else(|| "there is no key for PINs".to_owned())
    }

    fn hash(&self, pin: &str, memory: &mut Memory) -> Result<String, String> {
        hashing::hash(self.pepper()?, pin, memory)
    }

    /// Whether it is the PIN of this hash, or, without one, the one that all begin with.
    fn is(&self, pin: &str, hash: Option<&str>, memory: &mut Memory) -> Result<bool, String> {
        match hash {
            Some(hash) => hashing::is(self.pepper()?, pin, hash, memory),
            None => Ok(bool::from(self.initial.as_bytes().ct_eq(pin.as_bytes()))),
        }
    }
}

/// Why no PIN was given.
#[derive(Debug, thiserror::Error)]
pub enum NoPin {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such account.
    #[error("there is no account {0}")]
    NoAccount(AccountKey),
    /// There is no key, or it is of no use.
    #[error("{0}; [pins] key_file has it")]
    Key(String),
}

/// Gives an account the PIN that all begin with, which has to be changed before its first use, and forgives wrong tries.
/// Who did it and when is kept with the PIN.
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
    let (key, initial) = (key.clone(), key.initial.clone());
    let hash = tokio::task::spawn_blocking(move || key.hash(&initial, &mut Memory::default()))
        .await
        .map_err(|error| NoPin::Key(error.to_string()))?;
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

/// PINs of a message, on their way to be compared; they go no further.
#[derive(Default)]
pub(super) struct Pins {
    pub(super) now: Option<Zeroizing<String>>,
    pub(super) new: Option<Zeroizing<String>>,
    /// It was not read, and may hold one all the same.
    pub(super) may_be_there: bool,
    /// What a dealer's phone asks for, which the PIN is shown for.
    pub(super) dealing: Option<Box<TransferRequest>>,
    /// The PIN is that of the dealer whose phone writes.
    pub(super) of_dealer: bool,
}

impl std::fmt::Debug for Pins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pins(..)")
    }
}

/// Compares PINs.
#[derive(Debug, Clone)]
pub(super) struct PinDesk {
    pub(super) store: Store,
    key: PinKey,
    redelivery: Redelivery,
    hashers: Hashers,
}

impl PinDesk {
    pub(super) fn new(store: Store, key: PinKey, redelivery: Redelivery) -> Self {
        Self { store, key, redelivery, hashers: Hashers::default() }
    }

    /// Compares the PIN of a message that has one, and hashes the new one.
    pub(super) async fn compare(&self, mut job: Job) -> Result<Job, NotAccepted> {
        let mut pins = std::mem::take(&mut job.pins);
        if let Some(dealing) = pins.dealing.take() {
            return self.deal(job, *dealing, pins).await;
        }
        if pins.of_dealer && !self.of_dealer(&mut job).await? {
            return Ok(job);
        }
        self.look_up_offer(&mut job).await?;
        let (Read::Command(command), Some(now)) = (&mut job.read, pins.now) else { return Ok(job) };
        match &mut **command {
            Command::Transfer(transfer) => {
                transfer.check = Some(self.check(&transfer.debited(), now).await?);
            }
            Command::ChangePin(change) => {
                change.check = Some(self.check(&change.account, now.clone()).await?);
                let new = pins.new.filter(|new| !is_guessable(new) && *new != now && **new != **self.key.initial);
                change.hash = match new {
                    Some(new) => Some(self.run(move |key, memory| key.hash(&new, memory)).await?),
                    None => None,
                };
            }
            Command::Recharge(_)
            | Command::Redeem(_)
            | Command::Stock(_)
            | Command::Reverse(_)
            | Command::Withdraw(_)
            | Command::Confirm(_) => {}
        }
        Ok(job)
    }

    /// What a confirmation is about. What was confirmed stays so; whether something still waits is decided in the batch.
    async fn look_up_offer(&self, job: &mut Job) -> Result<(), NotAccepted> {
        if let Read::Command(command) = &mut job.read
            && let Command::Confirm(confirm) = &mut **command
        {
            let asked = self.store.last_offers(confirm.sender).await;
            let asked = asked.map_err(|error| NotAccepted::failed(&error))?;
            confirm.offer = confirm.among(&asked, &self.redelivery);
        }
        Ok(())
    }

    /// The PIN that is to be changed is that of the dealer whose phone writes; `false` where it is none's.
    async fn of_dealer(&self, job: &mut Job) -> Result<bool, NotAccepted> {
        let Read::Command(command) = &mut job.read else { return Ok(false) };
        let Command::ChangePin(change) = &mut **command else { return Ok(false) };
        let dealer = self.store.dealer_of(change.owner).await;
        let dealer = dealer.map_err(|error| NotAccepted::failed(&error))?;
        if let Some(dealer) = dealer {
            change.account = dealer.wallet();
            return Ok(true);
        }
        let bank = Some(change.bank.clone());
        job.read = failed(Rejection::new(Reason::DealerUnknown), bank, String::new());
        Ok(false)
    }

    pub(super) async fn check(&self, account: &AccountKey, pin: Zeroizing<String>) -> Result<PinCheck, NotAccepted> {
        let record = self.store.pin(account).await.map_err(|error| NotAccepted::failed(&error))?;
        let against = record.as_ref().map(|record| record.id);
        let hash = record.map(|record| record.hash);
        let right = self.run(move |key, memory| key.is(&pin, hash.as_deref(), memory)).await?;
        Ok(PinCheck { against, right })
    }

    /// Works beside the tasks that serve, in memory that is used again.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&PinKey, &mut Memory) -> Result<T, String> + Send + 'static,
    ) -> Result<T, NotAccepted> {
        let failed = |problem: String| NotAccepted::failed(&format_args!("a PIN could not be compared: {problem}"));
        let key = self.key.clone();
        self.hashers.run(move |memory| work(&key, memory)).await.map_err(failed)?.map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(pepper: u8) -> PinKey {
        PinKey::new(Zeroizing::new(vec![pepper; 32]), Zeroizing::new("0000".into()))
    }

    #[test]
    fn a_pin_is_known_by_its_hash_and_the_key_alone() {
        let memory = &mut Memory::default();
        let hash = key(1).hash("4711", memory).unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("4711"), "{hash}");
        assert_ne!(hash, key(1).hash("4711", memory).unwrap(), "each has a salt of its own");
        assert_eq!(key(1).is("4711", Some(&hash), memory), Ok(true));
        assert_eq!(key(1).is("4712", Some(&hash), memory), Ok(false));
        assert_eq!(key(2).is("4711", Some(&hash), memory), Ok(false), "who has the database has not the key");
        assert_eq!((key(1).is("0000", None, memory), key(1).is("0001", None, memory)), (Ok(true), Ok(false)));
        assert!(key(1).is("4711", Some("no hash"), memory).is_err());
        assert!(PinKey::default().hash("4711", memory).is_err());
        assert!(!format!("{:?}", key(1)).contains("0000"));
        let content = |key: PinKey| key.content(ContentHash([3; 16]));
        assert_eq!(content(key(1)), content(key(1)));
        assert_ne!(content(key(1)), content(key(2)));
        assert_ne!(content(key(1)), Some(ContentHash([3; 16])));
        assert_eq!(content(PinKey::default()), None);
    }
}
