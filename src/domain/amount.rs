//! Money: a positive sum in euro cents.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A positive sum of money in euro cents, at most [`Amount::MAX`].
///
/// Valid by construction: zero, negative and too large amounts cannot occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

/// A number of cents is not an [`Amount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} cents is not an amount: it must be from 1 to {max}", max = Amount::MAX.0)]
pub struct InvalidAmount(i64);

impl Amount {
    /// The largest amount of one transfer: 1,000,000.00 EUR. The sum of nine million million such amounts fits 64 bits.
    pub const MAX: Self = Self(100_000_000);

    /// # Errors
    /// Zero, negative, or above [`Amount::MAX`].
    pub const fn from_cents(amount_cents: i64) -> Result<Self, InvalidAmount> {
        if amount_cents >= 1 && amount_cents <= Self::MAX.0 {
            Ok(Self(amount_cents))
        } else {
            Err(InvalidAmount(amount_cents))
        }
    }

    pub const fn from_euros(euros: u16) -> Result<Self, InvalidAmount> {
        Self::from_cents(euros as i64 * 100)
    }

    pub const fn cents(self) -> i64 {
        self.0
    }

    /// The whole euros of the amount, rounded down (4 for 4.50).
    pub const fn whole_euros(self) -> i64 {
        self.0 / 100
    }

    pub const fn is_whole_euros(self) -> bool {
        self.0 % 100 == 0
    }
}

impl TryFrom<i64> for Amount {
    type Error = InvalidAmount;

    fn try_from(amount_cents: i64) -> Result<Self, Self::Error> {
        Self::from_cents(amount_cents)
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
        f.write_str(&format_cents(self.0))
    }
}

/// Formats any number of cents, for example a balance, as euros with two decimals: `-0.05`.
pub fn format_cents(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let magnitude = cents.unsigned_abs();
    format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

/// Parses euros as typed by staff: `5`, `5.0`, `-2.50`, and `5,00`. Fractions of a cent are refused.
///
/// # Errors
/// The text is not such a number, or too long.
pub fn parse_cents(text: &str) -> Result<i64, String> {
    let problem = || format!("`{text}` is not an amount: write euros as 5.00");
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (euros, cents) = digits.split_once(['.', ',']).unwrap_or((digits, "00"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(euros) || !is_number(cents) || cents.len() > 2 {
        return Err(problem());
    }
    let whole: i64 = format!("{euros}{cents:0<2}").parse().map_err(|_| format!("`{text}` is too large"))?;
    Ok(sign * whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_positive_sums_up_to_the_maximum_are_amounts() {
        for refused in [0, -1, i64::MIN, 100_000_001, i64::MAX] {
            assert_eq!(Amount::from_cents(refused), Err(InvalidAmount(refused)));
        }
        assert_eq!(Amount::from_cents(100_000_000), Ok(Amount::MAX));
    }

    #[test]
    fn printed_as_euros_with_two_decimals() {
        assert_eq!(Amount::from_cents(5).map(|a| a.to_string()), Ok("0.05".into()));
        assert_eq!(Amount::from_cents(1250).map(|a| a.to_string()), Ok("12.50".into()));
        assert_eq!(format_cents(-5), "-0.05");
        assert_eq!(format_cents(i64::MIN), "-92233720368547758.08");
    }

    #[test]
    fn staff_type_euros_with_or_without_cents() {
        for (text, cents) in [("5", 500), ("5.0", 500), ("5,05", 505), ("-2.50", -250), ("0.01", 1), ("007", 700)] {
            assert_eq!(parse_cents(text), Ok(cents), "{text}");
        }
        for refused in ["", "-", "5.", ".5", "5.005", "5 EUR", "--5", "+5", "1e2", "99999999999999999999"] {
            assert!(parse_cents(refused).is_err(), "{refused}");
        }
    }
}
