//! What was used of limits, as rows.

use chrono::DateTime;

use super::StoreError;
use crate::domain::limits::{Usage, UsageKey};

/// Subject, period, cents, top-ups, their instants, and how many batches have written it.
pub(super) type UsageRow = (String, String, i64, i64, Option<String>, i64);

/// A row, and its version.
pub(super) fn read(row: UsageRow) -> Result<(UsageKey, Usage, i64), StoreError> {
    let (subject, period, amount_cents, top_ups, recent, version) = row;
    let corrupt = |problem: String| StoreError::corrupt("usage", problem);
    let recent: Vec<i64> = match recent {
        Some(json) => serde_json::from_str(&json).map_err(|error| corrupt(error.to_string()))?,
        None => Vec::new(),
    };
    let instants = recent.into_iter().map(|micros| {
        DateTime::from_timestamp_micros(micros).ok_or_else(|| corrupt(format!("{micros} is not an instant")))
    });
    let usage = Usage {
        amount_cents,
        count: u32::try_from(top_ups).map_err(|_| corrupt(format!("{top_ups} top-ups")))?,
        recent: instants.collect::<Result<_, _>>()?,
    };
    Ok((UsageKey { subject, period: period.parse().map_err(corrupt)? }, usage, version))
}

/// The instants as they are kept; nothing where there are none.
pub(super) fn recent(usage: &Usage) -> Option<String> {
    let micros: Vec<String> = usage.recent.iter().map(|at| at.timestamp_micros().to_string()).collect();
    (!micros.is_empty()).then(|| format!("[{}]", micros.join(",")))
}
