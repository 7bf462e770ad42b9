//! Credit that waits for its sender's confirmation.

use sqlx::SqliteConnection;

use super::Store;
use super::convert::{id, octets};
use crate::domain::{Amount, Msisdn, Offer};
use crate::store::StoreError;
use crate::store::offers::{ADD, LAST, read};

pub(super) async fn write(connection: &mut SqliteConnection, offers: &[Offer]) -> Result<(), StoreError> {
    for offer in offers {
        let add = sqlx::query(ADD).bind(offer.sender.digits()).bind(octets(offer.hold)).bind(offer.receiver.digits());
        let add = add.bind(offer.amount.cents()).bind(offer.fee.map(Amount::cents));
        add.execute(&mut *connection).await?;
    }
    Ok(())
}

impl Store {
    pub(crate) async fn last_offers(&self, sender: Msisdn) -> Result<Vec<Offer>, StoreError> {
        let rows: Vec<(Vec<u8>, String, i64, Option<i64>)> =
            sqlx::query_as(LAST).bind(sender.digits()).fetch_all(&self.readers).await?;
        rows.into_iter()
            .map(|(hold, receiver, amount, fee)| read(sender, id("transfer_offers", &hold)?, &receiver, (amount, fee)))
            .collect()
    }
}
