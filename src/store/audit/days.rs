//! The heads of days: each is signed, follows the one of the day before, and has the day's transfers as they are now.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, TimeDelta};

use super::{AuditReader, Halt, Offence, Pages};
use crate::domain::{CURRENCY, format_minor};
use crate::store::chain::NONE_BEFORE;
use crate::store::heads::{DayHead, HeadColumns, PublicKey, Tallies};

/// Sealed days as the audit saw them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SealedDays {
    /// Heads that were looked at.
    pub heads: u64,
    /// The last of them.
    pub last: Option<DayHead>,
    /// The keys that signed them, and the first day of each. The database does not say which keys are trusted.
    pub signers: BTreeMap<PublicKey, NaiveDate>,
    /// Days whose heads were signed more than a day after they were over.
    pub late: Vec<NaiveDate>,
    /// Transfers of days that are not sealed yet.
    pub unsealed: u64,
    /// The first of these days.
    pub first_unsealed: Option<NaiveDate>,
}

/// A running server seals within minutes.
const LATE: TimeDelta = TimeDelta::days(1);

fn offence(day: &impl ToString, problem: impl Into<String>) -> Offence {
    Offence { table: "day_heads", row: day.to_string(), problem: problem.into() }
}

/// Looks at all heads, from the first day on; `tallies` is what each day's transfers come to now.
pub(super) async fn check(reader: &mut AuditReader, mut tallies: Tallies, seen: &mut SealedDays) -> Result<(), Halt> {
    let mut pages = Pages::<HeadColumns>::all();
    while let Some(page) = pages.next(reader).await? {
        for columns in &page {
            let head = one(columns, seen.last.as_ref(), &mut tallies)?;
            seen.heads += 1;
            seen.signers.entry(head.public_key).or_insert(head.day);
            if head.sealed_at - head.end() > LATE {
                seen.late.push(head.day);
            }
            seen.last = Some(head);
        }
    }
    // Sealed days were taken out. What is left is either not sealed yet, or was before the first that was.
    seen.first_unsealed = tallies.0.keys().next().copied();
    seen.unsealed = tallies.0.values().map(|tally| tally.transfers.unsigned_abs()).sum();
    match seen.first_unsealed {
        Some(day) if seen.last.as_ref().is_some_and(|last| day < last.day) => {
            Err(offence(&day, "it has transfers, and was before the first day that was sealed").into())
        }
        _ => Ok(()),
    }
}

fn one(columns: &HeadColumns, before: Option<&DayHead>, tallies: &mut Tallies) -> Result<DayHead, Offence> {
    let Some(head) = columns.head() else {
        return Err(offence(&columns.day, "columns of a shape that is never written"));
    };
    let wrong = |problem: &str| Err(offence(&head.day, problem));
    if !head.is_signed() {
        return wrong("its signature is not good: the row was changed");
    }
    if let Some(expected) = before.and_then(|before| before.day.checked_add_days(Days::new(1)))
        && head.day != expected
    {
        return Err(offence(&expected, format!("it is not there, and {} is", head.day)));
    }
    if head.previous != before.map_or(NONE_BEFORE, DayHead::hash) {
        return wrong("the chain is broken before it: a day was removed, or sealed anew");
    }
    let tally = tallies.0.remove(&head.day).unwrap_or_default();
    if (tally.transfers, tally.sum_minor) != (head.transfers, head.sum_minor) {
        let (sealed, found) = (format_minor(head.sum_minor), format_minor(tally.sum_minor));
        let (then, now) = (head.transfers, tally.transfers);
        let problem =
            format!("sealed with {then} transfers of {sealed} {CURRENCY}, and there are {now} of {found} {CURRENCY}");
        return Err(offence(&head.day, problem));
    }
    if tally.content() != head.content {
        return wrong("its transfers are not those that it was sealed with");
    }
    Ok(head)
}
