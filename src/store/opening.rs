//! Accounts that are opened without a transfer.

use super::{AccountEvent, Store, StoreError, Writes};
use crate::domain::{Account, AccountKey, Needs};

impl Store {
    /// Opens an account for each of these that has none, with this as the first change in its life; which were opened.
    ///
    /// # Errors
    /// The database fails, or another opens one of them at the same time; nothing was opened then.
    pub async fn open_accounts(
        &self,
        keys: &[AccountKey],
        event: &AccountEvent,
    ) -> Result<Vec<AccountKey>, StoreError> {
        let mut batch = self.begin().await?;
        let known = batch.load(&Needs { accounts: keys.to_vec(), ..Needs::default() }).await?;
        let new = keys.iter().filter(|key| !known.accounts.contains_key(*key));
        let new: Vec<AccountKey> = new.cloned().collect();
        if new.is_empty() {
            return Ok(new);
        }
        let accounts = new.iter().map(|key| Account::open(key.clone(), event.at)).collect();
        let events = new.iter().map(|key| (key.clone(), 1, event.clone())).collect();
        batch.write(&Writes { accounts, events, ..Writes::default() }).await?;
        batch.commit().await?;
        Ok(new)
    }
}
