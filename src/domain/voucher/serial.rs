//! The visible number of a card.

use std::fmt;
use std::str::FromStr;

use super::damm;

pub const BATCH_MAX: u32 = 99_999;
/// Most cards of a batch.
pub const CARDS_MAX: u32 = 5_000_000;

/// Digits of batch and card in a serial.
const SERIAL_DIGITS: usize = 12;

/// Number of a card: five digits of its batch, seven digits of its place in the batch from 1, and Damm's check digit
/// (`00012-0000345-2`). It tells nothing about the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial {
    /// The batch, from 1 to [`BATCH_MAX`].
    batch: u32,
    /// The card in it, from 1 to [`CARDS_MAX`].
    place: u32,
}

/// A text is not a serial.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSerial {
    /// The text does not have thirteen digits, or the batch or the card is 0.
    #[error("`{0}` is not a serial: write its 13 digits as they stand on the card, like 00012-0000345-{check}", check = EXAMPLE_CHECK)]
    Form(String),
    /// A digit is wrong, or two were swapped.
    #[error("`{0}` is mistyped: its check digit is wrong; compare it with the card")]
    CheckDigit(String),
}

const EXAMPLE_CHECK: u8 = 2;

impl Serial {
    /// `None` if a number is out of its range.
    pub const fn new(batch: u32, place: u32) -> Option<Self> {
        if batch >= 1 && batch <= BATCH_MAX && place >= 1 && place <= CARDS_MAX {
            Some(Self { batch, place })
        } else {
            None
        }
    }

    pub const fn batch(self) -> u32 {
        self.batch
    }

    /// Number of the card in its batch.
    pub const fn place(self) -> u32 {
        self.place
    }

    fn check_digit(self) -> u8 {
        damm(format!("{:05}{:07}", self.batch, self.place).bytes().map(|digit| digit - b'0'))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}-{:07}-{}", self.batch, self.place, self.check_digit())
    }
}

/// Accepts digits with or without dashes and spaces.
impl FromStr for Serial {
    type Err = InvalidSerial;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || InvalidSerial::Form(text.to_owned());
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if digits.len() != SERIAL_DIGITS + 1 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(form());
        }
        if damm(digits.bytes().map(|digit| digit - b'0')) != 0 {
            return Err(InvalidSerial::CheckDigit(text.to_owned()));
        }
        let (batch, rest) = digits.split_at(5);
        let place = rest.get(..7).and_then(|place| place.parse().ok());
        batch.parse().ok().zip(place).and_then(|(batch, place)| Self::new(batch, place)).ok_or_else(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_is_read_as_it_is_printed() {
        let serial = Serial::new(12, 345).unwrap();
        assert_eq!(serial.to_string(), format!("00012-0000345-{EXAMPLE_CHECK}"));
        for text in [serial.to_string(), serial.to_string().replace('-', ""), serial.to_string().replace('-', " ")] {
            assert_eq!(text.parse(), Ok(serial));
        }
        assert!(Serial::new(0, 1).is_none() && Serial::new(1, 0).is_none() && Serial::new(100_000, 1).is_none());
    }

    #[test]
    fn a_mistyped_serial_is_no_other_cards() {
        let digits: Vec<char> = Serial::new(99_999, CARDS_MAX).unwrap().to_string().replace('-', "").chars().collect();
        for at in 0..digits.len() {
            for other in ('0'..='9').filter(|other| *other != digits[at]) {
                let mut wrong = digits.clone();
                wrong[at] = other;
                let wrong: String = wrong.into_iter().collect();
                assert_eq!(wrong.parse::<Serial>(), Err(InvalidSerial::CheckDigit(wrong.clone())));
            }
        }
        for text in ["", "12-345", "00012-0000345", "0001200003451x"] {
            assert!(matches!(text.parse::<Serial>(), Err(InvalidSerial::Form(_))), "{text}");
        }
    }
}
