//! The currency and the time zone of the ledger. One process serves one ledger, and a ledger has one currency: both are
//! fixed when the configuration is read, before the first sum or date is written.

use std::fmt;
use std::sync::OnceLock;

use chrono_tz::Tz;

/// Most decimals of a currency; ISO 4217 has three at most for money in use.
const DECIMALS_MAX: u16 = 3;

/// A currency of ISO 4217 with none to three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    iso: iso_currency::Currency,
    decimals: u8,
}

/// A code is not that of a currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the code of a currency: write three capital letters of ISO 4217 (money with 0 to 3 decimals), as EUR"
)]
pub struct UnknownCurrency(String);

impl Currency {
    pub const EUR: Self = Self { iso: iso_currency::Currency::EUR, decimals: 2 };

    /// The currency with this code of ISO 4217.
    ///
    /// # Errors
    /// There is none, or it has no or too many decimals (gold, test codes).
    pub fn of(code: &str) -> Result<Self, UnknownCurrency> {
        let unknown = || UnknownCurrency(code.to_owned());
        let iso = iso_currency::Currency::from_code(code).ok_or_else(unknown)?;
        let exponent = iso.exponent().filter(|decimals| *decimals <= DECIMALS_MAX).ok_or_else(unknown)?;
        Ok(Self { iso, decimals: u8::try_from(exponent).map_err(|_| unknown())? })
    }

    /// The currency of the ledger that this process serves.
    pub fn ledger() -> Self {
        Locale::get().currency
    }

    /// Three letters: `EUR`.
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// Three digits, as in field 49 of ISO 8583: `978`.
    pub fn numeric(self) -> String {
        format!("{:03}", self.iso.numeric())
    }

    /// The number of decimals, 0 to 3.
    pub const fn decimals(self) -> u8 {
        self.decimals
    }

    /// The minor units of one: 1, 10, 100 or 1000.
    pub const fn unit(self) -> i64 {
        10_i64.pow(self.decimals as u32)
    }

    /// Any number of minor units, for example a balance, with a full stop before its decimals: `-0.05`.
    pub fn written(self, minor: i64) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let (magnitude, unit) = (minor.unsigned_abs(), self.unit().unsigned_abs());
        match usize::from(self.decimals) {
            0 => format!("{sign}{magnitude}"),
            width => format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit),
        }
    }

    /// One unit of money, as it is written: `1.00`.
    pub fn one(self) -> String {
        self.written(self.unit())
    }

    /// Reads a sum as staff type it: `5`, `5.0`, `-2.50`, and `5,00`. Parts of a minor unit are refused.
    ///
    /// # Errors
    /// The text is not such a number, or too long.
    pub fn read(self, text: &str) -> Result<i64, String> {
        let problem =
            || format!("`{text}` is not an amount: write {} as {}", self.code(), self.written(5 * self.unit()));
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, decimals) = match digits.split_once(['.', ',']) {
            Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
            Some(_) => return Err(problem()),
            None => (digits, ""),
        };
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let width = usize::from(self.decimals);
        if whole.is_empty() || !is_number(whole) || !is_number(decimals) || decimals.len() > width {
            return Err(problem());
        }
        let minor: i64 = format!("{whole}{decimals:0<width$}").parse().map_err(|_| format!("`{text}` is too large"))?;
        Ok(sign * minor)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The code of the ledger's currency, for texts: `"{amount} {CURRENCY}"`.
pub const CURRENCY: LedgerCurrency = LedgerCurrency;

/// Shows the code of the ledger's currency.
#[derive(Debug, Clone, Copy)]
pub struct LedgerCurrency;

impl fmt::Display for LedgerCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Currency::ledger().code())
    }
}

/// The facts of a country that hold for the whole process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale {
    pub currency: Currency,
    /// Words and signs that people write with an amount, folded; the first is shown in examples.
    pub words: Vec<String>,
    pub time_zone: Tz,
    /// Lowest and highest top-up in minor units, where a bank's file does not say otherwise.
    pub top_up: (i64, i64),
}

