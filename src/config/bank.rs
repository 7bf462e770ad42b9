//! `[banks.ID]`: settings of a bank, and the address at which it verifies its customers' PINs.

use std::path::{Path, PathBuf};

use garde::Validate;
use secrecy::SecretString;
use serde::Deserialize;

use super::secret::Carrier;
use super::values;
use crate::domain::BankRules;

/// Longest time that the same request counts as one: a day.
const DUPLICATE_WINDOW_SECONDS_MAX: u32 = 86_400;
/// Longest time for an answer of a bank, in milliseconds. With the time for a transaction it is about the time that an entry
/// waits for its own answer.
const TIMEOUT_MS_MAX: u64 = 5_000;

/// `[banks.ID]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Bank {
    /// Takes top-ups.
    #[garde(skip)]
    pub enabled: bool,
    /// The time within which the same request counts as one, in seconds.
    #[garde(range(max = DUPLICATE_WINDOW_SECONDS_MAX))]
    pub duplicate_window_seconds: u32,
    /// The address at which the bank verifies PINs; `None` if it verifies none.
    #[garde(dive)]
    pub pin_check: Option<PinCheck>,
}

impl Default for Bank {
    fn default() -> Self {
        let BankRules { enabled, duplicate_window_seconds } = BankRules::default();
        Self { enabled, duplicate_window_seconds, pin_check: None }
    }
}

impl Bank {
    /// The rules for decisions.
    pub(super) const fn rules(&self) -> BankRules {
        BankRules { enabled: self.enabled, duplicate_window_seconds: self.duplicate_window_seconds }
    }
}

/// `[banks.ID.pin_check]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct PinCheck {
    /// URL that PINs are posted to.
    #[garde(custom(values::http_url))]
    pub url: String,
    /// Bearer secret of our posts.
    #[garde(skip)]
    secret: Option<SecretString>,
    /// File with the secret.
    #[garde(skip)]
    secret_file: Option<PathBuf>,
    /// Longest wait for an answer, in milliseconds.
    #[serde(default = "default_timeout_ms")]
    #[garde(range(min = 100, max = TIMEOUT_MS_MAX))]
    pub timeout_ms: u64,
}

const fn default_timeout_ms() -> u64 {
    2_000
}

impl PinCheck {
    /// The secret of our posts.
    ///
    /// # Errors
    /// The secret is missing or given twice, or its file cannot be read.
    pub fn secret(&self) -> Result<SecretString, String> {
        super::secret::resolve(Carrier::Header, "secret", self.secret.clone(), self.secret_file.as_ref())
    }

    /// The file with the secret, if one is configured.
    pub(super) fn secret_file(&self) -> Option<&Path> {
        self.secret_file.as_deref()
    }
}
