//! Entries of accounts: as text, as an object, as a row of CSV.

use serde_json::json;

use super::style::local;
use crate::domain::{CURRENCY, Msisdn, NumberingPlan, format_minor};
use crate::store::StatementLine;

/// The sender's number in one spelling, also for messages that were stored before numbers were normalised.
pub(super) fn number_senders(plan: &NumberingPlan, lines: &mut [StatementLine]) {
    for entry in lines.iter_mut().filter(|entry| entry.cause.message().is_some()) {
        let phone = entry.wanted_by.as_ref().and_then(|from| plan.phone(from, None));
        entry.wanted_by = phone.map(Msisdn::digits).or_else(|| entry.wanted_by.take());
    }
}

/// One entry as text.
pub(super) fn shown(entry: &StatementLine) -> String {
    let (at, minor, balance) = (local(entry.at), format_minor(entry.minor), format_minor(entry.balance_minor));
    let sign = if entry.minor < 0 { "" } else { "+" };
    let way = if entry.minor < 0 { "to" } else { "from" };
    let reverses = entry.reverses.as_ref().map(|receipt| format!(" of {receipt}")).unwrap_or_default();
    let reason = entry.reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
    let by = entry.wanted_by.as_ref().map(|by| format!(", by {by}")).unwrap_or_default();
    let amount = format!("{sign}{minor}");
    let fields: Vec<String> = entry.fields.iter().map(|field| format!(", {} {}", field.name, field.value)).collect();
    let fields = fields.concat();
    format!(
        "{at}  {amount:>9}  {balance:>9}  {}  {}{reverses} {way} {}{reason}{by}{fields}",
        entry.receipt, entry.kind, entry.other
    )
}

/// One entry as an object.
pub(super) fn as_json(entry: &StatementLine) -> serde_json::Value {
    json!({
        "id": entry.id,
        "receipt": entry.receipt,
        "kind": entry.kind,
        "amount_minor": entry.minor,
        "balance_minor": entry.balance_minor,
        "other": entry.other.to_string(),
        "reverses": entry.reverses,
        "reason": entry.reason,
        "cause": entry.cause.to_string(),
        "by": entry.wanted_by,
        "fields": entry.fields,
        "at": entry.at,
    })
}

/// Headings of the table.
pub(super) const COLUMNS: [&str; 12] =
    ["at", "receipt", "kind", "amount", "balance", "currency", "other", "reverses", "reason", "cause", "by", "fields"];

/// One entry as a row of CSV.
pub(super) fn cells(entry: &StatementLine) -> [String; COLUMNS.len()] {
    [
        entry.at.to_rfc3339(),
        entry.receipt.to_string(),
        entry.kind.to_string(),
        format_minor(entry.minor),
        format_minor(entry.balance_minor),
        CURRENCY.to_string(),
        entry.other.to_string(),
        entry.reverses.as_ref().map(ToString::to_string).unwrap_or_default(),
        entry.reason.as_ref().map(ToString::to_string).unwrap_or_default(),
        entry.cause.to_string(),
        entry.wanted_by.clone().unwrap_or_default(),
        entry.fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect::<Vec<_>>().join(" "),
    ]
}
