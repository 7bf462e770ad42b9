//! The user data header before a text (3GPP TS 23.040 §9.2.3.24): parts of long messages, language tables, ports.

use super::data_coding::{Alphabet, Coded, DefaultAlphabet};
use super::national::{NationalLanguage, Tables};
use super::septets;

/// Lowest octet that is a printable character in ASCII and Latin-1, and nearly so in the GSM alphabet.
const PRINTABLE: usize = 0x20;

/// Place of a part in a long message, from an element of the header or from the `sar_*` parameters of SMPP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    reference: u16,
    total: u8,
    number: u8,
}

impl Part {
    /// Returns `None` unless `1 <= number <= total`; the element must then be ignored (§9.2.3.24.1).
    pub fn new(reference: u16, total: u8, number: u8) -> Option<Self> {
        (1..=total).contains(&number).then_some(Self { reference, total, number })
    }

    /// Reference that all parts of a message share.
    pub fn reference(self) -> u16 {
        self.reference
    }

    /// Number of parts, 1–255.
    pub fn total(self) -> u8 {
        self.total
    }

    /// Number of this part, from 1 to `total`.
    pub fn number(self) -> u8 {
        self.number
    }
}

/// An information element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// 0x00: a part, with a reference of 8 bits.
    Concatenated8(Part),
    /// 0x08: a part, with a reference of 16 bits.
    Concatenated16(Part),
    /// 0x04: application ports of 8 bits.
    Ports8 {
        destination: u8,
        /// Originator port.
        source: u8,
    },
    /// 0x05: application ports of 16 bits.
    Ports16 {
        destination: u16,
        /// Originator port.
        source: u16,
    },
    /// 0x24: the language of the single shift table.
    SingleShift(u8),
    /// 0x25: the language of the locking shift table.
    LockingShift(u8),
    /// Any other element, or one of the above with an invalid length or value.
    Other { identifier: u8, data: Vec<u8> },
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserDataHeader {
    pub elements: Vec<Element>,
}

/// A header does not end at its declared end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UdhError {
    /// There is no length octet, or the user data end before the header does.
    #[error("the user data header has {declared} octets, but only {held} octets of user data follow")]
    Truncated {
        /// Length that the header declares, without its length octet.
        declared: usize,
        /// Octets after the length octet.
        held: usize,
    },
    /// An element extends beyond the end of the header.
    #[error("element {identifier:#04x} extends beyond the end of the user data header")]
    Element { identifier: u8 },
}

/// User data split into header and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserData {
    /// Empty if there is no header.
    pub header: UserDataHeader,
    pub body: Coded,
}

impl UserData {
    /// Splits user data. `has_header` is the UDHI bit of `esm_class` (0x40).
    pub fn parse(
        octets: &[u8],
        has_header: bool,
        data_coding: u8,
        default_alphabet: DefaultAlphabet,
    ) -> Result<Self, UdhError> {
        if !has_header {
            let body = Coded::new(octets, data_coding, default_alphabet, Tables::default(), 0);
            return Ok(Self { header: UserDataHeader::default(), body });
        }
        let (header, rest) = UserDataHeader::parse(octets)?;
        let fill_bits = septets::fill_bits(octets.len() - rest.len());
        let body = Coded::new(rest, data_coding, default_alphabet, header.tables(), fill_bits);
        Ok(Self { header, body })
    }

    /// Returns true if the header is genuine, for messages whose place in a long message is known from elsewhere: some
    /// senders announce a header and begin with the text. A header is genuine if it ends exactly at the end of an
    /// element, known or not, unless its length is a printable character or half a character of UCS-2 remains.
    pub fn is_plausible(&self) -> bool {
        let is_cut = self.body.alphabet == Ok(Alphabet::Ucs2) && !self.body.octets.len().is_multiple_of(2);
        self.header.is_known() || (self.header.length() < PRINTABLE && !is_cut)
    }
}

