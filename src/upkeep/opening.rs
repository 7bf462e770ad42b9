//! Accounts that staff open before anybody tops them up: where `[subscribers] unknown` is `refuse`, only numbers with an
//! account are topped up. Each is recorded as the first row of the number's life, with who opened it and why.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use super::staff::{StaffError, check};
use crate::domain::AccountKey;
use crate::domain::validity::Life;
use crate::store::{AccountEvent, Store, StoreError};

/// Accounts that are opened in one transaction.
const PAGE: usize = 500;
/// A page is tried so often when accounts are opened, or the database is busy, at the same time.
const TRIES: u32 = 20;
const RETRY_AFTER: Duration = Duration::from_millis(50);

/// An order to open accounts.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Name of the member of staff.
    pub by: &'a str,
    /// The reason.
    pub reason: &'a str,
    /// The instant.
    pub now: DateTime<Utc>,
}

impl Opening<'_> {
    /// Tells whether it may be recorded so.
    ///
    /// # Errors
    /// [`StaffError`]: who it is is no name, or why is missing, too long, or has a control character.
    pub fn check(&self) -> Result<(), StaffError> {
        check(self.by, self.reason)
    }

    fn event(&self) -> AccountEvent {
        let (why, by) = (self.reason.to_owned(), self.by.to_owned());
        AccountEvent { at: self.now.trunc_subsecs(6), from: Life::New, to: Life::New, why, by, valid_until: None }
    }
}

/// Those of these numbers that have no account.
///
/// # Errors
/// The database fails.
pub async fn without_account(store: &Store, numbers: &[AccountKey]) -> Result<Vec<AccountKey>, StoreError> {
    let mut without = Vec::new();
    for number in numbers {
        if store.account(number).await?.is_none() {
            without.push(number.clone());
        }
    }
    Ok(without)
}

/// Opens an account for each of these numbers that has none. Returns those that were opened: a number that has one stays as
/// it is. Each page of numbers is one transaction, so that the same again opens the rest where it failed half-way.
///
/// # Errors
/// [`StaffError`]; the pages before the one that failed are opened.
pub async fn open(store: &Store, numbers: &[AccountKey], opening: Opening<'_>) -> Result<Vec<AccountKey>, StaffError> {
    opening.check()?;
    let event = opening.event();
    let mut opened = Vec::new();
    for page in numbers.chunks(PAGE) {
        opened.extend(open_page(store, page, &event).await?);
    }
    Ok(opened)
}

async fn open_page(store: &Store, page: &[AccountKey], event: &AccountEvent) -> Result<Vec<AccountKey>, StaffError> {
    let mut has_failed = false;
    for _ in 0..TRIES {
        match store.open_accounts(page, event).await {
            Ok(_) if has_failed => return Ok(opened_with(store, page, event).await?),
            Ok(opened) => return Ok(opened),
            Err(failure) if failure.is_transient() => {
                has_failed = true;
                tokio::time::sleep(RETRY_AFTER).await;
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    Err(StaffError::Busy)
}

/// Those that were opened with this, also by a try whose commit's answer was lost.
async fn opened_with(store: &Store, page: &[AccountKey], event: &AccountEvent) -> Result<Vec<AccountKey>, StoreError> {
    let mut opened = Vec::new();
    for number in page {
        if store.account_events(number, u32::MAX).await?.contains(event) {
            opened.push(number.clone());
        }
    }
    Ok(opened)
}
