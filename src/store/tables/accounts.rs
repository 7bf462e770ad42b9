//! Accounts: one by its name, names from a key on, and accounts that are opened without a transfer. (`hot/` has the
//! statements of batches.)

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Account, AccountKey, AccountKind, AccountState, Language, Needs, Stored};
use crate::store::chain::{Hash, Head};
use crate::store::db::{columns, row, rows};
use crate::store::{AccountEvent, Store, StoreError, Writes};

const ACCOUNT: &str =
    "SELECT name, balance_minor, state, valid_until, language, opened_at, held_minor, version, entries, head,
        last_transfer
    FROM accounts WHERE name = $1";
const NAMES: &str = "SELECT name FROM accounts WHERE name >= $1 AND name < $2 ORDER BY name LIMIT $3";

pub(in crate::store) struct AccountRow {
    name: AccountKey,
    balance_minor: i64,
    state: AccountState,
    valid_until: Option<DateTime<Utc>>,
    language: Option<Stored<Language>>,
    opened_at: DateTime<Utc>,
    held_minor: i64,
    version: i64,
    entries: i64,
    head: Hash,
    last_transfer: Option<Uuid>,
}

columns!(
    in "accounts", AccountRow: name, balance_minor, state, valid_until, language, opened_at, held_minor, version, entries,
        head, last_transfer
);

impl AccountRow {
    /// The account, and the head of its chain.
    pub(in crate::store) fn split(self) -> (Account, Head) {
        let Self { name: key, balance_minor, state, valid_until, language, opened_at, held_minor, .. } = self;
        let Self { version, entries, head: hash, last_transfer: last, .. } = self;
        let head = Head { version, entries, hash, balance_minor, last };
        (Account { key, balance_minor, held_minor, state, valid_until, language, opened_at }, head)
    }
}

impl Store {
    /// Opens those of these accounts that do not exist, with this record as the first change in their life. Returns the
    /// opened ones.
    ///
    /// # Errors
    /// The database fails, or another transaction opens one of them at the same time; nothing was opened then.
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

    /// Returns the account, or `None` if it does not exist.
    ///
    /// # Errors
    /// The database fails.
    pub async fn account(&self, key: &AccountKey) -> Result<Option<Account>, StoreError> {
        Ok(row!(self.reader(), AccountRow, ACCOUNT, [key])?.map(|row| row.split().0))
    }

    /// Returns up to `most` names of accounts of a kind, from this key on, in their order.
    ///
    /// # Errors
    /// The database fails.
    pub async fn account_names(&self, kind: AccountKind, from: &str, most: u32) -> Result<Vec<String>, StoreError> {
        // `;` is the character after `:`.
        let (first, end) = (format!("{kind}:{from}"), format!("{kind};"));
        let names = rows!(self.reader(), (String,), NAMES, [&first, &end, most])?;
        Ok(names.into_iter().map(|(name,)| name).collect())
    }
}
