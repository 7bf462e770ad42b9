//! `[credit_transfer]` and `[pins]`: credit that subscribers send to each other, and their PINs.

use std::path::PathBuf;

use garde::Validate;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::key_file;
use super::limits::Usage;
use super::money::Money;
use crate::domain::limits::UsageLimits;
use crate::domain::voucher::GuessRates;
use crate::domain::{CreditTransferRules, InvalidAmount};

/// Shortest key of PINs, in octets.
const KEY_OCTETS_MIN: usize = 32;

/// `[credit_transfer]`. The operator has not published its rules: the defaults are those of its neighbours.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct CreditTransfer {
    /// True if subscribers may send credit.
    #[garde(skip)]
    pub enabled: bool,
    /// Lowest amount.
    #[garde(range(min = Money::LEAST, max = Money::MAX))]
    pub amount_min: Money,
    /// Highest amount.
    #[garde(range(min = self.amount_min, max = Money::MAX))]
    pub amount_max: Money,
    /// Fee of the sender; `"0.00"` for none.
    #[garde(range(max = Money::MAX))]
    pub fee: Money,
    /// Balance that the sender must have before a transfer.
    #[garde(range(max = Money::MAX))]
    pub balance_min: Money,
    /// Balance that the sender must have after a transfer and its fee.
    #[garde(range(max = Money::MAX))]
    pub remaining_min: Money,
    /// Days of validity that a transfer gives the receiver.
    #[garde(range(min = 1, max = 3_650))]
    pub days: u16,
    /// Minutes in which a transfer by SMS must be confirmed; 0 for no confirmation. A menu always asks for one.
    #[garde(range(max = 1_440))]
    pub confirm_minutes: u16,
    /// Most that one sender may send in a day.
    #[garde(inner(range(min = self.amount_min, max = Money::MAX)))]
    pub day_amount_max: Option<Money>,
    /// Most transfers of one sender in a day.
    #[garde(inner(range(min = 1, max = 100_000)))]
    pub day_count_max: Option<u32>,
    /// Most that one sender may send in a month.
    #[garde(inner(range(min = self.day_amount_max.unwrap_or(self.amount_min), max = Money::MAX)))]
    pub month_amount_max: Option<Money>,
    /// Most transfers of one sender in a month.
    #[garde(inner(range(min = self.day_count_max.unwrap_or(1), max = 1_000_000)))]
    pub month_count_max: Option<u32>,
}

impl Default for CreditTransfer {
    fn default() -> Self {
        Self {
            enabled: true,
            amount_min: Money::of_minor(100),
            amount_max: Money::of_minor(500),
            fee: Money::of_minor(8),
            balance_min: Money::of_minor(120),
            remaining_min: Money::of_minor(0),
            days: 30,
            confirm_minutes: 0,
            day_amount_max: Some(Money::of_minor(1_000)),
            day_count_max: Some(5),
            month_amount_max: Some(Money::of_minor(5_000)),
            month_count_max: Some(30),
        }
    }
}

impl CreditTransfer {
    /// Builds the rules for decisions.
    pub(super) fn build(&self) -> Result<CreditTransferRules, InvalidAmount> {
        let limits = Usage {
            day_amount_max: self.day_amount_max,
            day_count_max: self.day_count_max,
            month_amount_max: self.month_amount_max,
            month_count_max: self.month_count_max,
            ..Usage::default()
        };
        let limits: UsageLimits = limits.build()?;
        Ok(CreditTransferRules {
            enabled: self.enabled,
            amount_min: self.amount_min.amount()?,
            amount_max: self.amount_max.amount()?,
            fee: Some(self.fee).filter(|fee| fee.minor() > 0).map(Money::amount).transpose()?,
            balance_min_minor: self.balance_min.minor(),
            remaining_min_minor: self.remaining_min.minor(),
            days: self.days,
            confirm_minutes: Some(self.confirm_minutes).filter(|minutes| *minutes > 0),
            limits,
        })
    }
}

/// `[pins]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Pins {
    /// File with 64 hexadecimal digits: the key for hashes of PINs. Without it there are no PINs and no credit
    /// transfer.
    #[garde(skip)]
    pub key_file: Option<PathBuf>,
    /// The initial PIN of all accounts, 4 to 8 digits. It must be changed before a first use.
    #[garde(custom(|pin: &SecretString, _context: &()| digits(pin)))]
    pub initial: SecretString,
    /// Most wrong PINs a minute from one gateway or one bank's link, over all numbers; 0 for no limit.
    #[garde(range(max = 1_000_000))]
    pub peer_wrong_per_minute_max: u32,
    /// Most wrong PINs a minute in total; 0 for no limit.
    #[garde(range(max = 1_000_000))]
    pub wrong_per_minute_max: u32,
}

impl Default for Pins {
    fn default() -> Self {
        let GuessRates { of_machine, all } = GuessRates::default();
        Self {
            key_file: None,
            initial: "0000".into(),
            peer_wrong_per_minute_max: of_machine,
            wrong_per_minute_max: all,
        }
    }
}

impl Pins {
    /// Reads the key.
    ///
    /// # Errors
    /// The file cannot be read or has no key; the text names it.
    pub fn key(&self) -> Result<Option<Zeroizing<Vec<u8>>>, String> {
        let Some(file) = &self.key_file else { return Ok(None) };
        let problem = |what: String| format!("pins.key_file: {}: {what}", file.display());
        let back = if file.exists() { "" } else { "; put the file back: without it every PIN has to be set anew" };
        let text = key_file::read(file).map_err(|error| problem(format!("{error}{back}")))?;
        let key = hex::decode(text.trim()).map(Zeroizing::new).ok().filter(|key| key.len() >= KEY_OCTETS_MIN);
        let remedy = "it has no key: write 64 hexadecimal digits, or create it with `mbush pin key --new FILE`";
        key.map(Some).ok_or_else(|| problem(remedy.to_owned()))
    }

    pub const fn rates(&self) -> GuessRates {
        GuessRates { of_machine: self.peer_wrong_per_minute_max, all: self.wrong_per_minute_max }
    }

    pub fn initial(&self) -> Zeroizing<String> {
        Zeroizing::new(self.initial.expose_secret().to_owned())
    }
}

fn digits(pin: &SecretString) -> garde::Result {
    let pin = pin.expose_secret();
    if (4..=8).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(garde::Error::new("must be 4 to 8 digits in quotation marks"))
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_read_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pin.key");
        let pins = Pins { key_file: Some(file.clone()), ..Pins::default() };
        assert!(pins.key().unwrap_err().contains("put the file back"));
        std::fs::write(&file, "0f".repeat(32)).unwrap();
        set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        assert!(pins.key().unwrap_err().contains("others can read it (mode 644); chmod 600 it"));
        set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        for none in ["no key", "00ff"] {
            std::fs::write(&file, none).unwrap();
            assert!(pins.key().unwrap_err().contains("64 hexadecimal digits"), "{none}");
        }
        std::fs::write(&file, format!("{}\n", "0f".repeat(32))).unwrap();
        assert_eq!(pins.key().unwrap().unwrap().len(), 32);
        assert!(Pins::default().key().unwrap().is_none());
    }
}
