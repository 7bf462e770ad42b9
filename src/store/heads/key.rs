//! The keys that sign heads of days: Ed25519.

use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// An Ed25519 public key.
pub type PublicKey = [u8; 32];

/// Signs heads.
pub struct HeadKey(Ed25519KeyPair);

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidKey {
    /// Not the text of a key.
    #[error("not a key: a line of 64 hexadecimal digits, as `mbush audit keygen FILE` writes it")]
    Text,
    /// The system gives no random numbers.
    #[error("the system has no random numbers to give")]
    NoRandomness,
}

impl HeadKey {
    /// The secret of a new key, as [`HeadKey::from_text`] reads it.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn generate() -> Result<String, InvalidKey> {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).map_err(|_| InvalidKey::NoRandomness)?;
        Ok(format!("{}\n", hex::encode(seed)))
    }

    /// From its secret.
    ///
    /// # Errors
    /// It is none.
    pub fn from_text(text: &str) -> Result<Self, InvalidKey> {
        let seed = hex::decode(text.trim()).map_err(|_| InvalidKey::Text)?;
        Ed25519KeyPair::from_seed_unchecked(&seed).map(Self).map_err(|_| InvalidKey::Text)
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    /// Checks its signatures.
    pub fn public(&self) -> PublicKey {
        let mut key = [0; 32];
        // Keys of Ed25519 have 32 octets, all of them.
        for (place, octet) in key.iter_mut().zip(self.0.public_key().as_ref()) {
            *place = *octet;
        }
        key
    }
}

/// Shows the public half only.
impl std::fmt::Debug for HeadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("HeadKey").field(&hex::encode(self.public())).finish()
    }
}

pub(super) fn is_signed_by(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
}
