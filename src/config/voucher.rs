//! `[vouchers]`: scratch cards.

use std::path::PathBuf;

use chrono::TimeDelta;
use garde::Validate;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::money::Money;
use super::{key_file, values};
use crate::domain::Amount;
use crate::domain::voucher::{GuessRates, Keys, Ladder};

/// `[vouchers]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Vouchers {
    /// Keys for hashes of codes, the newest last; without a key no card is generated or redeemed.
    #[garde(dive)]
    pub keys: Vec<KeyFile>,
    /// Allowed values of cards.
    #[garde(length(min = 1), inner(range(min = Money::LEAST, max = Money::MAX)))]
    pub denominations: Vec<Money>,
    /// Public keys of age (`age1…`) that print files are encrypted for: the printer's, and one for emergencies.
    #[garde(inner(custom(values::recipient)))]
    pub recipients: Vec<String>,
    /// Number of consecutive wrong codes that locks a sender.
    #[garde(range(min = 1, max = 100))]
    pub lock_after: u32,
    /// Duration of the first lock, the second, and so on, in minutes; the last applies to all further ones.
    #[garde(length(min = 1), inner(range(min = 1, max = 525_600)))]
    pub lock_minutes: Vec<u32>,
    /// Most wrong codes a minute from one client, gateway or bank's link, over all numbers; 0 for no limit.
    #[garde(range(max = 1_000_000))]
    pub peer_wrong_per_minute_max: u32,
    /// Most wrong codes a minute in total; 0 for no limit.
    #[garde(range(max = 1_000_000))]
    pub wrong_per_minute_max: u32,
}

/// One `[[vouchers.keys]]`.
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    /// Name that batches refer to. It must never be given to another key.
    #[garde(length(min = 1, max = 64))]
    pub id: String,
    /// File with 64 hexadecimal digits that only this user can read.
    #[garde(skip)]
    pub file: PathBuf,
}

impl Default for Vouchers {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            denominations: [500, 1_000, 2_000].map(Money::of_minor).to_vec(),
            recipients: Vec::new(),
            lock_after: 3,
            lock_minutes: vec![15, 30, 60, 1_440],
            peer_wrong_per_minute_max: GuessRates::default().of_machine,
            wrong_per_minute_max: GuessRates::default().all,
        }
    }
}

impl Vouchers {
    /// Reads the keys.
    ///
    /// # Errors
    /// A file cannot be read or has no key; the text names it.
    pub fn keys(&self) -> Result<Keys, String> {
        let read = |key: &KeyFile| {
            let problem = |what: &str| format!("vouchers.keys: {} (key `{}`): {what}", key.file.display(), key.id);
            let back = "; put the file back: without it the cards of this key cannot be redeemed";
            let back = if key.file.exists() { "" } else { back };
            let text = key_file::read(&key.file).map_err(|error| problem(&format!("{error}{back}")))?;
            hex::decode(text.trim()).map(Zeroizing::new).map_err(|_| {
                problem("it has no key: write 64 hexadecimal digits, or create it with `mbush voucher keys --new FILE`")
            })
        };
        let octets = self.keys.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let named = self.keys.iter().zip(&octets).map(|(key, octets)| (key.id.as_str(), octets.as_slice()));
        Keys::new(named).map_err(|error| format!("vouchers.keys: {error}"))
    }

    /// Returns true if a card may have this value.
    pub fn is_denomination(&self, amount: Amount) -> bool {
        self.denominations.contains(&Money::of_minor(amount.minor()))
    }

    /// The values that cards may have.
    pub fn amounts(&self) -> Vec<Amount> {
        self.denominations.iter().filter_map(|value| value.amount().ok()).collect()
    }

    /// Limits on wrong codes.
    pub const fn code_rates(&self) -> GuessRates {
        GuessRates { of_machine: self.peer_wrong_per_minute_max, all: self.wrong_per_minute_max }
    }

    /// Durations of locks.
    ///
    /// # Errors
    /// The durations are not valid.
    pub fn ladder(&self) -> Result<Ladder, String> {
        let waits = self.lock_minutes.iter().map(|minutes| TimeDelta::minutes(i64::from(*minutes)));
        Ladder::new(self.lock_after, waits.collect()).map_err(|error| format!("vouchers.lock_minutes: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn vouchers(file: &std::path::Path) -> Vouchers {
        toml::from_str(&format!("keys = [{{ id = \"2026\", file = \"{}\" }}]", file.display())).unwrap()
    }

    #[test]
    fn a_key_is_read_from_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("voucher.key");
        assert!(
            vouchers(&file).keys().unwrap_err().contains("put the file back"),
            "a missing key is told with its file"
        );
        std::fs::write(&file, "no key\n").unwrap();
        set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        assert!(vouchers(&file).keys().unwrap_err().contains("others can read it (mode 644)"));
        set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        assert!(vouchers(&file).keys().unwrap_err().contains("64 hexadecimal digits"));
        std::fs::write(&file, "00ff").unwrap();
        assert!(vouchers(&file).keys().unwrap_err().contains("too short"));
        std::fs::write(&file, format!("{}\n", "0f".repeat(32))).unwrap();
        assert!(vouchers(&file).keys().unwrap().has("2026"));
        assert!(Vouchers::default().keys().unwrap().newest().is_none());
    }

    #[test]
    fn the_published_ladder() {
        assert_eq!(Vouchers::default().ladder(), Ok(Ladder::default()));
    }
}
