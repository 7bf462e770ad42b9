//! Changes of staff to the state of a number, recorded beside those of the sweep.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use crate::domain::calendar::days_after;
use crate::domain::validity::{Life, Validity};
use crate::domain::{AccountKey, AccountState, NotAName, Standing, changes, staff_name};
use crate::store::{AccountEvent, LifeRow, Store, StoreError};

/// Attempts if the account changes at the same time.
const TRIES: u32 = 20;
/// Wait if the database is busy.
const RETRY_AFTER: Duration = Duration::from_millis(50);
/// Most characters of a reason.
const REASON_MAX: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The number can no longer be topped up or send credit.
    Suspend,
    /// The number is in use again until the end of its validity, if that is in the future. Otherwise it gets these days
    /// of validity; with 0 days it can only receive, so that it can be topped up.
    Reactivate { days: u16 },
}

#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    #[error("there is no such account; a first top-up opens one, or `mbush account open NUMBER --by NAME`")]
    NoAccount,
    #[error("the number is {} already; nothing was changed", .0.as_str())]
    AlreadySo(Life),
    /// Without days the number would remain suspended.
    #[error("validity.receive_only_days is 0, so that the number would be suspended at once: give --days")]
    NoDays,
    #[error("--by: {0}")]
    Name(#[from] NotAName),
    #[error("--reason: write 1 to {REASON_MAX} characters")]
    Reason,
    /// The reason has a control character, which could move the cursor or end the line.
    #[error("--reason: there is a control character (U+{:04X}) in it: remove it", u32::from(*.0))]
    Control(char),
    /// The account changed during every attempt.
    #[error("the account changed during every attempt; try again")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An action with its person, reason and time.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    pub action: Action,
    pub by: &'a str,
    pub reason: &'a str,
    pub now: DateTime<Utc>,
}

/// Executes an order, and records it together with changes that no sweep has recorded yet.
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
            // If the answer to a commit was lost, the record exists.
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

/// Returns the record that [`act`] would write, without changing anything.
///
/// # Errors
/// [`StaffError`], as [`act`] would return it.
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
    // The databases store microseconds.
    let at = now.trunc_subsecs(6);
    Ok(((state, valid_until), AccountEvent { at, from, to, why, by, valid_until }))
}

/// Checks that the name and the reason may be recorded.
pub(super) fn check(by: &str, reason: &str) -> Result<(), StaffError> {
    staff_name(by)?;
    if let Some(control) = reason.chars().find(|c| c.is_control()) {
        return Err(StaffError::Control(control));
    }
    let fits = !reason.trim().is_empty() && reason.chars().count() <= REASON_MAX;
    if fits { Ok(()) } else { Err(StaffError::Reason) }
}
