//! The database, whichever it is: one interface, and what both have in common.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use uuid::Uuid;

use super::pulse::Pulse;
use super::tables::Tables;
use super::{
    Answered, BackupError, Delivery, Enrolment, Lease, Leased, Oldest, OutboxRow, StoreError, Totals, Writes, postgres,
    sqlite,
};
use crate::domain::{Account, AccountKey, AccountKind, DealerName, Enrolments, Msisdn, Needs, Service, Snapshot};

/// The database. A clone is the same database.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) database: Database,
    replies_added: Arc<Notify>,
    pub(super) pulse: Arc<Pulse>,
}

#[derive(Debug, Clone)]
pub(super) enum Database {
    Sqlite(sqlite::Store),
    Postgres(postgres::Store),
}

/// One transaction; dropping it without [`Batch::commit`] undoes it.
#[derive(Debug)]
pub struct Batch {
    pub(super) transaction: Transaction,
    replies: usize,
    replies_added: Arc<Notify>,
    pulse: Arc<Pulse>,
}

#[derive(Debug)]
pub(super) enum Transaction {
    Sqlite(sqlite::Batch),
    Postgres(postgres::Batch),
}

/// The same call on whichever it is.
macro_rules! on {
    ($which:ident, $value:expr, $name:ident => $call:expr) => {
        match $value {
            $which::Sqlite($name) => $call,
            $which::Postgres($name) => $call,
        }
    };
}

