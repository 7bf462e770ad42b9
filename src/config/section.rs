//! The sections of `mbush.toml`. Each has its defaults and its limits, and refuses unknown keys.

use std::path::PathBuf;

use garde::Validate;
use serde::Deserialize;

use super::money::Money;
use crate::domain::validity::{self, Extend, Validity};
use crate::domain::{AccountRules, Language, UnknownSubscriber};

/// `[store]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// `sqlite://PATH`, a file that is created if it does not exist, or `postgres://USER:PASSWORD@HOST/DATABASE`.
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
    /// Directory of `*.toml` grammars; `None` for the built-in ones.
    #[garde(skip)]
    pub dir: Option<PathBuf>,
}

/// `[numbering]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Numbering {
    /// A numbering plan; `None` for that of Kosovo.
    #[garde(skip)]
    pub file: Option<PathBuf>,
}

/// `[subscribers]`
#[derive(Debug, Clone, Default, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Subscribers {
    /// Treatment of a top-up for a number without an account.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub unknown: UnknownSubscriber,
    /// Language of a customer who has not chosen one; `None` for the first of the country.
    #[garde(skip)]
    #[serde(deserialize_with = "super::some_word")]
    pub language: Option<Language>,
}

/// `[accounts.KIND]`: a kind of account that a grammar declares.
#[derive(Debug, Clone, Copy, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Treatment of a top-up of an identifier without an account.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub unknown: UnknownSubscriber,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { unknown: AccountRules::default().unknown }
    }
}

/// `[validity]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ValiditySection {
    /// Days of validity by amount.
    #[garde(dive)]
    pub tiers: Vec<Tier>,
    /// Effect of a top-up on an end of validity in the future.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub extend: Extend,
    /// Days after the end of validity in which a number can only receive.
    #[garde(range(max = 366))]
    pub receive_only_days: u16,
}

/// One of `tiers`: a top-up of at least `from` gives `days` days by the local calendar.
#[derive(Debug, Clone, Copy, Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Lowest top-up of the tier.
    #[garde(range(min = Money::LEAST, max = Money::MAX))]
    pub from: Money,
    #[garde(skip)]
    pub days: u16,
}

impl ValiditySection {
    /// The tiers of the rules, without those whose amount has been reported.
    pub(super) fn tiers(&self) -> Vec<validity::Tier> {
        self.tiers
            .iter()
            .filter_map(|tier| Some(validity::Tier { from: tier.from.amount().ok()?, days: tier.days }))
            .collect()
    }
}

impl Default for ValiditySection {
    fn default() -> Self {
        let section = |tier: validity::Tier| Tier { from: Money::of_minor(tier.from.minor()), days: tier.days };
        let tiers = Validity::published_tiers().into_iter().map(section).collect();
        Self { tiers, extend: Extend::Max, receive_only_days: 14 }
    }
}

/// `[redelivery]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct RedeliverySection {
    /// Seconds after a bind in which the SMSC may redeliver messages; 0 disables the check.
    #[garde(range(max = 86_400))]
    pub grace_seconds: u32,
    /// Highest age of the first delivery, in seconds.
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
    /// Most messages that wait for a transaction. Above this number, links get the error that the queue is full.
    #[garde(range(min = 1, max = 1_000_000))]
    pub queue_max: usize,
}

impl Default for Processor {
    fn default() -> Self {
        Self { batch_max: 384, queue_max: 4_096 }
    }
}

/// `[dispatch]`
#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct Dispatch {
    /// Most replies of one link in progress. A link to an SMSC or a bank uses at most twice its window.
    #[garde(range(min = 1, max = 65_536))]
    pub concurrency: usize,
    /// Seconds until the lease of a reply ends and another dispatcher may take it.
    #[garde(range(min = 10, max = 3_600))]
    pub lease_seconds: u32,
    /// Attempts before a reply is given up.
    #[garde(range(min = 1, max = 1_000))]
    pub attempts_max: u32,
    /// Number of times that a reply without a response is sent again. It may have arrived, so the customer may get it
    /// twice.
    #[garde(range(max = 10))]
    pub unanswered_resends: u32,
    /// Wait before such a reply is sent again, in seconds. A response or a receipt may be late.
    #[garde(range(min = 1, max = 3_600))]
    pub unanswered_wait_seconds: u32,
    /// Wait after the first failed attempt, in milliseconds; it doubles with each further one.
    #[garde(range(min = 10, max = 600_000))]
    pub retry_first_ms: u32,
    /// Longest wait between two attempts, in milliseconds.
    #[garde(range(min = self.retry_first_ms, max = 86_400_000))]
    pub retry_max_ms: u32,
    /// Highest age of a reply, in seconds. An older one is given up, because it is of no use any more.
    #[garde(range(min = 60, max = 2_592_000))]
    pub age_max_seconds: u32,
    /// Highest age of a report to the ESME that submitted a message, in seconds. It waits while the ESME is not bound.
    #[garde(range(min = 60, max = 31_536_000))]
    pub report_age_max_seconds: u32,
}

impl Default for Dispatch {
    fn default() -> Self {
        Self {
            concurrency: 4_096,
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
    /// Seconds after its arrival in which a quarantined message may still be carried out.
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
    /// One line for people, or one JSON object on each line.
    #[garde(skip)]
    #[serde(deserialize_with = "super::word")]
    pub format: LogFormat,
    /// A filter in the syntax of `tracing`: `info`, `mbush=debug,warn`.
    #[garde(length(min = 1))]
    pub filter: String,
}

/// Format of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
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
