//! The encoding of fields, as data.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::InvalidSpec;

/// The built-in dialect.
const BUILTIN: &str = include_str!("atm1987.toml");
/// Highest number of a field with two bitmaps.
const FIELD_MAX: u8 = 128;
/// Longest field, in characters or octets.
const LENGTH_MAX: usize = 999;

/// A dialect.
#[derive(Debug, Clone)]
pub struct Spec {
    pub(super) mti: Encoding,
    pub(super) bitmap: Encoding,
    pub(super) fields: BTreeMap<u8, Field>,
    pub(super) places: Places,
}

/// Fields of the values for which the standard has no field.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// Field of the number that is topped up.
    pub number: u8,
    /// Field of the receipt, in an answer.
    pub receipt: u8,
    /// Field of the reason for a refusal, in words for the customer, in an answer.
    pub text: u8,
    /// Processing codes (field 3) of a top-up.
    pub processing_codes: Vec<String>,
}

/// Encoding of digits, letters or octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// One character in an octet.
    Ascii,
    /// Two digits in an octet; an odd number of them gets a leading zero.
    Bcd,
    /// Octets unchanged.
    Binary,
    /// Octets in hexadecimal, two characters each.
    Hex,
}

/// Characters that a field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    N,
    An,
    Ans,
    B,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name for people.
    pub name: String,
    pub kind: Kind,
    /// Fixed or maximum length: in characters, or in octets for [`Kind::B`].
    pub length: usize,
    /// Digits of the length before the field (2 for LLVAR, 3 for LLLVAR); 0 for a field of fixed length.
    #[serde(default)]
    pub length_digits: usize,
    /// Encoding of that length.
    #[serde(default = "ascii")]
    pub length_encoding: Encoding,
    #[serde(default = "ascii")]
    pub encoding: Encoding,
}

const fn ascii() -> Encoding {
    Encoding::Ascii
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mti: Encoding,
    bitmap: Encoding,
    places: Places,
    fields: BTreeMap<String, Field>,
}

impl Spec {
    /// The built-in dialect: ISO 8583:1987 in ASCII with binary bitmaps.
    ///
    /// # Errors
    /// Never; a test proves it.
    pub fn builtin() -> Result<Self, InvalidSpec> {
        Self::from_toml(BUILTIN)
    }

    /// Reads a dialect.
    ///
    /// # Errors
    /// [`InvalidSpec`], with the place of the problem.
    pub fn from_toml(text: &str) -> Result<Self, InvalidSpec> {
        let file: File = toml::from_str(text)?;
        let mut fields = BTreeMap::new();
        for (number, field) in file.fields {
            let wrong = |problem: &str| InvalidSpec::Contradiction(format!("fields.{number}: {problem}"));
            let place = number.parse().ok().filter(|place| (2..=FIELD_MAX).contains(place));
            let place = place.ok_or_else(|| wrong("a field's number is from 2 to 128; 1 is the second bitmap"))?;
            field.problem().map_or(Ok(()), |problem| Err(wrong(problem)))?;
            fields.insert(place, field);
        }
        let wrong = |problem: &str| Err(InvalidSpec::Contradiction(problem.to_owned()));
        if !matches!(file.mti, Encoding::Ascii | Encoding::Bcd) {
            return wrong("mti: write ascii or bcd");
        }
        if !matches!(file.bitmap, Encoding::Binary | Encoding::Hex) {
            return wrong("bitmap: write binary or hex");
        }
        if let Some((name, place)) = file.places.named().into_iter().find(|(_, place)| !fields.contains_key(place)) {
            return wrong(&format!("places.{name} = {place}: [fields] has no {place}: add it"));
        }
        Ok(Self { mti: file.mti, bitmap: file.bitmap, fields, places: file.places })
    }
}

impl Places {
    pub(super) fn named(&self) -> [(&'static str, u8); 3] {
        [("number", self.number), ("receipt", self.receipt), ("text", self.text)]
    }
}

impl Field {
    fn problem(&self) -> Option<&'static str> {
        let octets = matches!(self.encoding, Encoding::Binary | Encoding::Hex);
        if !(1..=LENGTH_MAX).contains(&self.length) {
            return Some("length: 1 to 999");
        }
        if self.length_digits > 3 || (self.length_digits > 0 && self.length >= 10_usize.pow(self.length_digits_u32())) {
            return Some("length_digits: 0, or 2 or 3 that the length fits in");
        }
        if !matches!(self.length_encoding, Encoding::Ascii | Encoding::Bcd) {
            return Some("length_encoding: write ascii or bcd");
        }
        if octets != (self.kind == Kind::B) {
            return Some("a field of kind b is binary or hex, and no other is");
        }
        if self.encoding == Encoding::Bcd && self.kind != Kind::N {
            return Some("only digits are written as bcd");
        }
        None
    }

    fn length_digits_u32(&self) -> u32 {
        u32::try_from(self.length_digits).unwrap_or(0)
    }

    /// Truncates a text to the field. A character that the field cannot hold becomes `?`, or a space.
    pub(super) fn fitting(&self, text: &str) -> String {
        let allowed = |c: char| u8::try_from(c).is_ok_and(|octet| self.allows(octet));
        let instead = if allowed('?') { '?' } else { ' ' };
        text.chars().map(|c| if allowed(c) { c } else { instead }).take(self.length).collect()
    }

    /// Returns true if the kind of the field allows this character.
    pub(super) const fn allows(&self, octet: u8) -> bool {
        match self.kind {
            Kind::N => octet.is_ascii_digit(),
            Kind::An => octet.is_ascii_alphanumeric() || octet == b' ',
            Kind::Ans => matches!(octet, b' '..=b'~'),
            Kind::B => octet.is_ascii_hexdigit(),
        }
    }
}
