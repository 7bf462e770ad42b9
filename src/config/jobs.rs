//! `[life]` and `[audit]`: periodic tasks of the server.

use std::path::PathBuf;

use chrono::NaiveTime;
use garde::Validate;
use serde::Deserialize;

use super::values;
use crate::domain::calendar::Hours;

/// `[life]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Life {
    /// Interval of the sweep over all numbers, in seconds; 0 for never.
    #[garde(range(max = 86_400))]
    pub sweep_every_seconds: u32,
    /// Days before the end of validity on which a warning is sent by SMS, each once; empty for no warnings.
    #[garde(length(max = 8), inner(range(min = 1, max = 366)))]
    pub warn_days: Vec<u16>,
    /// Link for warnings; `None` for no warnings.
    #[garde(skip)]
    pub warn_link: Option<String>,
    /// Source address of warnings: a short code or a name.
    #[garde(custom(values::sender))]
    pub warn_sender: String,
    /// First minute of the hours, in local time, in which SMS may be sent that do not answer a message.
    #[garde(custom(|from: &NaiveTime, _context: &()| before(*from, self.hours_until)))]
    pub hours_from: NaiveTime,
    /// The minute after the last one.
    #[garde(skip)]
    pub hours_until: NaiveTime,
}

impl Life {
    pub const fn hours(&self) -> Hours {
        Hours { from: self.hours_from, until: self.hours_until }
    }
}

impl Default for Life {
    fn default() -> Self {
        Self {
            sweep_every_seconds: 300,
            warn_days: vec![7, 1],
            warn_link: None,
            warn_sender: "mbush".to_owned(),
            hours_from: time(9),
            hours_until: time(20),
        }
    }
}

/// `[audit]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// The key that signs past days (`mbush audit keygen` creates it); `None` to seal no days.
    #[garde(skip)]
    pub signing_key_file: Option<PathBuf>,
    /// Public keys in hexadecimal that are trusted beside that of `signing_key_file`: former ones, and those of other nodes.
    #[garde(inner(custom(|key: &String, _context: &()| public_key(key))))]
    pub trusted_keys: Vec<String>,
    /// Minutes after midnight (local) at which a day is sealed. Must exceed the duration of any batch and the
    /// difference between the clocks of nodes.
    #[garde(range(min = 5, max = 720))]
    pub seal_after_minutes: u16,
}

impl Default for Audit {
    fn default() -> Self {
        Self { signing_key_file: None, trusted_keys: Vec::new(), seal_after_minutes: 30 }
    }
}

fn time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

fn before(from: NaiveTime, until: NaiveTime) -> garde::Result {
    if from < until { Ok(()) } else { Err(garde::Error::new("must be before hours_until, as in \"09:00:00\"")) }
}

fn public_key(text: &str) -> garde::Result {
    match hex::decode(text) {
        Ok(octets) if octets.len() == 32 => Ok(()),
        _ => Err(garde::Error::new("must be 64 hexadecimal digits, as `mbush audit keygen FILE` prints them")),
    }
}
