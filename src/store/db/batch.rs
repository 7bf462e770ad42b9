//! One transaction of the processor: what was answered before, load, write, commit.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::sync::Notify;

use super::{Connection, OneOf, Store, on};
use crate::domain::{AccountKey, Msisdn, Needs, Snapshot};
use crate::store::tables::{
    Pulse, account_events, courtesies, holds, operator_actions, pins, reports, transfer_offers, transfers,
};
use crate::store::{StoreError, Writes, hot};

/// The tuned half of a batch: what every message touches.
type Tuned = OneOf<hot::sqlite::Batch, hot::postgres::Batch>;

/// One transaction; dropping it without [`Batch::commit`] undoes it.
#[derive(Debug)]
pub struct Batch {
    pub(in crate::store) tuned: Tuned,
    /// The versions of the rows of phones that were loaded.
    courtesies: HashMap<Msisdn, i64>,
    replies: usize,
    replies_added: Arc<Notify>,
    pulse: Arc<Pulse>,
}

impl Batch {
    pub(super) fn new(tuned: Tuned, store: &Store) -> Self {
        let (replies_added, pulse) = (store.replies_added.clone(), store.pulse.clone());
        Self { tuned, courtesies: HashMap::new(), replies: 0, replies_added, pulse }
    }

    /// The connection of this transaction.
    pub(in crate::store) fn connection(&mut self) -> Connection<'_> {
        match &mut self.tuned {
            OneOf::Sqlite(batch) => OneOf::Sqlite(&mut batch.transaction),
            OneOf::Postgres(batch) => OneOf::Postgres(&mut batch.transaction),
        }
    }

    /// Reads accounts, requests and what belongs to them. The accounts that exist are held still until the batch ends;
    /// what does not exist yet cannot be, and [`Batch::write`] finds out whether another was first.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn load(&mut self, wanted: &Needs) -> Result<Snapshot, StoreError> {
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

    /// Those of these accounts that another transaction holds now. Nothing is waited for; those that are free are held until
    /// this batch ends. On SQLite nobody else holds one while a batch is under way.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn held(&mut self, accounts: &[AccountKey]) -> Result<BTreeSet<AccountKey>, StoreError> {
        match &mut self.tuned {
            OneOf::Sqlite(_) => Ok(BTreeSet::new()),
            OneOf::Postgres(batch) => batch.held(accounts).await,
        }
    }

    /// Writes each table with one statement. Accounts and requests were loaded in this batch: what another has written
    /// since then, or what was never looked at, is not overwritten.
    ///
    /// # Errors
    /// [`StoreError::Conflict`]: another node was first; [`StoreError::Unbalanced`]: balances do not follow from the
    /// transfers; or the database fails. Nothing of the batch is kept then.
    pub async fn write(&mut self, writes: &Writes) -> Result<(), StoreError> {
        self.replies += writes.outbox.len() + writes.reports.len();
        self.write_all(writes).await.inspect_err(|failure| self.pulse.failed(failure))
    }

    /// Every node writes the tables in this order, so that batches never wait in a ring.
    async fn write_all(&mut self, writes: &Writes) -> Result<(), StoreError> {
        on!(&mut self.tuned, batch => batch.write(writes).await)?;
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

    /// Makes it durable; only then is anything acknowledged.
    ///
    /// # Errors
    /// The database fails; whether the batch was kept is found out by running it again.
    pub async fn commit(self) -> Result<(), StoreError> {
        let committed = on!(self.tuned, batch => batch.commit().await);
        committed.inspect_err(|failure| self.pulse.failed(failure))?;
        self.pulse.committed();
        if self.replies > 0 {
            self.replies_added.notify_one();
        }
        Ok(())
    }
}
