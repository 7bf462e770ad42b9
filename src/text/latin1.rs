//! Latin-1 (ISO 8859-1): each octet is the code point of its character.

use super::gsm7::Unencodable;

/// Decodes octets. Every octet is a character.
pub fn decode(octets: &[u8]) -> String {
    octets.iter().map(|&octet| char::from(octet)).collect()
}

/// Encodes a text. Returns the first character above U+00FF as the error.
pub fn encode(text: &str) -> Result<Vec<u8>, Unencodable> {
    text.char_indices().map(|(index, char)| u8::try_from(char).map_err(|_| Unencodable { index, char })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_comes_back() {
        let octets: Vec<u8> = (0..=255).collect();
        assert_eq!(encode(&decode(&octets)).unwrap(), octets);
        assert_eq!(decode(b"shfryt\xebzuesi"), "shfrytëzuesi");
    }

    #[test]
    fn a_character_beyond_is_reported_with_its_place() {
        assert_eq!(encode("ë€"), Err(Unencodable { index: 2, char: '€' }));
    }
}
