//! Checks of the digits of a value: how it may begin, and its check digit.

use std::fmt::Write;

/// The checks of one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Checks {
    /// A value begins with one of these; with anything, if there are none.
    pub(super) prefixes: Vec<String>,
    pub(super) digit: Option<CheckDigit>,
}

/// The rule of the last digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckDigit {
    /// ISO/IEC 7812-1, as on payment cards.
    Luhn,
    /// ISO/IEC 7064, MOD 97-10, as in reference numbers of payments: the whole number leaves 1 when divided by 97.
    Mod97,
}

impl CheckDigit {
    pub(super) const ALL: [Self; 2] = [Self::Luhn, Self::Mod97];

    /// As a grammar file writes it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Luhn => "luhn",
            Self::Mod97 => "mod97",
        }
    }

    fn accepts(self, digits: &str) -> bool {
        let values = digits.bytes().filter(u8::is_ascii_digit).map(|byte| u32::from(byte - b'0'));
        match self {
            Self::Luhn => {
                let doubled = |(place, digit): (usize, u32)| match (place % 2, digit * 2) {
                    (0, _) => digit,
                    (_, twice) => twice / 10 + twice % 10,
                };
                values.rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
            }
            Self::Mod97 => values.fold(0, |rest, digit| (rest * 10 + digit) % 97) == 1,
        }
    }
}

impl Checks {
    pub(super) fn accept(&self, value: &str) -> bool {
        let begins = self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| value.starts_with(prefix.as_str()));
        begins && self.digit.is_none_or(|digit| digit.accepts(value))
    }

    /// Digits that pass the checks, to show a form with.
    pub(super) fn digits_for_show(&self, count: usize) -> String {
        let prefix = self.prefixes.first().map_or("", String::as_str);
        let filler = "1234567890".chars().cycle();
        let mut digits: String = prefix.chars().chain(filler).take(count).collect();
        let varied = count.min(if self.digit == Some(CheckDigit::Mod97) { 2 } else { 1 });
        let fixed = count - varied;
        for end in 0..10_usize.pow(u32::try_from(varied).unwrap_or(0)) {
            if self.accept(&digits) {
                break;
            }
            digits.truncate(fixed);
            // Writing to a text cannot fail.
            let _ = write!(digits, "{end:0varied$}");
        }
        digits
    }
}