impl UserDataHeader {
    /// Reads a header from its length octet on; returns it and the octets after it.
    pub fn parse(octets: &[u8]) -> Result<(Self, &[u8]), UdhError> {
        let Some((&length, behind)) = octets.split_first() else {
            return Err(UdhError::Truncated { declared: 0, held: 0 });
        };
        let declared = usize::from(length);
        let Some((mut left, rest)) = behind.split_at_checked(declared) else {
            return Err(UdhError::Truncated { declared, held: behind.len() });
        };
        let mut elements = Vec::new();
        while let Some((&identifier, behind)) = left.split_first() {
            let element = behind.split_first().and_then(|(&length, data)| data.split_at_checked(usize::from(length)));
            let Some((data, behind)) = element else {
                return Err(UdhError::Element { identifier });
            };
            elements.push(Element::read(identifier, data));
            left = behind;
        }
        Ok((Self { elements }, rest))
    }

    /// Encodes the header with its length octet. Elements that would make it longer than 255 octets are left out.
    pub fn encode(&self) -> Vec<u8> {
        let mut octets = vec![0];
        for element in &self.elements {
            let element = element.encode();
            if octets.len() + element.len() <= 256 {
                octets.extend_from_slice(&element);
            }
        }
        let length = u8::try_from(octets.len() - 1).unwrap_or(u8::MAX);
        if let Some(first) = octets.first_mut() {
            *first = length;
        }
        octets
    }

    /// The place in a long message; the last of several elements counts (§9.2.3.24).
    pub fn part(&self) -> Option<Part> {
        self.elements.iter().rev().find_map(|element| match element {
            Element::Concatenated8(part) | Element::Concatenated16(part) => Some(*part),
            _ => None,
        })
    }

    /// The national language tables; default tables for reserved languages.
    pub fn tables(&self) -> Tables {
        let last = |of: fn(&Element) -> Option<u8>| self.elements.iter().rev().find_map(of);
        let single = last(|element| if let Element::SingleShift(language) = element { Some(*language) } else { None });
        let locking =
            last(|element| if let Element::LockingShift(language) = element { Some(*language) } else { None });
        let known = |identifier: Option<u8>| identifier.and_then(NationalLanguage::from_identifier);
        Tables { locking: known(locking), single: known(single) }
    }

    /// Returns true if an element is known.
    fn is_known(&self) -> bool {
        self.elements.iter().any(|element| !matches!(element, Element::Other { .. }))
    }

    /// Length in octets, without the length octet.
    fn length(&self) -> usize {
        self.encode().len() - 1
    }
}

impl Element {
    fn read(identifier: u8, data: &[u8]) -> Self {
        let known = match (identifier, data) {
            (0x00, &[reference, total, number]) => {
                Part::new(u16::from(reference), total, number).map(Self::Concatenated8)
            }
            (0x08, &[high, low, total, number]) => {
                Part::new(u16::from_be_bytes([high, low]), total, number).map(Self::Concatenated16)
            }
            (0x04, &[destination, source]) => Some(Self::Ports8 { destination, source }),
            (0x05, &[a, b, c, d]) => {
                Some(Self::Ports16 { destination: u16::from_be_bytes([a, b]), source: u16::from_be_bytes([c, d]) })
            }
            (0x24, &[language]) => Some(Self::SingleShift(language)),
            (0x25, &[language]) => Some(Self::LockingShift(language)),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other { identifier, data: data.to_vec() })
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            // A reference above 8 bits does not fit the short element, so the long one is used.
            Self::Concatenated8(part) | Self::Concatenated16(part) => {
                let [high, low] = part.reference.to_be_bytes();
                if matches!(self, Self::Concatenated8(_)) && high == 0 {
                    vec![0x00, 3, low, part.total, part.number]
                } else {
                    vec![0x08, 4, high, low, part.total, part.number]
                }
            }
            Self::Ports8 { destination, source } => vec![0x04, 2, *destination, *source],
            Self::Ports16 { destination, source } => {
                let ([a, b], [c, d]) = (destination.to_be_bytes(), source.to_be_bytes());
                vec![0x05, 4, a, b, c, d]
            }
            Self::SingleShift(language) => vec![0x24, 1, *language],
            Self::LockingShift(language) => vec![0x25, 1, *language],
            Self::Other { identifier, data } => {
                let data = data.get(..data.len().min(255)).unwrap_or_default();
                let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
                [&[*identifier, length], data].concat()
            }
        }
    }
}

#[cfg(test)]
#[path = "udh_tests.rs"]
mod tests;
