//! Keyed hashes, which are stored in place of codes. Without the key, codes cannot be tried against the database.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::super::ContentHash;
use super::Code;

/// Shortest key in octets, the same as the hash.
const KEY_OCTETS_MIN: usize = 32;

/// HMAC-SHA-256 of a code under one of the [`Keys`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodeHash(pub [u8; 32]);

impl fmt::Debug for CodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeHash(..)")
    }
}

/// A key with the name that batches refer to.
#[derive(Clone)]
pub struct Key {
    id: String,
    mac: Hmac<Sha256>,
}

/// All keys in use, the newest last.
#[derive(Debug, Clone, Default)]
pub struct Keys(Vec<Key>);

/// The keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    #[error(
        "key `{0}` is too short: it needs at least {KEY_OCTETS_MIN} octets; `mbush voucher keys --new FILE` makes one"
    )]
    Short(String),
    /// Two keys have the same name.
    #[error("two keys are named `{0}`: give each its own name")]
    Twice(String),
}

impl Key {
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The stored hash of a code.
    pub fn hash(&self, code: Code) -> CodeHash {
        CodeHash(self.mac(b"mbush voucher code\0", &code.reveal()))
    }

    /// The stored hash of a message with a code. From a plain hash the code could be found by trying.
    pub fn content(&self, ContentHash(hash): ContentHash) -> ContentHash {
        let keyed = self.mac(b"mbush voucher message\0", &hash);
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(keyed) {
            *to = from;
        }
        ContentHash(short)
    }

    fn mac(&self, label: &[u8], octets: &[u8]) -> [u8; 32] {
        self.mac.clone().chain_update(label).chain_update(octets).finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

impl Keys {
    /// Takes names and octets, the newest last.
    ///
    /// # Errors
    /// A key is too short, or two have the same name.
    pub fn new<'k>(keys: impl IntoIterator<Item = (&'k str, &'k [u8])>) -> Result<Self, InvalidKeys> {
        let mut all: Vec<Key> = Vec::new();
        for (id, octets) in keys {
            let mac = Hmac::new_from_slice(octets).ok().filter(|_| octets.len() >= KEY_OCTETS_MIN);
            let mac = mac.ok_or_else(|| InvalidKeys::Short(id.to_owned()))?;
            if all.iter().any(|known| known.id == id) {
                return Err(InvalidKeys::Twice(id.to_owned()));
            }
            all.push(Key { id: id.to_owned(), mac });
        }
        Ok(Self(all))
    }

    /// The key for new batches.
    pub fn newest(&self) -> Option<&Key> {
        self.0.last()
    }

    /// All keys, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }

    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id == id)
    }

    /// The hashes of a code under each key.
    pub fn hashes(&self, code: Code) -> Vec<CodeHash> {
        self.0.iter().map(|key| key.hash(code)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> Code {
        Code::draw(740_158_200_031_952).unwrap()
    }

    #[test]
    fn a_hash_is_of_its_key() {
        let keys = Keys::new([("old", &[1; 32][..]), ("new", &[2; 32][..])]).unwrap();
        let hashes = keys.hashes(code());
        assert_eq!(hashes.len(), 2);
        assert_ne!(hashes[0], hashes[1]);
        assert_eq!(keys.newest().map(|key| (key.id(), key.hash(code()))), Some(("new", hashes[1])));
        assert!(keys.has("old") && !keys.has("other"));
    }

    /// Stored hashes must be found by every later version of the program.
    #[test]
    fn hashes_stay_what_they_are() {
        let keys = Keys::new([("k", &[7; 32][..])]).unwrap();
        let CodeHash(hash) = keys.newest().unwrap().hash(code());
        assert_eq!(hex::encode(hash), "1a44266d49d406cf454a512e98a5df81b97a8c3157651b677dd8635711721a6e");
    }

    #[test]
    fn short_keys_and_two_of_one_name_are_refused() {
        assert_eq!(Keys::new([("a", &[1; 31][..])]).unwrap_err(), InvalidKeys::Short("a".into()));
        let twice = Keys::new([("a", &[1; 32][..]), ("a", &[2; 32][..])]);
        assert_eq!(twice.unwrap_err(), InvalidKeys::Twice("a".into()));
    }
}
