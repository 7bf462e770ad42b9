//! What clients ordered under their keys: what was moved under one, for its withdrawal; and how it ended, for who asks.

use std::collections::HashMap;

use uuid::Uuid;

use super::database::{Batch, Database, Store, Transaction};
use super::{Answered, StoreError};
use crate::domain::{Fingerprint, Orders, Transfer};

// The same text on both databases but for the set of keys.
pub(super) const TAKEN_BACK: &str = "SELECT count(*) FROM transfers WHERE reverses = $1";

/// An order as it stands.
#[derive(Debug, Clone, Default)]
pub struct Ordered {
    /// How the order itself ended, where it came.
    pub order: Option<Answered>,
    /// How its withdrawal ended, where one came.
    pub withdrawal: Option<Answered>,
    /// What it moved was taken back, by its withdrawal or by staff.
    pub is_taken_back: bool,
}

impl Batch {
    /// The transfers that were made under these orders; none under one that was withdrawn before it came. An order that
    /// is not known is not among them.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn orders(&mut self, orders: &[Fingerprint]) -> Result<Orders, StoreError> {
        if orders.is_empty() {
            return Ok(Orders::new());
        }
        let (done, transfers) = match &mut self.transaction {
            Transaction::Sqlite(batch) => batch.orders(orders).await?,
            Transaction::Postgres(batch) => batch.orders(orders).await?,
        };
        Ok(done.into_iter().map(|(order, main)| (order, of_command(main, &transfers))).collect())
    }
}

impl Store {
    /// An order as it stands, by the keys that its message may have and by that of its withdrawal.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn ordered(&self, orders: &[&str], withdrawal: &str) -> Result<Ordered, StoreError> {
        let keys: Vec<&str> = orders.iter().copied().chain([withdrawal]).collect();
        let mut found: HashMap<String, Answered> = match &self.database {
            Database::Sqlite(store) => store.answered(&keys).await?,
            Database::Postgres(store) => store.answered(&keys).await?,
        };
        let withdrawal = found.remove(withdrawal);
        let order = orders.iter().find_map(|order| found.remove(*order));
        let main = order.as_ref().and_then(|answered| answered.outcome.transfer());
        let is_taken_back = match main {
            Some(main) => self.is_taken_back(main).await?,
            None => false,
        };
        Ok(Ordered { order, withdrawal, is_taken_back })
    }

    async fn is_taken_back(&self, transfer: Uuid) -> Result<bool, StoreError> {
        let reversals = match &self.database {
            Database::Sqlite(store) => store.reversals_of(transfer).await?,
            Database::Postgres(store) => store.reversals_of(transfer).await?,
        };
        Ok(reversals > 0)
    }
}

/// Identifiers that the transfers of a command may have.
pub(super) fn ids_of(command: Uuid) -> impl Iterator<Item = Uuid> {
    (0..Transfer::OF_ONE_COMMAND_MAX).map(move |place| Transfer::id_at(command, place))
}

/// Those of these transfers that this command made, the main one first.
fn of_command(main: Uuid, transfers: &[Transfer]) -> Vec<Transfer> {
    let cause = transfers.iter().find(|transfer| transfer.id == main).map(|transfer| &transfer.cause);
    let mut made: Vec<Transfer> = transfers
        .iter()
        .filter(|transfer| Transfer::is_of(transfer.id, main) && Some(&transfer.cause) == cause)
        .cloned()
        .collect();
    made.sort_unstable_by_key(|transfer| transfer.id);
    made
}
