//! Money: a positive sum in euro minor units.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A positive sum of money in euro minor units, at most [`Amount::MAX`].
///
/// Valid by construction: zero, negative and too large amounts cannot occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

/// A number of minor units is not an [`Amount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} minor units is not an amount: it must be from 1 to {max}", max = Amount::MAX.0)]
pub struct InvalidAmount(i64);

impl Amount {
    /// The largest amount of one transfer: 1,000,000.00 EUR. The sum of nine million million such amounts fits 64 bits.
    pub const MAX: Self = Self(100_000_000);

    /// # Errors
    /// Zero, negative, or above [`Amount::MAX`].
    pub const fn from_minor(amount_minor: i64) -> Result<Self, InvalidAmount> {
        if amount_minor >= 1 && amount_minor <= Self::MAX.0 {
            Ok(Self(amount_minor))
        } else {
            Err(InvalidAmount(amount_minor))
        }
    }

    pub const fn from_euros(euros: u16) -> Result<Self, InvalidAmount> {
        Self::from_minor(euros as i64 * 100)
    }

    pub const fn minor(self) -> i64 {
        self.0
    }

    /// The whole euros of the amount, rounded down (4 for 4.50).
    pub const fn whole(self) -> i64 {
        self.0 / 100
    }

    pub const fn is_whole(self) -> bool {
        self.0 % 100 == 0
    }
}

impl TryFrom<i64> for Amount {
    type Error = InvalidAmount;

    fn try_from(amount_minor: i64) -> Result<Self, Self::Error> {
        Self::from_minor(amount_minor)
    }
}

impl From<Amount> for i64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

/// Euros with two decimals and a full stop: `5.00`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_minor(self.0))
    }
}

/// Formats any number of minor units, for example a balance, as euros with two decimals: `-0.05`.
pub fn format_minor(minor: i64) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let magnitude = minor.unsigned_abs();
    format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

/// Parses euros as typed by staff: `5`, `5.0`, `-2.50`, and `5,00`. Fractions of a cent are refused.
///
/// # Errors
/// The text is not such a number, or too long.
pub fn parse_minor(text: &str) -> Result<i64, String> {
    let problem = || format!("`{text}` is not an amount: write euros as 5.00");
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (euros, minor) = digits.split_once(['.', ',']).unwrap_or((digits, "00"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(euros) || !is_number(minor) || minor.len() > 2 {
        return Err(problem());
    }
    let whole: i64 = format!("{euros}{minor:0<2}").parse().map_err(|_| format!("`{text}` is too large"))?;
    Ok(sign * whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_positive_sums_up_to_the_maximum_are_amounts() {
        for refused in [0, -1, i64::MIN, 100_000_001, i64::MAX] {
            assert_eq!(Amount::from_minor(refused), Err(InvalidAmount(refused)));
        }
        assert_eq!(Amount::from_minor(100_000_000), Ok(Amount::MAX));
    }

    #[test]
    fn printed_as_euros_with_two_decimals() {
        assert_eq!(Amount::from_minor(5).map(|a| a.to_string()), Ok("0.05".into()));
        assert_eq!(Amount::from_minor(1250).map(|a| a.to_string()), Ok("12.50".into()));
        assert_eq!(format_minor(-5), "-0.05");
        assert_eq!(format_minor(i64::MIN), "-92233720368547758.08");
    }

    #[test]
    fn staff_type_euros_with_or_without_minor() {
        for (text, minor) in [("5", 500), ("5.0", 500), ("5,05", 505), ("-2.50", -250), ("0.01", 1), ("007", 700)] {
            assert_eq!(parse_minor(text), Ok(minor), "{text}");
        }
        for refused in ["", "-", "5.", ".5", "5.005", "5 EUR", "--5", "+5", "1e2", "99999999999999999999"] {
            assert!(parse_minor(refused).is_err(), "{refused}");
        }
    }
}
