//! One transaction of the processor: earlier answers, load, write, commit.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Connection, OneOf, Store, on};
use crate::domain::{AccountKey, LoadedRows, Msisdn, Needs};
use crate::store::handover::Handed;
use crate::store::tables::{
    Pulse, account_events, courtesies, holds, operator_actions, pins, reports, transfer_offers, transfers,
};
use crate::store::{StoreError, Writes, hot};

/// The tables that every message touches, with statements tuned for each database.
type Tuned = OneOf<hot::sqlite::Batch, hot::postgres::Batch>;

/// One transaction; dropping it without [`Batch::commit`] rolls it back.
#[derive(Debug)]
pub struct Batch {
    pub(in crate::store) tuned: Tuned,
    /// Versions of the rows of courtesy replies that were loaded.
    courtesies: HashMap<Msisdn, i64>,
    handed: Handed,
    pulse: Arc<Pulse>,
}

impl Batch {
    pub(super) fn new(tuned: Tuned, store: &Store) -> Self {
        let (handed, pulse) = (Handed::new(&store.handover), store.pulse.clone());
        Self { tuned, courtesies: HashMap::new(), handed, pulse }
    }

    pub(in crate::store) fn connection(&mut self) -> Connection<'_> {
        match &mut self.tuned {
            OneOf::Sqlite(batch) => OneOf::Sqlite(&mut batch.transaction),
            OneOf::Postgres(batch) => OneOf::Postgres(&mut batch.transaction),
        }
    }

    /// Reads the rows that the decisions need. Accounts that exist are locked until the end of the batch. Rows that do
    /// not exist cannot be locked; for these, [`Batch::write`] detects a conflict with another transaction.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn load(&mut self, wanted: &Needs) -> Result<LoadedRows, StoreError> {
        let mut loaded = on!(&mut self.tuned, batch => batch.load(wanted).await)?;
        let mut on = self.connection();
        account_events::load(on.again(), wanted, &mut loaded).await?;
        transfers::load_reversed(on.again(), &wanted.reversed, &mut loaded).await?;
        holds::load(on.again(), &wanted.holds, &mut loaded).await?;
        operator_actions::load(on.again(), &wanted.actions, &mut loaded).await?;
        pins::load(on.again(), &wanted.pins, &mut loaded).await?;
        self.courtesies = courtesies::load(on, &wanted.courtesies, &mut loaded).await?;
        Ok(loaded)
    }

    /// Returns those of these accounts that another transaction has locked now. Does not wait. The others are locked
    /// until the end of this batch. On SQLite the result is empty, because only one batch runs at a time.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn held(&mut self, accounts: &[AccountKey]) -> Result<BTreeSet<AccountKey>, StoreError> {
        match &mut self.tuned {
            OneOf::Sqlite(_) => Ok(BTreeSet::new()),
            OneOf::Postgres(batch) => batch.held(accounts).await,
        }
    }

    /// Writes each table with one statement. Rows that another transaction has changed since they were loaded are not
    /// overwritten.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: another node was first; [`StoreError::Unbalanced`]: the balances do not follow from
    /// the transfers; or the database fails. Nothing of the batch is stored then.
    pub async fn write(&mut self, writes: &Writes) -> Result<(), StoreError> {
        self.handed.add_others(writes.reports.len());
        self.write_all(writes).await.inspect_err(|failure| self.pulse.failed(failure))
    }

    /// Writes the final states of replies that the dispatcher of this process has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn write_ended(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let ended = self.handed.take_ended();
        if ended.is_empty() {
            return Ok(());
        }
        on!(&mut self.tuned, batch => batch.write_ended(ended, now).await)
    }

    /// Every node writes the tables in this order, so that batches cannot deadlock.
    async fn write_all(&mut self, writes: &Writes) -> Result<(), StoreError> {
        let leases = self.handed.choose(&writes.outbox);
        on!(&mut self.tuned, batch => batch.write(writes, &leases).await)?;
        account_events::write(self.connection(), &writes.events).await?;
        holds::write(self.connection(), &writes.holds).await?;
        operator_actions::write(self.connection(), &writes.actions).await?;
        pins::write(self.connection(), &writes.pins).await?;
        transfer_offers::write(self.connection(), &writes.offers).await?;
        let versions = std::mem::take(&mut self.courtesies);
        courtesies::write(self.connection(), writes, &versions).await?;
        self.courtesies = versions;
        on!(&mut self.tuned, batch => batch.write_usage(writes).await)?;
        reports::write(self.connection(), &writes.reports).await
    }

    /// Commits. Messages are acknowledged only after this.
    ///
    /// # Errors
    /// The database fails. The batch may have been committed; running it again shows whether it was.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.handed.committing();
        let committed = on!(self.tuned, batch => batch.commit().await);
        committed.inspect_err(|failure| self.pulse.failed(failure))?;
        self.pulse.committed();
        self.handed.committed();
        Ok(())
    }
}
