//! Secrets of those who come to a door.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// Whether it is this secret, all of it. It takes as long for one that is nearly right as for any other of its length. An
/// empty secret is nobody's.
pub fn is_secret(known: &SecretString, given: &[u8]) -> bool {
    let known = known.expose_secret().as_bytes();
    !known.is_empty() && bool::from(known.ct_eq(given))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_compared_to_its_end() {
        let known = SecretString::from("right");
        assert!(is_secret(&known, b"right"));
        for other in ["", "r", "righ", "right ", "rightx", "RIGHT"] {
            assert!(!is_secret(&known, other.as_bytes()), "{other}");
        }
        assert!(!is_secret(&SecretString::from(""), b""));
    }
}
