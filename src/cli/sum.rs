//! Sums of money as they are typed at a command. Their currency is known only when the configuration has been read.

use std::str::FromStr;

use anyhow::anyhow;

use crate::domain::{Amount, CURRENCY, format_minor, parse_minor};

/// A sum as staff write it: `5`, `5.00`, `5,00`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sum(String);

impl FromStr for Sum {
    type Err = String;

    fn from_str(written: &str) -> Result<Self, String> {
        let number = written.strip_prefix('-').unwrap_or(written);
        let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if is_number(whole) && is_number(decimals) {
            Ok(Self(written.to_owned()))
        } else {
            Err(format!("`{written}` is not an amount: write it as 5 or 5.00"))
        }
    }
}

impl Sum {
    /// Minor units of the ledger's currency; negative for a debit.
    pub(super) fn minor(&self) -> anyhow::Result<i64> {
        parse_minor(&self.0).map_err(|problem| anyhow!(problem))
    }

    pub(super) fn amount(&self) -> anyhow::Result<Amount> {
        let least = format_minor(1);
        let problem = |_| anyhow!("`{}` is not from {least} to {} {CURRENCY}", self.0, Amount::MAX);
        Amount::from_minor(self.minor()?).map_err(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_are_sums() {
        for (written, minor) in [("5", 500), ("5.00", 500), ("-2,50", -250), ("007", 700)] {
            assert_eq!(written.parse::<Sum>().unwrap().minor().unwrap(), minor, "{written}");
        }
        for refused in ["", "-", "5.", ".5", "5 EUR", "--5", "+5", "1e2"] {
            assert!(refused.parse::<Sum>().unwrap_err().contains("write it as 5 or 5.00"), "{refused}");
        }
        for (written, told) in [("5.005", "write EUR as 5.00"), ("99999999999999999999", "too large")] {
            assert!(written.parse::<Sum>().unwrap().minor().unwrap_err().to_string().contains(told), "{written}");
        }
        let none = "0".parse::<Sum>().unwrap().amount().unwrap_err().to_string();
        assert_eq!(none, "`0` is not from 0.01 to 10000000000000.00 EUR");
    }
}