/// Another country was chosen after sums or dates of the first had been read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this process counts in {now}, and cannot change to {asked}: start it again with the other country")]
pub struct AlreadyFixed {
    now: &'static Locale,
    asked: Box<Locale>,
}

static LOCALE: OnceLock<Locale> = OnceLock::new();

impl Locale {
    /// The one that was chosen; Kosovo's without a choice.
    pub fn get() -> &'static Self {
        LOCALE.get_or_init(Self::default)
    }

    /// Chooses for the whole process.
    ///
    /// # Errors
    /// Another was chosen or used before.
    pub fn fix(self) -> Result<(), AlreadyFixed> {
        let now = LOCALE.get_or_init(|| self.clone());
        if *now == self { Ok(()) } else { Err(AlreadyFixed { now, asked: Box::new(self) }) }
    }

    /// Characters of the highest top-up of the country or the given one, and of a balance of a hundred of them, with a sign
    /// between each three digits.
    pub fn widest(&self, or: i64) -> (usize, usize) {
        let width = |minor: i64| {
            let written = self.currency.written(minor);
            let whole = written.split('.').next().map_or(0, str::len);
            written.len() + whole.saturating_sub(1) / 3
        };
        let highest = self.top_up.1.max(or);
        (width(highest), width(highest.saturating_mul(100)))
    }
}

/// Of Kosovo.
impl Default for Locale {
    fn default() -> Self {
        let words = ["€", "eur", "euro", "euros", "evro", "evra", "evri", "eura", "euri", "e"];
        Self {
            currency: Currency::EUR,
            words: words.map(str::to_owned).to_vec(),
            time_zone: Tz::Europe__Belgrade,
            top_up: (100, 5_000),
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {}", self.currency, self.time_zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Currency {
        Currency::of(code).unwrap()
    }

    #[test]
    fn sums_have_the_decimals_of_their_currency() {
        for (code, minor, written) in [
            ("EUR", 1250, "12.50"),
            ("EUR", -5, "-0.05"),
            ("EUR", i64::MIN, "-92233720368547758.08"),
            ("VND", 20_000, "20000"),
            ("VND", -1, "-1"),
            ("KWD", 1250, "1.250"),
            ("KWD", 5, "0.005"),
        ] {
            assert_eq!(of(code).written(minor), written, "{code}");
            if minor != i64::MIN {
                assert_eq!(of(code).read(written), Ok(minor), "{code}");
            }
        }
        assert_eq!((of("VND").one(), of("KWD").one()), ("1".into(), "1.000".into()));
    }

    #[test]
    fn staff_type_sums_with_or_without_decimals() {
        for (text, minor) in [("5", 500), ("5.0", 500), ("5,05", 505), ("-2.50", -250), ("0.01", 1), ("007", 700)] {
            assert_eq!(Currency::EUR.read(text), Ok(minor), "{text}");
        }
        for refused in ["", "-", "5.", ".5", "5.005", "5 EUR", "--5", "+5", "1e2", "99999999999999999999"] {
            assert!(Currency::EUR.read(refused).is_err(), "{refused}");
        }
        assert_eq!(of("KWD").read("5.005"), Ok(5005));
        assert_eq!(of("VND").read("5.0").unwrap_err(), "`5.0` is not an amount: write VND as 5");
    }

    #[test]
    fn only_money_of_iso_4217_is_a_currency() {
        assert_eq!(of("RSD").numeric(), "941");
        assert_eq!(of("BHD").decimals(), 3);
        assert_eq!(of("ALL").numeric(), "008");
        for refused in ["", "eur", "EU", "XYZ", "XAU", "CLF"] {
            assert_eq!(Currency::of(refused), Err(UnknownCurrency(refused.into())), "{refused}");
        }
    }
}
