//! Money in the file and in variables: a text with all decimals of the currency and a full stop, `"1.00"`.

use std::fmt;

use garde::rules::range::{Bounds, OutOfBounds};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::locale::Currency;
use crate::domain::{Amount, InvalidAmount, format_minor, parse_minor};

/// Zero or more minor units. The text is read digit by digit, so that no sum is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i64);

impl Money {
    pub(super) const LEAST: Self = Self(1);
    /// [`Amount::MAX`].
    pub(super) const MAX: Self = Self(Amount::MAX.minor());

    pub(super) const fn of_minor(minor: i64) -> Self {
        Self(minor)
    }

    pub const fn minor(self) -> i64 {
        self.0
    }

    /// # Errors
    /// Zero, or above [`Amount::MAX`].
    pub(super) const fn amount(self) -> Result<Amount, InvalidAmount> {
        Amount::from_minor(self.0)
    }
}

/// Converts the sum of an optional key to an amount.
pub(super) fn amount(money: Option<Money>) -> Result<Option<Amount>, InvalidAmount> {
    money.map(Money::amount).transpose()
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_minor(self.0))
    }
}

impl Bounds for Money {
    type Size = Self;

    const MIN: Self = Self(0);
    const MAX: Self = Self(i64::MAX);

    fn validate_bounds(&self, lower: Self, upper: Self) -> Result<(), OutOfBounds> {
        match self {
            money if *money < lower => Err(OutOfBounds::Lower),
            money if *money > upper => Err(OutOfBounds::Upper),
            _ => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Text)
    }
}

/// Takes a text only. A number is refused, because it does not say whether it counts whole or minor units.
struct Text;

impl Visitor<'_> for Text {
    type Value = Money;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a sum with all decimals in quotation marks, as in \"{}\"", Currency::ledger().one())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Money, E> {
        let problem = |example: &str| {
            let currency = Currency::ledger();
            E::custom(format!("`{text}` is not a sum of money: write {currency} with all decimals, \"{example}\""))
        };
        let minor =
            parse_minor(text).ok().filter(|minor| *minor >= 0).ok_or_else(|| problem(&Currency::ledger().one()))?;
        let written = format_minor(minor);
        if written == text { Ok(Money(minor)) } else { Err(problem(&written)) }
    }
}

#[cfg(test)]
#[path = "money_tests.rs"]
mod tests;
