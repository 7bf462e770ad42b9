//! The sections of `mbush.toml`. Each has its defaults, refuses keys that it does not know, and says its own limits.

use std::path::PathBuf;

use garde::Validate;
use serde::Deserialize;

use crate::domain::validity::{Extend, Tier, Validity};
use crate::domain::{BankRules, Language, UnknownSubscriber};

/// `[store]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// `sqlite://PATH`, a file that is made where it does not exist, or `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[garde(custom(|url: &str, _context: &()| database_url(url)))]
    pub url: String,
}

impl Default for Store {
    fn default() -> Self {
        Self { url: "sqlite://mbush.db".to_owned() }
    }
}

/// `[grammars]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Grammars {
    /// Folder of `*.toml` grammars; without it the set that is built in is used.
    #[garde(skip)]
    pub dir: Option<PathBuf>,
}

/// `[numbering]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Numbering {
    /// A numbering plan; without it that of Kosovo is used.
    #[garde(skip)]
    pub file: Option<PathBuf>,
}

/// `[subscribers]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Subscribers {
    /// What becomes of a top-up for a number without an account.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub unknown: UnknownSubscriber,
    /// Language of who has not chosen one.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub language: Language,
}

/// `[validity]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ValiditySection {
    /// Days by amount.
    #[garde(skip)]
    pub tiers: Vec<Tier>,
    /// What a top-up does to an end that is still ahead.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub extend: Extend,
    /// Days of receive-only after the end.
    #[garde(range(max = 366))]
    pub receive_only_days: u16,
}

impl Default for ValiditySection {
    fn default() -> Self {
        Self { tiers: Validity::published_tiers(), extend: Extend::Max, receive_only_days: 14 }
    }
}

/// Longest time that the same request counts as one: a day.
const DUPLICATE_WINDOW_SECONDS_MAX: u32 = 86_400;

/// `[banks.ID]`
impl Validate for BankRules {
    type Context = ();

    fn validate_into(&self, (): &(), parent: &mut dyn FnMut() -> garde::Path, report: &mut garde::Report) {
        if self.duplicate_window_seconds > DUPLICATE_WINDOW_SECONDS_MAX {
            let problem = garde::Error::new(format!("greater than {DUPLICATE_WINDOW_SECONDS_MAX}"));
            report.append(parent().join("duplicate_window_seconds"), problem);
        }
    }
}

/// `[redelivery]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct RedeliverySection {
    /// How long after a bind messages come that an SMSC delivers again, in seconds; 0 switches it off.
    #[garde(range(max = 86_400))]
    pub grace_seconds: u32,
    /// How old their first delivery may be, in seconds.
    #[garde(range(max = 604_800))]
    pub window_seconds: u32,
}

impl Default for RedeliverySection {
    fn default() -> Self {
        Self { grace_seconds: 900, window_seconds: 3_600 }
    }
}

/// `[processor]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Processor {
    /// Most messages in one transaction.
    #[garde(range(min = 1, max = 4_096))]
    pub batch_max: usize,
    /// Most messages that wait for a transaction; above it a link is told that the queue is full.
    #[garde(range(min = 1, max = 1_000_000))]
    pub queue_max: usize,
}

impl Default for Processor {
    fn default() -> Self {
        Self { batch_max: 256, queue_max: 4_096 }
    }
}

/// `[dispatch]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Dispatch {
    /// Replies of one link that are on their way at once.
    #[garde(range(min = 1, max = 4_096))]
    pub concurrency: usize,
    /// How long a leased reply is left to its dispatcher before another may take it, in seconds.
    #[garde(range(min = 10, max = 3_600))]
    pub lease_seconds: u32,
    /// Attempts before a reply is given up.
    #[garde(range(min = 1, max = 1_000))]
    pub attempts_max: u32,
    /// How often a reply is sent again that nobody answered: it may have arrived, so that the customer gets it twice.
    #[garde(range(max = 10))]
    pub unanswered_resends: u32,
    /// Wait before such a reply is sent again, in seconds: an answer or a receipt may come late.
    #[garde(range(min = 1, max = 3_600))]
    pub unanswered_wait_seconds: u32,
    /// Wait after the first failed attempt, in milliseconds; it doubles with each further one.
    #[garde(range(min = 10, max = 600_000))]
    pub retry_first_ms: u32,
    /// Longest wait between two attempts, in milliseconds.
    #[garde(range(min = self.retry_first_ms, max = 86_400_000))]
    pub retry_max_ms: u32,
    /// Longest life of a reply, in seconds: an older one is given up, because nobody waits for it any more.
    #[garde(range(min = 60, max = 2_592_000))]
    pub age_max_seconds: u32,
    /// A report to the machine that submitted a message, which waits while that is not bound, is given up after this, in
    /// seconds.
    #[garde(range(min = 60, max = 31_536_000))]
    pub report_age_max_seconds: u32,
}

impl Default for Dispatch {
    fn default() -> Self {
        Self {
            concurrency: 64,
            lease_seconds: 60,
            attempts_max: 20,
            unanswered_resends: 1,
            unanswered_wait_seconds: 60,
            retry_first_ms: 500,
            retry_max_ms: 300_000,
            age_max_seconds: 86_400,
            report_age_max_seconds: 604_800,
        }
    }
}

/// `[quarantine]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Quarantine {
    /// How long after it came a quarantined message may still be carried out, in seconds.
    #[garde(range(max = 2_592_000))]
    pub replay_age_max_seconds: u32,
}

impl Default for Quarantine {
    fn default() -> Self {
        Self { replay_age_max_seconds: 3_600 }
    }
}

/// `[log]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// One line for people, or one JSON object a line.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub format: LogFormat,
    /// A filter as of `tracing`: `info`, `mbush=debug,warn`.
    #[garde(length(min = 1))]
    pub filter: String,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

fn database_url(url: &str) -> garde::Result {
    let schemes = ["sqlite://", "postgres://", "postgresql://"];
    if schemes.iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())) {
        return Ok(());
    }
    Err(garde::Error::new(
        "must be sqlite://PATH, as in sqlite:///var/lib/mbush/mbush.db, or postgres://USER:PASSWORD@HOST/DATABASE",
    ))
}
