//! UCS-2, big-endian, two octets in a unit. Phones send UTF-16 under this name, so surrogate pairs are read and
//! written. Little-endian text is read if it begins with a byte order mark (FF FE; RFC 2781, section 3.2).

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Ucs2Error {
    /// One half of a surrogate pair is missing.
    #[error("a lone surrogate at byte {index}")]
    LoneSurrogate {
        /// Offset of its first octet.
        index: usize,
    },
    #[error("an odd number of octets, {length}")]
    OddLength { length: usize },
}

pub fn encode(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Number of 16-bit units of `text`.
pub fn unit_count(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

pub fn decode(octets: &[u8]) -> Result<String, Ucs2Error> {
    match decode_lossy(octets) {
        (text, None) => Ok(text),
        (_, Some(error)) => Err(error),
    }
}

/// As `decode`, but invalid units become U+FFFD. The first error is returned.
pub fn decode_lossy(octets: &[u8]) -> (String, Option<Ucs2Error>) {
    let (pairs, rest) = octets.as_chunks::<2>();
    // In big-endian order this would be U+FFFE, which is not a character.
    let unit = if octets.starts_with(&[0xff, 0xfe]) { u16::from_le_bytes } else { u16::from_be_bytes };
    let mut text = String::with_capacity(octets.len());
    let mut error = None;
    let mut index = 0;
    for unit in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        let c = unit.unwrap_or_else(|_| {
            error.get_or_insert(Ucs2Error::LoneSurrogate { index });
            char::REPLACEMENT_CHARACTER
        });
        text.push(c);
        index += c.len_utf16() * 2;
    }
    if !rest.is_empty() {
        error.get_or_insert(Ucs2Error::OddLength { length: octets.len() });
        text.push(char::REPLACEMENT_CHARACTER);
    }
    (text, error)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_and_surrogate_pairs_are_read() {
        let octets = [0x00, 0x35, 0x20, 0xac, 0xd8, 0x3d, 0xde, 0x42];
        assert_eq!(decode(&octets).unwrap(), "5€🙂");
        assert_eq!(encode("5€🙂"), octets);
        assert_eq!(unit_count("5€🙂"), 4);
    }

    #[test]
    fn what_is_wrong_is_reported_with_its_place() {
        let lone = Ucs2Error::LoneSurrogate { index: 4 };
        assert_eq!(decode(&[0, 0x35, 0, 0x36, 0xde, 0x42, 0, 0x37]), Err(lone));
        assert_eq!(decode(&[0, 0x35, 0, 0x36, 0xd8, 0x3d, 0, 0x37]), Err(lone));
        assert_eq!(decode_lossy(&[0, 0x35, 0, 0x36, 0xd8, 0x3d, 0, 0x37]).0, "56\u{fffd}7");
        assert_eq!(decode(&[0, 0x35, 0]), Err(Ucs2Error::OddLength { length: 3 }));
        assert_eq!(decode_lossy(&[0, 0x35, 0]).0, "5\u{fffd}");
    }

    #[test]
    fn a_mark_tells_the_order_of_octets() {
        assert_eq!(decode(&[0xfe, 0xff, 0x00, 0x35]).unwrap(), "\u{feff}5");
        assert_eq!(decode(&[0xff, 0xfe, 0x35, 0x00, 0xac, 0x20, 0x3d, 0xd8, 0x42, 0xde]).unwrap(), "\u{feff}5€🙂");
        assert_eq!(decode(&[0xff, 0xfe, 0x35, 0x00, 0xff, 0xfe]).unwrap(), "\u{feff}5\u{feff}");
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text: String) {
            prop_assert_eq!(decode(&encode(&text)).unwrap(), text);
        }

        #[test]
        fn any_octets_decode_without_panic(octets: Vec<u8>) {
            let (text, error) = decode_lossy(&octets);
            prop_assert!(error.is_none() || text.contains(char::REPLACEMENT_CHARACTER));
        }
    }
}
