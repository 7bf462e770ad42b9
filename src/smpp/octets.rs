//! Short strings of a PDU, stored inline in the struct that holds them.

use std::fmt;

/// A C-Octet String field of at most `N` octets with its terminating NUL, as the specification counts it.
///
/// It is stored inline, so that decoding a message allocates nothing for its addresses. The octets are as received
/// (ASCII by the specification, Latin-1 in practice); [`fmt::Display`] and `to_string` read them as Latin-1.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Octets<const N: usize> {
    length: u8,
    bytes: [u8; N],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOctets {
    /// The value is longer than the field.
    #[error("it has {length} octets; the field holds at most {limit}")]
    TooLong {
        length: usize,
        /// Octets that fit, without the NUL.
        limit: usize,
    },
    /// The value contains a NUL, which would end the field early.
    #[error("it contains a NUL")]
    InnerNul,
    /// The text has a character outside of Latin-1.
    #[error("it contains a character outside of Latin-1")]
    NotLatin1,
}

impl<const N: usize> Octets<N> {
    /// Octets that fit, without the NUL.
    pub const LIMIT: usize = N.saturating_sub(1);

    /// # Errors
    /// More than `N - 1` octets, or a NUL among them.
    pub fn new(octets: &[u8]) -> Result<Self, InvalidOctets> {
        if octets.contains(&0) {
            return Err(InvalidOctets::InnerNul);
        }
        Self::before_nul(octets).ok_or(InvalidOctets::TooLong { length: octets.len(), limit: Self::LIMIT })
    }

    /// Takes octets that are known to have no NUL. Returns `None` if they do not fit.
    #[inline]
    pub(super) fn before_nul(octets: &[u8]) -> Option<Self> {
        let length = u8::try_from(octets.len()).ok().filter(|_| octets.len() <= Self::LIMIT)?;
        let mut bytes = [0; N];
        bytes.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(Self { length, bytes })
    }

    /// Encodes a text with one octet for each character (Latin-1).
    ///
    /// # Errors
    /// The text is too long, has a NUL, or has a character outside of Latin-1.
    pub fn from_text(text: &str) -> Result<Self, InvalidOctets> {
        let octets: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        Self::new(&octets.map_err(|_| InvalidOctets::NotLatin1)?)
    }

    /// The octets, without the NUL.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl<const N: usize> Default for Octets<N> {
    fn default() -> Self {
        Self { length: 0, bytes: [0; N] }
    }
}

impl<const N: usize> fmt::Display for Octets<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|&octet| fmt::Write::write_char(f, char::from(octet)))
    }
}

impl<const N: usize> fmt::Debug for Octets<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_takes_one_octet_less_than_its_length() {
        assert_eq!(Octets::<6>::from_text("USSD1").unwrap().to_string(), "USSD1");
        assert_eq!(Octets::<6>::from_text("USSD12"), Err(InvalidOctets::TooLong { length: 6, limit: 5 }));
        assert_eq!(Octets::<6>::new(b"a\0b"), Err(InvalidOctets::InnerNul));
        assert_eq!(Octets::<6>::from_text("€"), Err(InvalidOctets::NotLatin1));
    }

    #[test]
    fn latin_1_is_kept() {
        let name = Octets::<21>::new(b"Caf\xe9").unwrap();
        assert_eq!(name.to_string(), "Café");
        assert_eq!(name.as_bytes(), b"Caf\xe9");
        assert_eq!(format!("{name:?}"), r#""Caf\xe9""#);
    }
}
