//! The signs that a language writes amounts with.

use crate::domain::locale::Currency;

/// The sign before the decimals, and the one between groups of three digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) decimal: String,
    /// Empty for none.
    pub(super) thousands: String,
}

/// The sign of plain decimals.
const POINT: char = '.';
/// Digits of a group.
const GROUP: usize = 3;

impl Signs {
    /// A plain decimal such as `1234.50` with these signs. Any other text is returned as it is.
    pub(super) fn written(&self, plain: &str) -> String {
        if self.thousands.is_empty() && self.decimal.chars().eq([POINT]) {
            return plain.to_owned();
        }
        let (minus, number) = plain.strip_prefix('-').map_or(("", plain), |number| ("-", number));
        let (whole, decimals) =
            number.split_once(POINT).map_or((number, None), |(before, behind)| (before, Some(behind)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !decimals.is_none_or(digits) {
            return plain.to_owned();
        }
        let mut written = minus.to_owned();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % GROUP == 0 {
                written.push_str(&self.thousands);
            }
            written.push(digit);
        }
        if let Some(decimals) = decimals {
            written.push_str(&self.decimal);
            written.push_str(decimals);
        }
        written
    }

    /// As [`Signs::written`], but so that a customer may write it back: a whole amount has no groups where a sign before
    /// three digits could also be one before decimals.
    pub(super) fn listed(&self, plain: &str) -> String {
        let is_whole = !plain.contains(POINT);
        if is_whole && Currency::ledger().decimals() > 0 { plain.to_owned() } else { self.written(plain) }
    }

    /// The plain decimal of an amount that was written with these signs.
    pub(super) fn plain(&self, written: &str) -> String {
        let whole = if self.thousands.is_empty() { written.to_owned() } else { written.replace(&self.thousands, "") };
        whole.replace(&self.decimal, ".")
    }
}

impl Default for Signs {
    fn default() -> Self {
        Self { decimal: POINT.to_string(), thousands: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(decimal: &str, thousands: &str) -> Signs {
        Signs { decimal: decimal.to_owned(), thousands: thousands.to_owned() }
    }

    #[test]
    fn amounts_are_written_as_a_language_does() {
        for (plain, comma, spaced, usual) in [
            ("5.00", "5,00", "5.00", "5.00"),
            ("1234.50", "1.234,50", "1 234.50", "1234.50"),
            ("-1234567.00", "-1.234.567,00", "-1 234 567.00", "-1234567.00"),
            ("100000", "100.000", "100 000", "100000"),
            ("999", "999", "999", "999"),
        ] {
            let all = [signs(",", "."), signs(".", " "), Signs::default()];
            assert_eq!(all.clone().map(|signs| signs.written(plain)), [comma, spaced, usual]);
            assert!(all.iter().all(|signs| signs.plain(&signs.written(plain)) == plain), "{plain}");
        }
    }

    #[test]
    fn a_text_that_is_no_plain_decimal_stays_as_it_is() {
        for text in ["", "-", "1.", ".5", "1.2.3", "5 EUR", "1e6", "১২"] {
            assert_eq!(signs(",", ".").written(text), text);
        }
    }
}
