//! What staff do about a number's life, recorded where the sweep records its changes.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use crate::domain::calendar::days_after;
use crate::domain::validity::{Life, Validity};
use crate::domain::{AccountKey, AccountState, NotAName, Standing, changes, staff_name};
use crate::store::{AccountEvent, LifeRow, Store, StoreError};

/// How often it is tried again when the account changes at the same time.
const TRIES: u32 = 20;
/// Wait where the database was busy.
const RETRY_AFTER: Duration = Duration::from_millis(50);
/// Longest reason, in characters.
const REASON_MAX: usize = 300;

/// What staff want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It takes no credit any more.
    Suspend,
    /// It is in use again: until the end of its validity where that is ahead; else it has so many days of validity from
    /// now on, and, with none, receives only, so that it can be topped up.
    Reactivate {
        /// Days of validity.
        days: u16,
    },
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// There is no such account.
    #[error(
        "there is no such account; a number has one from its first top-up on, or by `mbush account open NUMBER --by NAME`"
    )]
    NoAccount,
    /// It is so already.
    #[error("the number is {} already; nothing was changed", .0.as_str())]
    AlreadySo(Life),
    /// Reactivating without days would leave it suspended.
    #[error("validity.receive_only_days is 0, so that the number would be suspended at once: give --days")]
    NoDays,
    /// The name of the member of staff is none.
    #[error("--by: {0}")]
    Name(#[from] NotAName),
    /// The reason is missing or too long.
    #[error("--reason: write 1 to {REASON_MAX} characters")]
    Reason,
    /// The reason has a character that moves a cursor or ends a line.
    #[error("--reason: there is a control character (U+{:04X}) in it: take it out", u32::from(*.0))]
    Control(char),
    /// The account changed each time that it was tried.
    #[error("the account is changing all the time; try again")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An action with who does it and why.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// What.
    pub action: Action,
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When.
    pub now: DateTime<Utc>,
}

/// Carries it out, and records it together with the changes that no sweep has recorded yet.
///
/// # Errors
/// [`StaffError`]; nothing was changed.
pub async fn act(
    store: &Store,
    rules: &Validity,
    number: &AccountKey,
    order: Order<'_>,
) -> Result<AccountEvent, StaffError> {
    check(order.by, order.reason)?;
    for _ in 0..TRIES {
        let swept = store.sweep_one(number).await?.ok_or(StaffError::NoAccount)?;
        let standing = Standing { topped_up_at: swept.topped_up_at, ..Standing::of(&swept.account) };
        let (set, done) = outcome(standing, rules, order)?;
        let mut events: Vec<AccountEvent> = changes(swept.recorded, standing, rules, order.now)
            .map(|change| AccountEvent::of(&change, standing.valid_until))
            .collect();
        events.push(done.clone());
        let row = LifeRow {
            account: number.clone(),
            version: swept.version,
            set: Some(set),
            events_before: swept.events,
            events,
            warning: None,
        };
        match store.record_life(None, &[row]).await {
            Ok(written) if written.accounts == 1 => return Ok(done),
            Ok(_) => {}
            // Where a commit's answer was lost, it is on record.
            Err(failure) if failure.is_transient() => {
                tokio::time::sleep(RETRY_AFTER).await;
                if store.account_events(number, 1).await.is_ok_and(|events| events.contains(&done)) {
                    return Ok(done);
                }
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(StaffError::Busy)
}

/// What [`act`] would record; nothing is changed.
///
/// # Errors
/// [`StaffError`]: what it would refuse.
pub async fn foresee(
    store: &Store,
    rules: &Validity,
    number: &AccountKey,
    order: Order<'_>,
) -> Result<AccountEvent, StaffError> {
    check(order.by, order.reason)?;
    let swept = store.sweep_one(number).await?.ok_or(StaffError::NoAccount)?;
    let standing = Standing { topped_up_at: swept.topped_up_at, ..Standing::of(&swept.account) };
    outcome(standing, rules, order).map(|(_, done)| done)
}

type Set = (AccountState, Option<DateTime<Utc>>);

fn outcome(standing: Standing, rules: &Validity, order: Order<'_>) -> Result<(Set, AccountEvent), StaffError> {
    let now = order.now;
    let from = standing.life(rules, now);
    let (state, valid_until) = match order.action {
        Action::Suspend if standing.state == AccountState::Suspended => return Err(StaffError::AlreadySo(from)),
        Action::Suspend => (AccountState::Suspended, standing.valid_until),
        Action::Reactivate { days } => {
            if from != Life::Suspended {
                return Err(StaffError::AlreadySo(from));
            }
            let ahead = standing.valid_until.filter(|end| *end > now);
            if standing.valid_until.is_some() && ahead.is_none() && days == 0 && rules.receive_only_days() == 0 {
                return Err(StaffError::NoDays);
            }
            let given = standing.valid_until.map(|end| end.max(days_after(now, days)));
            (AccountState::Active, given)
        }
    };
    let to = Standing { state, valid_until, ..standing }.life(rules, now);
    let (why, by) = (order.reason.to_owned(), order.by.to_owned());
    // As it is stored: the databases keep microseconds.
    let at = now.trunc_subsecs(6);
    Ok(((state, valid_until), AccountEvent { at, from, to, why, by, valid_until }))
}

/// Tells whether who orders something, and why, can be recorded.
pub(super) fn check(by: &str, reason: &str) -> Result<(), StaffError> {
    staff_name(by)?;
    if let Some(control) = reason.chars().find(|c| c.is_control()) {
        return Err(StaffError::Control(control));
    }
    let fits = !reason.trim().is_empty() && reason.chars().count() <= REASON_MAX;
    if fits { Ok(()) } else { Err(StaffError::Reason) }
}
