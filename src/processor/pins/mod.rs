//! PINs: their key, and their comparison, which takes milliseconds and megabytes on purpose. PINs are compared before
//! the batch, beside the tasks that serve, with a limit on concurrent comparisons.
//!
//! - [`PinKey`]: the key, and the initial PIN of all accounts
//! - [`PinChecker`]: compares a PIN with that of an account, and hashes a new one
//! - [`BankPins`]: asks the banks that verify PINs themselves
//! - `hashing`: Argon2 with reused memory

mod bank;
mod hashing;

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::answer::NotAccepted;
use crate::domain::pin::is_guessable;
use crate::domain::{AccountKey, ContentHash, NewPin, PinCheck};
use crate::store::Store;
pub use bank::{BankPins, BankQuestion, VerifiesPins};
use hashing::{Hashers, Memory};

/// The key that PINs are hashed with.
#[derive(Clone, Default)]
pub struct PinKey {
    /// The key, which is not in the database. Without it, no account has a PIN.
    pepper: Option<Arc<Zeroizing<Vec<u8>>>>,
    /// The initial PIN of all accounts.
    initial: Arc<Zeroizing<String>>,
}

impl std::fmt::Debug for PinKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.pepper.is_some() { "PinKey(..)" } else { "PinKey(none)" })
    }
}

impl PinKey {
    pub fn new(pepper: Zeroizing<Vec<u8>>, initial: Zeroizing<String>) -> Self {
        Self { pepper: Some(Arc::new(pepper)), initial: Arc::new(initial) }
    }

    /// Returns whether a key is configured, so that PINs can be set and checked.
    pub const fn is_there(&self) -> bool {
        self.pepper.is_some()
    }

    /// Keyed hash that identifies the content of a message with PINs; `None` without a key.
    pub(super) fn content(&self, ContentHash(hash): ContentHash) -> Option<ContentHash> {
        let mac = Hmac::<Sha256>::new_from_slice(self.pepper.as_ref()?).ok()?;
        let keyed = mac.chain_update(b"mbush pin message\0").chain_update(hash).finalize().into_bytes();
        keyed.first_chunk().copied().map(ContentHash)
    }

    fn pepper(&self) -> Result<&[u8], String> {
        self.pepper.as_ref().map(|pepper| pepper.as_slice()).ok_or_else(|| "there is no key for PINs".to_owned())
    }

    /// Hashes the initial PIN. Takes milliseconds.
    pub(super) fn hash_initial(&self) -> Result<String, String> {
        self.hash(&self.initial, &mut Memory::default())
    }

    fn hash(&self, pin: &str, memory: &mut Memory) -> Result<String, String> {
        hashing::hash(self.pepper()?, pin, memory)
    }

    /// Compares a PIN with this hash or, without a hash, with the initial PIN.
    fn is(&self, pin: &str, hash: Option<&str>, memory: &mut Memory) -> Result<bool, String> {
        match hash {
            Some(hash) => hashing::is(self.pepper()?, pin, hash, memory),
            None => Ok(bool::from(self.initial.as_bytes().ct_eq(pin.as_bytes()))),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct PinChecker {
    store: Store,
    key: PinKey,
    hashers: Hashers,
}

impl PinChecker {
    pub(super) fn new(store: Store, key: PinKey) -> Self {
        Self { store, key, hashers: Hashers::default() }
    }

    pub(super) async fn check(&self, account: &AccountKey, pin: Zeroizing<String>) -> Result<PinCheck, NotAccepted> {
        let record = self.store.pin(account).await.map_err(|error| NotAccepted::failed(&error))?;
        let against = record.as_ref().map(|record| record.id);
        let hash = record.map(|record| record.hash);
        let right = self.run(move |key, memory| key.is(&pin, hash.as_deref(), memory)).await?;
        Ok(PinCheck { against, right })
    }

    /// Hashes a PIN that replaces `old`. Returns [`NewPin::Guessable`] if it is easy to guess, or equal to `old` or to
    /// the initial PIN.
    pub(super) async fn hash(&self, new: Zeroizing<String>, old: &str) -> Result<NewPin, NotAccepted> {
        if is_guessable(&new) || **new == *old || **new == **self.key.initial {
            return Ok(NewPin::Guessable);
        }
        self.run(move |key, memory| key.hash(&new, memory)).await.map(NewPin::Hash)
    }

    /// Runs beside the tasks that serve, in reused memory.
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
