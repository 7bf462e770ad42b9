//! One transaction of the processor: earlier answers, load, write, commit.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Connection, OneOf, Store, on};
use crate::domain::{AccountKey, LoadedRows, Msisdn, Needs};
use crate::store::handover::Handed;
use crate::store::hot::{Ended, Loaded};
use crate::store::tables::{
    Pulse, account_events, courtesies, forwards, holds, message_fields, operator_actions, pins, reports,
    transfer_offers, transfers,
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
            OneOf::Sqlite(batch) => OneOf::Sqlite(&mut batch.on),
            OneOf::Postgres(batch) => OneOf::Postgres(&mut batch.on),
        }
    }

    /// Begins the transaction, if it has not begun.
    ///
    /// # Errors
    /// As [`Store::begin`].
    pub async fn lock(&mut self) -> Result<(), StoreError> {
        on!(&mut self.tuned, batch => batch.lock().await)
    }

    /// Reads the rows that the decisions need. If the transaction has begun, accounts that exist are locked until its end.
    /// For others, and for rows that do not exist, [`Batch::write`] detects a conflict with another transaction.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn load(&mut self, wanted: &Needs) -> Result<LoadedRows, StoreError> {
        Ok(self.load_with_answers(wanted, &[]).await?.0)
    }

    /// As [`Batch::load`]; also reads the answers to those messages that were answered before.
    ///
    /// # Errors
    /// As [`Batch::load`].
    pub async fn load_with_answers(&mut self, wanted: &Needs, messages: &[&str]) -> Result<Loaded, StoreError> {
        let (mut loaded, answered) = on!(&mut self.tuned, batch => batch.load(wanted, messages).await)?;
        let locks = on!(&self.tuned, batch => batch.on.has_begun());
        let mut on = self.connection();
        account_events::load(on.again(), wanted, &mut loaded).await?;
        transfers::load_reversed(on.again(), &wanted.reversed, &mut loaded).await?;
        holds::load(on.again(), &wanted.holds, &mut loaded).await?;
        operator_actions::load(on.again(), &wanted.actions, &mut loaded).await?;
        pins::load(on.again(), &wanted.pins, &mut loaded).await?;
        self.courtesies = courtesies::load(on, &wanted.courtesies, locks, &mut loaded).await?;
        Ok((loaded, answered))
    }

    /// Returns those of these accounts that another transaction has locked now. Does not wait. The others are locked
    /// until the end of this batch. On SQLite the result is empty, because only one transaction writes at a time.
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

    /// Has [`Batch::write`] write the final states that the dispatcher of this process has, too. Returns whether there are
    /// any.
    pub fn take_ended(&mut self, now: DateTime<Utc>) -> bool {
        self.handed.take_ended(now)
    }

    /// Writes nothing but these final states.
    pub(in crate::store) async fn write_ended(&mut self, ended: &Ended) -> Result<(), StoreError> {
        on!(&mut self.tuned, batch => batch.write(&Writes::default(), &[], ended).await)
    }

    /// Every node writes the tables in this order, so that batches cannot deadlock.
    async fn write_all(&mut self, writes: &Writes) -> Result<(), StoreError> {
        let leases = self.handed.choose(&writes.outbox);
        let ended = self.handed.ended();
        on!(&mut self.tuned, batch => batch.write(writes, &leases, ended).await)?;
        message_fields::write(self.connection(), &writes.inbox).await?;
        account_events::write(self.connection(), &writes.events).await?;
        holds::write(self.connection(), &writes.holds).await?;
        operator_actions::write(self.connection(), &writes.actions).await?;
        pins::write(self.connection(), &writes.pins).await?;
        transfer_offers::write(self.connection(), &writes.offers).await?;
        forwards::write(self.connection(), &writes.forwards).await?;
        let versions = std::mem::take(&mut self.courtesies);
        courtesies::write(self.connection(), writes, &versions).await?;
        self.courtesies = versions;
        on!(&mut self.tuned, batch => batch.write_usage(writes).await)?;
        reports::write(self.connection(), &writes.reports).await
    }

    /// Rolls back. A batch that is dropped is rolled back too, but may take its connection with it.
    pub async fn rollback(self) {
        // After a failure the connection is closed, which rolls back as well.
        drop(on!(self.tuned, batch => batch.rollback().await));
    }

    /// Commits. Messages are acknowledged only after this.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: a row that was read without a lock has changed since; or the database fails. Unless
    /// [`StoreError::is_undone`], the batch may have been committed; running it again shows whether it was.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.handed.committing();
        let committed = on!(self.tuned, batch => batch.commit().await);
        if let Err(failure) = &committed {
            self.pulse.failed(failure);
            if failure.is_undone() {
                self.handed.not_committed();
            }
        }
        committed?;
        self.pulse.committed();
        self.handed.committed();
        Ok(())
    }
}
