//! Credit that waits for its sender's confirmation.

use uuid::Uuid;

use super::database::Database;
use super::{Store, StoreError};
use crate::domain::{Amount, Hold, Msisdn, Offer};

pub(super) const ADD: &str = "INSERT INTO transfer_offers (sender, hold, receiver, amount_cents, fee_cents)
    VALUES ($1, $2, $3, $4, $5)";
pub(super) const LAST: &str = "SELECT hold, receiver, amount_cents, fee_cents FROM transfer_offers
    WHERE sender = $1 ORDER BY hold DESC LIMIT 8";

/// A row, in the terms of the domain.
pub(super) fn read(
    sender: Msisdn,
    hold: Uuid,
    receiver: &str,
    (amount, fee): (i64, Option<i64>),
) -> Result<Offer, StoreError> {
    let corrupt = |error: String| StoreError::corrupt("transfer_offers", error);
    let cents = |cents| Amount::from_cents(cents).map_err(|error| corrupt(error.to_string()));
    let receiver = receiver.parse().map_err(|error| corrupt(format!("{error}")))?;
    Ok(Offer { hold, sender, receiver, amount: cents(amount)?, fee: fee.map(cents).transpose()? })
}

impl Store {
    /// The last credit that this sender was asked to confirm, at most eight times, the newest first, with its holds.
    ///
    /// # Errors
    /// The database fails, or a row cannot be read.
    pub async fn last_offers(&self, sender: Msisdn) -> Result<Vec<(Offer, Hold)>, StoreError> {
        let offers = match &self.database {
            Database::Sqlite(store) => store.last_offers(sender).await?,
            Database::Postgres(store) => store.last_offers(sender).await?,
        };
        let mut asked = Vec::with_capacity(offers.len());
        for offer in offers {
            if let Some(hold) = self.hold(offer.hold).await? {
                asked.push((offer, hold));
            }
        }
        Ok(asked)
    }
}
