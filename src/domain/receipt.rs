//! Receipts: numbers of transfers for people.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Number of a transfer for people: ten letters and digits that are not easily confused (Crockford's base 32). It
/// contains the second of the transfer (32 bits, from 1970) and 18 random bits of its identifier. Identifiers begin
/// with their time, so a transfer is found by its receipt in their index. If two transfers have the same receipt, both
/// are shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipt(String);

const RANDOM_BITS: u32 = 18;

impl Receipt {
    /// The receipt of a transfer, whose identifier is a UUIDv7.
    pub fn of(transfer: Uuid) -> Self {
        let id = transfer.as_u128();
        let seconds = (id >> 80) / 1_000 % (1 << 32);
        let bits = (seconds << RANDOM_BITS) | (id % (1 << RANDOM_BITS));
        let letter = |place: u32| {
            let value = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            CROCKFORD.get(value).map_or('0', |&byte| char::from(byte))
        };
        Self((0..10).rev().map(letter).collect())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last two octets of the identifiers with this receipt.
    pub fn id_end(&self) -> Option<[u8; 2]> {
        let value = |letter: u8| CROCKFORD.iter().position(|&known| known == letter);
        let bits = self
            .0
            .bytes()
            .rev()
            .take(4)
            .zip(0_u32..)
            .try_fold(0_usize, |bits, (letter, place)| Some(bits | value(letter)? << (5 * place)))?;
        u16::try_from(bits & 0xffff).ok().map(u16::to_be_bytes)
    }

    /// The lowest and the highest identifier that a transfer with this receipt can have.
    pub fn id_range(&self) -> Option<(Uuid, Uuid)> {
        let mut bits = 0_u128;
        for letter in self.0.bytes() {
            let value = CROCKFORD.iter().position(|&known| known == letter)?;
            bits = (bits << 5) | u128::try_from(value).ok()?;
        }
        let first_ms = (bits >> RANDOM_BITS) * 1_000;
        Some((Uuid::from_u128(first_ms << 80), Uuid::from_u128(((first_ms + 1_000) << 80) - 1)))
    }
}

/// Accepts usual spellings: small letters, `O` for zero, `I` and `L` for one, spaces and dashes.
impl FromStr for Receipt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letters = text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
        let receipt: String = letters.collect();
        if receipt.len() == 10 && receipt.bytes().all(|b| CROCKFORD.contains(&b)) {
            Ok(Self(receipt))
        } else {
            Err(format!("`{text}` is not a receipt: it has ten letters and digits, as in DC1JZXY9DK"))
        }
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_finds_its_transfer_by_time() {
        let id = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 1_795_368_000, 123_000_000));
        let receipt = Receipt::of(id);
        let (first, last) = receipt.id_range().unwrap();
        assert!(first <= id && id <= last);
        assert_eq!(receipt.id_end().as_ref().map(|end| &end[..]), Some(&id.as_bytes()[14..]));
        let next_second = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 1_795_368_001, 0));
        assert!(next_second > last);
    }

    #[test]
    fn a_receipt_has_ten_unmistakable_characters_and_is_read_as_people_write_it() {
        assert_eq!(Receipt::of(Uuid::nil()).as_str(), "0000000000");
        assert_eq!(Receipt::of(Uuid::max()).as_str().len(), 10);
        assert_eq!("ooil 0-abcde".parse::<Receipt>().map(|r| r.to_string()), Ok("00110ABCDE".into()));
        for refused in ["", "ABC", "ABCDEFGHJKM", "ABCDEFGHJU"] {
            assert!(refused.parse::<Receipt>().is_err(), "{refused}");
        }
    }
}
