//! Money: a positive sum in minor units of the ledger's currency.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::locale::Currency;

/// A positive sum of money in minor units of the ledger's currency (cents of a euro), at most [`Amount::MAX`].
///
/// Valid by construction: zero, negative and too large amounts cannot occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Amount(i64);

/// A number of minor units is not an [`Amount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} minor units are not an amount: it must be from 1 to {max}", max = Amount::MAX.0)]
pub struct InvalidAmount(i64);

impl Amount {
    /// The largest amount of one transfer: 10^15 minor units. The sum of nine thousand such amounts fits 64 bits.
    pub const MAX: Self = Self(1_000_000_000_000_000);

    /// # Errors
    /// Zero, negative, or above [`Amount::MAX`].
    pub const fn from_minor(amount_minor: i64) -> Result<Self, InvalidAmount> {
        if amount_minor >= 1 && amount_minor <= Self::MAX.0 {
            Ok(Self(amount_minor))
        } else {
            Err(InvalidAmount(amount_minor))
        }
    }

    /// So many whole units of the currency: euros.
    ///
    /// # Errors
    /// Zero, or above [`Amount::MAX`].
    pub fn whole(units: u32) -> Result<Self, InvalidAmount> {
        Self::from_minor(i64::from(units) * Currency::ledger().unit())
    }

    pub const fn minor(self) -> i64 {
        self.0
    }

    /// The whole units of the amount, rounded down (4 for 4.50).
    pub fn whole_units(self) -> i64 {
        self.0 / Currency::ledger().unit()
    }

    pub fn is_whole(self) -> bool {
        self.0 % Currency::ledger().unit() == 0
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

/// With the decimals of the currency and a full stop: `5.00`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_minor(self.0))
    }
}

/// Formats any number of minor units of the ledger's currency, for example a balance: `-0.05`.
pub fn format_minor(minor: i64) -> String {
    Currency::ledger().written(minor)
}

/// Reads a sum in the ledger's currency as staff type it: `5`, `5.0`, `-2.50`, and `5,00`. Parts of a minor unit are refused.
///
/// # Errors
/// The text is not such a number, or too long.
pub fn parse_minor(text: &str) -> Result<i64, String> {
    Currency::ledger().read(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_positive_sums_up_to_the_maximum_are_amounts() {
        for refused in [0, -1, i64::MIN, 1_000_000_000_000_001, i64::MAX] {
            assert_eq!(Amount::from_minor(refused), Err(InvalidAmount(refused)));
        }
        assert_eq!(Amount::from_minor(1_000_000_000_000_000), Ok(Amount::MAX));
    }

    #[test]
    fn printed_with_the_decimals_of_the_euro_unless_a_country_is_chosen() {
        assert_eq!(Amount::from_minor(5).map(|a| a.to_string()), Ok("0.05".into()));
        assert_eq!(Amount::from_minor(1250).map(|a| a.to_string()), Ok("12.50".into()));
    }
}
