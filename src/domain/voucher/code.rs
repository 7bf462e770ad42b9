//! The code under the scratch field.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroize;

use super::damm;

/// Digits of a code.
pub const DIGITS: usize = 16;
/// Number of codes: all values before the check digit.
const PAYLOADS: u64 = 1_000_000_000_000_000;
/// Bits of a payload.
const PAYLOAD_BITS: u32 = 50;
/// Longest run of equal, ascending or descending digits. Longer ones are easy to guess.
const RUN_MAX: usize = 8;
/// Longest pattern that a code must not repeat, in digits.
const PERIOD_MAX: usize = 8;

/// Sixteen digits: fifteen random ones and Damm's check digit. It is worth money; the only way to print it is
/// [`Code::reveal`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(u64);

/// Digits are not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCode {
    #[error("a code has 16 digits")]
    Length,
    /// A digit is wrong, or two were swapped.
    #[error("the code is mistyped: its check digit is wrong")]
    CheckDigit,
}

impl Code {
    /// Makes a code of a word of a cryptographic random generator. `None` for about one word in nine, which would make
    /// some codes more likely than others, and for codes that are easy to guess: draw another.
    pub fn draw(word: u64) -> Option<Self> {
        let payload = word % (1 << PAYLOAD_BITS);
        if payload >= PAYLOADS {
            return None;
        }
        let code = Self(payload * 10 + u64::from(damm(digits(payload, DIGITS - 1))));
        (!code.is_guessable()).then_some(code)
    }

    /// Returns true for zeros, long runs and repeated patterns, which an attacker would try first. Fewer than one code
    /// in a million.
    fn is_guessable(self) -> bool {
        let digits: [u8; DIGITS] = self.digits();
        let periodic = |period: usize| digits.iter().zip(digits.iter().skip(period)).all(|(a, b)| a == b);
        let run = |step: u8| {
            let follows = |pair: &[u8; 2]| (pair[0] + step) % 10 == pair[1];
            let mut length = 1;
            digits.array_windows().any(|pair| {
                length = if follows(pair) { length + 1 } else { 1 };
                length >= RUN_MAX
            })
        };
        [0, 1, 9].into_iter().any(run) || (1..=PERIOD_MAX).any(periodic)
    }

    fn digits(self) -> [u8; DIGITS] {
        let mut all = [0; DIGITS];
        for (place, digit) in all.iter_mut().zip(digits(self.0, DIGITS)) {
            *place = digit;
        }
        all
    }

    /// The digits as ASCII, for the print file and for hashing. The caller must wipe copies.
    pub fn reveal(self) -> [u8; DIGITS] {
        self.digits().map(|digit| b'0' + digit)
    }
}

/// The last `count` digits of a number, in order.
fn digits(number: u64, count: usize) -> impl Iterator<Item = u8> {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10)).take(count);
    let powers: Vec<u64> = powers.collect();
    powers.into_iter().rev().map(move |power| u8::try_from(number / power % 10).unwrap_or_default())
}

/// Accepts digits with or without separators between groups.
impl FromStr for Code {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut number = 0_u64;
        let mut count = 0;
        for c in text.chars().filter(|c| !matches!(c, ' ' | '-')) {
            let digit = c.to_digit(10).ok_or(InvalidCode::Length)?;
            count += 1;
            if count > DIGITS {
                return Err(InvalidCode::Length);
            }
            number = number * 10 + u64::from(digit);
        }
        if count != DIGITS {
            return Err(InvalidCode::Length);
        }
        if damm(digits(number, DIGITS)) == 0 { Ok(Self(number)) } else { Err(InvalidCode::CheckDigit) }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(****************)")
    }
}

impl Zeroize for Code {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(code: Code) -> String {
        String::from_utf8(code.reveal().to_vec()).unwrap()
    }

    fn codes() -> impl Strategy<Value = Code> {
        any::<u64>().prop_filter_map("another word", Code::draw)
    }

    proptest! {
        #[test]
        fn a_drawn_code_is_read_again_grouped_or_not(code in codes()) {
            let text = text(code);
            prop_assert_eq!(text.len(), 16);
            prop_assert_eq!(text.parse::<Code>(), Ok(code));
            let grouped = format!("{} {}-{} {}", &text[..4], &text[4..8], &text[8..12], &text[12..]);
            prop_assert_eq!(grouped.parse::<Code>(), Ok(code));
        }

        #[test]
        fn every_wrong_digit_is_caught(code in codes(), at in 0_usize..16, other in b'0'..=b'9') {
            let mut digits = code.reveal();
            prop_assume!(digits[at] != other);
            digits[at] = other;
            let wrong = String::from_utf8(digits.to_vec()).unwrap();
            prop_assert_eq!(wrong.parse::<Code>(), Err(InvalidCode::CheckDigit));
        }

        #[test]
        fn every_two_neighbours_that_change_places_are_caught(code in codes(), at in 0_usize..15) {
            let mut digits = code.reveal();
            prop_assume!(digits[at] != digits[at + 1]);
            digits.swap(at, at + 1);
            let wrong = String::from_utf8(digits.to_vec()).unwrap();
            prop_assert_eq!(wrong.parse::<Code>(), Err(InvalidCode::CheckDigit));
        }
    }

    #[test]
    fn what_somebody_would_try_first_is_never_drawn() {
        for payload in [
            0,
            111_111_111_111_111,
            123_456_789_012_345,
            987_654_321_098_765,
            999_999_999_999_999,
            421_234_567_842_195,
            740_000_000_031_952,
        ] {
            assert_eq!(Code::draw(payload), None, "{payload}");
        }
        // A pattern that extends to the check digit.
        let periodic = (0..100_000_000_u64).find(|half| damm(digits(half * 100_000_001, 16)) == 0 && half % 7 == 3);
        let repeated = periodic.map(|half| half * 100_000_001).unwrap();
        assert_eq!(Code::draw(repeated / 10), None, "{repeated}");
        assert!(Code::draw(740_158_200_031_952).is_some());
    }

    #[test]
    fn a_word_that_would_favour_some_codes_is_passed_over() {
        assert_eq!(Code::draw(PAYLOADS), None);
        assert_eq!(Code::draw((1 << PAYLOAD_BITS) - 1), None);
        let word = 740_158_200_031_952;
        assert_eq!(Code::draw(word), Code::draw(word + (3 << PAYLOAD_BITS)), "only the low bits count");
    }

    #[test]
    fn what_is_no_code_says_why_and_no_debug_shows_one() {
        for text in ["", "123", "12345678901234567", "123456789012345a", "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦"] {
            assert_eq!(text.parse::<Code>(), Err(InvalidCode::Length), "{text}");
        }
        assert!(!format!("{:?}", Code::draw(740_158_200_031_952)).contains("74"));
    }
}
