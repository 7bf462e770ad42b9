//! Credit that waits for its sender's confirmation.

use sqlx::PgConnection;
use uuid::Uuid;

use super::Store;
use crate::domain::{Amount, Msisdn, Offer};
use crate::store::StoreError;
use crate::store::offers::{ADD, LAST, read};

pub(super) async fn write(connection: &mut PgConnection, offers: &[Offer]) -> Result<(), StoreError> {
    for offer in offers {
        let add = sqlx::query(ADD).bind(offer.sender.digits()).bind(offer.hold).bind(offer.receiver.digits());
        let add = add.bind(offer.amount.cents()).bind(offer.fee.map(Amount::cents));
        add.execute(&mut *connection).await?;
    }
    Ok(())
}

impl Store {
    pub(crate) async fn last_offers(&self, sender: Msisdn) -> Result<Vec<Offer>, StoreError> {
        let rows: Vec<(Uuid, String, i64, Option<i64>)> =
            sqlx::query_as(LAST).bind(sender.digits()).fetch_all(&self.pool).await?;
        rows.into_iter().map(|(hold, receiver, amount, fee)| read(sender, hold, &receiver, (amount, fee))).collect()
    }
}
