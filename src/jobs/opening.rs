//! Accounts that staff open before the first top-up. With `[subscribers] unknown = "refuse"` only numbers with an
//! account are topped up. Each opening is recorded as the first row of the number's life, with name and reason.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use super::staff::{StaffError, check};
use crate::domain::AccountKey;
use crate::domain::validity::Life;
use crate::store::{AccountEvent, Store, StoreError};

/// Accounts in one transaction.
const PAGE: usize = 500;
/// Attempts at a page if other accounts are opened at the same time or the database is busy.
const TRIES: u32 = 20;
const RETRY_AFTER: Duration = Duration::from_millis(50);

/// An order to open accounts.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    pub by: &'a str,
    pub reason: &'a str,
    pub now: DateTime<Utc>,
}

impl Opening<'_> {
    /// Checks that the order may be recorded.
    ///
    /// # Errors
    /// [`StaffError`]: the name is invalid, or the reason is empty, too long, or has a control character.
    pub fn check(&self) -> Result<(), StaffError> {
        check(self.by, self.reason)
    }

    fn event(&self) -> AccountEvent {
        let (why, by) = (self.reason.to_owned(), self.by.to_owned());
        AccountEvent { at: self.now.trunc_subsecs(6), from: Life::New, to: Life::New, why, by, valid_until: None }
    }
}

/// Returns the numbers that have no account.
pub async fn without_account(store: &Store, numbers: &[AccountKey]) -> Result<Vec<AccountKey>, StoreError> {
    let mut without = Vec::new();
    for number in numbers {
        if store.account(number).await?.is_none() {
            without.push(number.clone());
        }
    }
    Ok(without)
}

/// Opens an account for each number that has none, and returns these numbers. Each page of numbers is one transaction,
/// so that after a failure the same order opens the rest.
///
/// # Errors
/// [`StaffError`]; the pages before the failed one are committed.
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

/// Returns the accounts that were opened by this event, even by an attempt whose answer to the commit was lost.
async fn opened_with(store: &Store, page: &[AccountKey], event: &AccountEvent) -> Result<Vec<AccountKey>, StoreError> {
    let mut opened = Vec::new();
    for number in page {
        if store.account_events(number, u32::MAX).await?.contains(event) {
            opened.push(number.clone());
        }
    }
    Ok(opened)
}
