//! Comparison of secrets.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// Returns true if `given` is the known secret. The comparison takes the same time for all inputs of one length. An
/// empty secret never matches.
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
