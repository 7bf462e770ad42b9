//! Orders of clients by their keys: their transfers, for a withdrawal, and their endings, for a client that asks.

use std::collections::HashMap;

use uuid::Uuid;

use super::{inbox, transfers};
use crate::domain::{Fingerprint, Orders, Transfer};
use crate::store::db::{Sql, columns, one, rows};
use crate::store::value::Keys;
use crate::store::{Answered, Batch, Store, StoreError};

const DONE: Sql = Sql {
    sqlite: "SELECT fingerprint, transfer FROM requests WHERE fingerprint IN (SELECT unhex(value) FROM json_each($1))",
    postgres: "SELECT fingerprint, transfer FROM requests WHERE fingerprint = ANY($1)",
};
const TAKEN_BACK: &str = "SELECT EXISTS (SELECT 1 FROM transfers WHERE reverses = $1)";

struct Done {
    fingerprint: Fingerprint,
    transfer: Uuid,
}

columns!(in "requests", Done: fingerprint, transfer);

/// The state of an order.
#[derive(Debug, Clone, Default)]
pub struct Ordered {
    /// The ending of the order; `None` if it has not arrived.
    pub order: Option<Answered>,
    /// The ending of its withdrawal; `None` if none has arrived.
    pub withdrawal: Option<Answered>,
    /// Its transfers were reversed, by its withdrawal or by staff.
    pub is_reversed: bool,
}

impl Batch {
    /// Returns the transfers of these orders. The list is empty for an order that was withdrawn before it arrived. An
    /// order that is not known is not in the map.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn orders(&mut self, orders: &[Fingerprint]) -> Result<Orders, StoreError> {
        if orders.is_empty() {
            return Ok(Orders::new());
        }
        let prints: Keys<&[u8]> = orders.iter().map(|print| &print.0[..]).collect();
        let done = rows!(self.connection(), Done, DONE, [prints])?;
        let ids = done.iter().flat_map(|done| ids_of(done.transfer)).collect();
        let made = transfers::by_id(self.connection(), ids).await?;
        Ok(done.iter().map(|done| (done.fingerprint, of_command(done.transfer, &made))).collect())
    }
}

impl Store {
    /// Returns the state of an order, by the keys that its message may have and by the key of its withdrawal.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn ordered(&self, orders: &[&str], withdrawal: &str) -> Result<Ordered, StoreError> {
        let keys: Vec<&str> = orders.iter().copied().chain([withdrawal]).collect();
        let mut found: HashMap<String, Answered> = inbox::answered(self.reader(), &keys).await?;
        let withdrawal = found.remove(withdrawal);
        let order = orders.iter().find_map(|order| found.remove(*order));
        let main = order.as_ref().and_then(|answered| answered.outcome.transfer());
        let is_reversed = match main {
            Some(main) => one!(self.reader(), (bool,), TAKEN_BACK, [main])?.0,
            None => false,
        };
        Ok(Ordered { order, withdrawal, is_reversed })
    }
}

/// The possible identifiers of the transfers of a command.
fn ids_of(command: Uuid) -> impl Iterator<Item = Uuid> {
    (0..Transfer::OF_ONE_COMMAND_MAX).map(move |place| Transfer::id_at(command, place))
}

/// Selects those of these transfers that the command made, the main one first.
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
