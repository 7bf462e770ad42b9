//! Instants in texts, in the time zone of the country.

use chrono::{DateTime, Utc};

use crate::domain::calendar::zone;

/// `22.11.2026`
pub(super) fn local_day(at: DateTime<Utc>) -> String {
    at.with_timezone(&zone()).format("%d.%m.%Y").to_string()
}

/// `22.11. 17:04`
pub(super) fn local_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&zone()).format("%d.%m. %H:%M").to_string()
}
