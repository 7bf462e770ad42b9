//! Telephone numbers and short codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A telephone number in international form (E.164): country code and national number, 7 to 15 digits.
///
/// It has digits only, as in an SMPP address of type "international"; [`fmt::Display`] adds a leading `+`.
/// [`super::NumberingPlan`] decides if the number exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Msisdn(u64);

/// A text is not an [`Msisdn`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMsisdn {
    /// Fewer than 7 or more than 15 digits.
    #[error("an international number has 7 to 15 digits, this has {0}")]
    Length(usize),
    #[error("`{0}` is not a digit")]
    NotADigit(char),
    /// No country code begins with 0.
    #[error("an international number does not begin with 0: write the country code first")]
    LeadingZero,
}

impl Msisdn {
    /// Takes a number of 7 to 15 digits.
    pub const fn from_u64(digits: u64) -> Option<Self> {
        if digits >= 1_000_000 && digits <= 999_999_999_999_999 { Some(Self(digits)) } else { None }
    }

    /// The digits without a plus sign: `38349123456`.
    pub fn digits(self) -> String {
        self.0.to_string()
    }

    /// For logs: the country code and operator range, stars, and the last two digits (`+38349****56`).
    pub fn masked(self) -> String {
        mask_number(&self.digits())
    }
}

/// Hides the middle of any address for a log; a short address is hidden completely.
pub fn mask_number(address: &str) -> String {
    let chars: Vec<char> = address.chars().collect();
    if chars.len() < 8 {
        return "*".repeat(chars.len());
    }
    let head: String = chars.iter().take(5).collect();
    let tail: String = chars.iter().skip(chars.len() - 2).collect();
    format!("+{head}{}{tail}", "*".repeat(chars.len() - 7))
}

impl FromStr for Msisdn {
    type Err = InvalidMsisdn;

    /// Accepts digits with or without a leading `+`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if let Some(odd) = digits.chars().find(|c| !c.is_ascii_digit()) {
            return Err(InvalidMsisdn::NotADigit(odd));
        }
        if digits.starts_with('0') {
            return Err(InvalidMsisdn::LeadingZero);
        }
        digits.parse().ok().and_then(Self::from_u64).ok_or(InvalidMsisdn::Length(digits.len()))
    }
}

impl TryFrom<String> for Msisdn {
    type Error = InvalidMsisdn;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Msisdn> for String {
    fn from(msisdn: Msisdn) -> Self {
        msisdn.to_string()
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.0)
    }
}

/// Masked, so that a derived `Debug` cannot write a number to a log.
impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Msisdn({})", self.masked())
    }
}

/// The number that customers send texts to: 3 to 15 digits without a plus sign.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortCode(String);

/// A text is not a [`ShortCode`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a short code: write 3 to 15 digits, as in 50005")]
pub struct InvalidShortCode(String);

impl ShortCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShortCode {
    type Err = InvalidShortCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (3..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidShortCode(text.to_owned()))
        }
    }
}

impl TryFrom<String> for ShortCode {
    type Error = InvalidShortCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ShortCode> for String {
    fn from(short_code: ShortCode) -> Self {
        short_code.0
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_valid_or_says_why_not() {
        assert_eq!("+38349123456".parse::<Msisdn>().map(|m| m.to_string()), Ok("+38349123456".into()));
        assert_eq!("38349123456".parse::<Msisdn>().map(Msisdn::digits), Ok("38349123456".into()));
        assert_eq!("049123456".parse::<Msisdn>(), Err(InvalidMsisdn::LeadingZero));
        assert_eq!("383 49".parse::<Msisdn>(), Err(InvalidMsisdn::NotADigit(' ')));
        assert_eq!("12345".parse::<Msisdn>(), Err(InvalidMsisdn::Length(5)));
        assert_eq!("1234567890123456789012".parse::<Msisdn>(), Err(InvalidMsisdn::Length(22)));
    }

    #[test]
    fn no_form_of_debug_shows_a_whole_number() {
        let number: Msisdn = "38349123456".parse().unwrap();
        assert_eq!(format!("{number:?}"), "Msisdn(+38349****56)");
        assert_eq!(mask_number("50005"), "*****");
    }

    #[test]
    fn short_codes_are_digits() {
        assert!("50005".parse::<ShortCode>().is_ok());
        for refused in ["", "5", "50a05", "+50005", "1234567890123456"] {
            assert!(refused.parse::<ShortCode>().is_err(), "{refused}");
        }
    }
}