impl Store {
    /// Opens the database of this address and brings its tables up to date: `sqlite://PATH` (the file is made where
    /// there is none) or `postgres://USER:PASSWORD@HOST/DATABASE`.
    ///
    /// # Errors
    /// It cannot be reached, read or written, or a newer version ran a migration that is not additive.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, Tables::BroughtUp).await
    }

    /// Opens a database that is there, for whoever works beside a server: makes nothing, and changes no table.
    ///
    /// # Errors
    /// As of [`Store::open`], or its tables are not there, or lack a migration that is not additive.
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, Tables::Usable).await
    }

    /// Opens a database to copy it, also one from before.
    ///
    /// # Errors
    /// As of [`Store::open_existing`], but that its tables may be older.
    pub async fn open_to_copy(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, Tables::Older).await
    }

    async fn open_with(url: &str, tables: Tables) -> Result<Self, StoreError> {
        let database = match url.split_once("://") {
            Some(("sqlite", _)) => Database::Sqlite(sqlite::Store::open(url, tables).await?),
            Some(("postgres" | "postgresql", _)) => Database::Postgres(postgres::Store::open(url, tables).await?),
            _ => return Err(cannot_open(url, "not an address; write sqlite://PATH or postgres://USER@HOST/DATABASE")),
        };
        Ok(Self { database, replies_added: Arc::default(), pulse: Arc::default() })
    }

    /// Begins the transaction of a batch. On SQLite it is the only writer until it ends; on PostgreSQL several may be
    /// under way, and wait for each other where they look at the same accounts.
    ///
    /// # Errors
    /// The database is out of reach, or another process holds its lock for too long.
    pub async fn begin(&self) -> Result<Batch, StoreError> {
        let transaction = match &self.database {
            Database::Sqlite(store) => Transaction::Sqlite(store.begin().await?),
            Database::Postgres(store) => Transaction::Postgres(store.begin().await?),
        };
        Ok(Batch { transaction, replies: 0, replies_added: self.replies_added.clone(), pulse: self.pulse.clone() })
    }

    /// How many batches may usefully be under way at once.
    pub const fn writers(&self) -> usize {
        match self.database {
            Database::Sqlite(_) => 1,
            Database::Postgres(_) => postgres::WRITERS,
        }
    }

    /// Returns when a batch of this process has added replies; a hint that spares the dispatcher its polling.
    pub async fn replies_added(&self) {
        self.replies_added.notified().await;
    }

    /// Wakes the dispatcher of this process.
    pub(super) fn tell_of_replies(&self) {
        self.replies_added.notify_one();
    }

    /// Copies the database as of one instant to a new file, while it is in use. The copy is complete or not there.
    ///
    /// # Errors
    /// There is something at that path, it cannot be written, or the database is PostgreSQL, which has tools of its own.
    pub async fn backup(&self, to: &Path) -> Result<(), BackupError> {
        match &self.database {
            Database::Sqlite(store) => store.backup(to).await,
            Database::Postgres(_) => Err(BackupError::Postgres),
        }
    }

    /// Puts a backup in the place of the database of this address, which must not be there; nobody has it open, then.
    ///
    /// # Errors
    /// There is a database, the backup is damaged or none of this program's, or a file cannot be read or written.
    pub async fn restore(from: &Path, url: &str) -> Result<(), BackupError> {
        match url.split_once("://") {
            Some(("sqlite", _)) => sqlite::restore(from, url).await,
            _ => Err(BackupError::Postgres),
        }
    }

    /// Whether [`Store::restore`] would be done; nothing is changed.
    ///
    /// # Errors
    /// As [`Store::restore`].
    pub async fn may_restore(from: &Path, url: &str) -> Result<(), BackupError> {
        match url.split_once("://") {
            Some(("sqlite", _)) => sqlite::may_restore(from, url).await,
            _ => Err(BackupError::Postgres),
        }
    }

    /// Waits for what is under way and closes the files and connections.
    pub async fn close(&self) {
        on!(Database, &self.database, store => store.close().await);
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on!(Database, &self.database, store => store.ping().await)
    }

    /// The account, where it exists.
    ///
    /// # Errors
    /// The database fails.
    pub async fn account(&self, key: &AccountKey) -> Result<Option<Account>, StoreError> {
        on!(Database, &self.database, store => store.account(key).await)
    }

    /// What a bank owes for all top-ups so far less what was taken back, in cents: the sum of its transfers.
    ///
    /// # Errors
    /// The database fails.
    pub async fn clearing_cents(&self, bank: &str) -> Result<i64, StoreError> {
        on!(Database, &self.database, store => store.given_cents(&AccountKey::bank_clearing(bank)).await)
    }

    /// What a rule has given as bonuses so far, in cents: the sum of its transfers.
    ///
    /// # Errors
    /// The database fails.
    pub async fn bonus_cents(&self, rule: &str) -> Result<i64, StoreError> {
        let account = AccountKey::new(AccountKind::Bonus, rule);
        on!(Database, &self.database, store => store.given_cents(&account).await)
    }

    /// Sums over the whole ledger.
    ///
    /// # Errors
    /// The database fails.
    pub async fn totals(&self) -> Result<Totals, StoreError> {
        on!(Database, &self.database, store => store.totals().await)
    }

    /// Takes up to `most` replies of this link that are due, until `until`: nobody else gets them before.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lease_outbox(&self, link: &str, lease: Lease, most: u32) -> Result<Vec<Leased>, StoreError> {
        on!(Database, &self.database, store => store.lease_outbox(link, lease, most).await)
    }

    /// Gives up the replies and reports that were written before `oldest` and nobody is sending.
    ///
    /// # Errors
    /// The database fails.
    pub async fn expire_outbox(&self, now: DateTime<Utc>, oldest: Oldest) -> Result<u64, StoreError> {
        on!(Database, &self.database, store => store.expire_outbox(now, oldest).await)
    }

    /// Makes replies due that are not due before `latest`; how many.
    ///
    /// # Errors
    /// The database fails.
    pub async fn hasten_outbox(&self, now: DateTime<Utc>, latest: DateTime<Utc>) -> Result<u64, StoreError> {
        on!(Database, &self.database, store => store.hasten_outbox(now, latest).await)
    }

    /// Writes what became of leased replies. One whose lease has gone to another is left alone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn finish_outbox(
        &self,
        finished: &[(Uuid, Uuid, Delivery)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if finished.is_empty() {
            return Ok(());
        }
        on!(Database, &self.database, store => store.finish_outbox(finished, now).await)
    }

    /// When the next open reply of these links is due; `None` where there is none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn next_outbox_due(&self, links: &[String]) -> Result<Option<DateTime<Utc>>, StoreError> {
        on!(Database, &self.database, store => store.next_outbox_due(links).await)
    }

    /// The replies to this message, for staff.
    ///
    /// # Errors
    /// The database fails.
    pub async fn outbox_of(&self, message_key: &str) -> Result<Vec<OutboxRow>, StoreError> {
        on!(Database, &self.database, store => store.outbox_of(message_key).await)
    }
}

