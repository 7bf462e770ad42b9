//! Transfers that wait for their sender's confirmation.

use std::convert::identity;

use crate::domain::{Hold, Msisdn, Offer};
use crate::store::db::{Connection, columns, execute, rows};
use crate::store::{Store, StoreError};

const ADD: &str = "INSERT INTO transfer_offers (sender, hold, receiver, amount_minor, fee_minor)
    VALUES ($1, $2, $3, $4, $5)";
const LAST: &str = "SELECT sender, hold, receiver, amount_minor, fee_minor FROM transfer_offers
    WHERE sender = $1 ORDER BY hold DESC LIMIT 8";

columns!(
    in "transfer_offers", Offer: sender, hold, receiver;
    amount = identity(amount_minor), fee = identity(fee_minor)
);

pub(in crate::store) async fn write(mut connection: Connection<'_>, offers: &[Offer]) -> Result<(), StoreError> {
    for Offer { sender, hold, receiver, amount, fee } in offers {
        execute!(connection.again(), ADD, [*sender, *hold, *receiver, *amount, *fee])?;
    }
    Ok(())
}

impl Store {
    /// Returns the last offers to this sender, at most eight, the newest first, with their holds.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn last_offers(&self, sender: Msisdn) -> Result<Vec<(Offer, Hold)>, StoreError> {
        let mut asked = Vec::new();
        for offer in rows!(self.reader(), Offer, LAST, [sender])? {
            if let Some(hold) = self.hold(offer.hold).await? {
                asked.push((offer, hold));
            }
        }
        Ok(asked)
    }
}
