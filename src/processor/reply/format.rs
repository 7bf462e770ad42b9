//! Instants in texts, in the time zone Europe/Belgrade.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Belgrade;

/// `22.11.2026`
pub(super) fn local_day(at: DateTime<Utc>) -> String {
    at.with_timezone(&Belgrade).format("%d.%m.%Y").to_string()
}

/// `22.11. 17:04`
pub(super) fn local_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&Belgrade).format("%d.%m. %H:%M").to_string()
}