impl Batch {
    /// The messages among these keys that were answered before.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn answered(&mut self, keys: &[&str]) -> Result<HashMap<String, Answered>, StoreError> {
        on!(Transaction, &mut self.transaction, batch => batch.answered(keys).await)
    }

    /// What the database knows of accounts and requests. The accounts that exist are held still until the batch ends;
    /// what does not exist yet cannot be, and [`Batch::write`] finds out whether another was first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn load(&mut self, wanted: &Needs) -> Result<Snapshot, StoreError> {
        on!(Transaction, &mut self.transaction, batch => batch.load(wanted).await)
    }

    /// Those of these accounts that another transaction holds now. Nothing is waited for; those that are free are held until
    /// this batch ends. On SQLite nobody else holds one while a batch is under way.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn held(&mut self, accounts: &[AccountKey]) -> Result<BTreeSet<AccountKey>, StoreError> {
        match &mut self.transaction {
            Transaction::Sqlite(_) => Ok(BTreeSet::new()),
            Transaction::Postgres(batch) => batch.held(accounts).await,
        }
    }

    /// The user names that are registered to these phones for these services.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn enrolments(&mut self, phones: &[(Msisdn, Service)]) -> Result<Enrolments, StoreError> {
        if phones.is_empty() {
            return Ok(Enrolments::new());
        }
        on!(Transaction, &mut self.transaction, batch => batch.enrolments(phones).await)
    }

    /// Registers a user name to a phone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enrol(&mut self, enrolment: &Enrolment) -> Result<(), StoreError> {
        on!(Transaction, &mut self.transaction, batch => batch.enrol(enrolment).await)
    }

    /// Adds a dealer; `false` where there is one of this name.
    pub(super) async fn add_dealer(
        &mut self,
        name: &DealerName,
        parent: Option<&DealerName>,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        on!(Transaction, &mut self.transaction, batch => batch.add_dealer(name, parent, by, at).await)
    }

    /// Notes that a phone gets a day's summary; `false` where it has got it.
    pub(super) async fn dealer_day(&mut self, day: &str, phone: &str) -> Result<bool, StoreError> {
        on!(Transaction, &mut self.transaction, batch => batch.dealer_day(day, phone).await)
    }

    /// Writes each table with one statement. Accounts and requests were loaded in this batch: what another has written
    /// since then, or what was never looked at, is not overwritten.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: another node was first; [`StoreError::Unbalanced`]: balances do not follow from the
    /// transfers; or the database fails. Nothing of the batch is kept then.
    pub async fn write(&mut self, writes: &Writes) -> Result<(), StoreError> {
        self.replies += writes.outbox.len() + writes.reports.len();
        let written = on!(Transaction, &mut self.transaction, batch => batch.write(writes).await);
        written.inspect_err(|failure| self.pulse.failed(failure))?;
        if writes.reports.is_empty() {
            return Ok(());
        }
        on!(Transaction, &mut self.transaction, batch => batch.write_reports(&writes.reports).await)
    }

    /// Makes it durable; only then is anything acknowledged.
    ///
    /// # Errors
    /// The database fails; whether the batch was kept is found out by running it again.
    pub async fn commit(self) -> Result<(), StoreError> {
        let committed = on!(Transaction, self.transaction, batch => batch.commit().await);
        committed.inspect_err(|failure| self.pulse.failed(failure))?;
        self.pulse.committed();
        if self.replies > 0 {
            self.replies_added.notify_one();
        }
        Ok(())
    }
}

/// An address that may be shown: without its password.
pub(super) fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    // A password may be among the parameters too.
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}@{host}{path}")
        }
        None => format!("{scheme}://{authority}{path}"),
    }
}

pub(super) fn cannot_open(url: &str, problem: impl Display) -> StoreError {
    StoreError::Open { url: shown(url), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, expected) in [
            ("postgres://mbush:s3cret@db:5432/mbush", "postgres://mbush@db:5432/mbush"),
            ("postgres://mbush:p%40ss@w@db/mbush?password=s3cret", "postgres://mbush@db/mbush"),
            ("postgres://db/mbush", "postgres://db/mbush"),
            ("sqlite://mbush.db", "sqlite://mbush.db"),
            ("sqlite:///var/lib/mbush/mbush.db", "sqlite:///var/lib/mbush/mbush.db"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(shown(url), expected);
        }
    }
}
