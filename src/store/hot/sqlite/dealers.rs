//! Dealers and their phones.

use chrono::{DateTime, Utc};

use super::convert::micros;
use super::{Batch, Store};
use crate::domain::{DealerName, Msisdn};
use crate::store::StoreError;
use crate::store::dealers::{ADD, ADD_PHONE, DAY_DONE, DealerListed, LIST, PHONES, REMOVE_PHONE, listed, phone_of};

impl Batch {
    pub(crate) async fn add_dealer(
        &mut self,
        name: &DealerName,
        parent: Option<&DealerName>,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let add = sqlx::query(ADD).bind(name.as_str()).bind(parent.map(DealerName::as_str)).bind(by).bind(micros(at));
        Ok(add.execute(&mut *self.transaction).await?.rows_affected() == 1)
    }

    pub(crate) async fn add_dealer_phone(
        &mut self,
        phone: Msisdn,
        dealer: &DealerName,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let add = sqlx::query(ADD_PHONE).bind(phone.digits()).bind(dealer.as_str()).bind(by).bind(micros(at));
        Ok(add.execute(&mut *self.transaction).await?.rows_affected() == 1)
    }

    pub(crate) async fn dealer_day(&mut self, day: &str, phone: &str) -> Result<bool, StoreError> {
        let done = sqlx::query(DAY_DONE).bind(day).bind(phone).execute(&mut *self.transaction).await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Store {
    pub(crate) async fn dealers_up(&self, statement: &'static str, of: &str) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar(statement).bind(of).fetch_all(&self.readers).await?)
    }

    pub(crate) async fn remove_dealer_phone(&self, phone: Msisdn, dealer: &DealerName) -> Result<bool, StoreError> {
        let remove = sqlx::query(REMOVE_PHONE).bind(phone.digits()).bind(dealer.as_str());
        Ok(remove.execute(&self.writer).await?.rows_affected() == 1)
    }

    pub(crate) async fn dealers(&self, behind: &str, most: u32) -> Result<Vec<DealerListed>, StoreError> {
        let rows: Vec<(String, Option<String>, String)> =
            sqlx::query_as(LIST).bind(behind).bind(i64::from(most)).fetch_all(&self.readers).await?;
        let mut dealers: Vec<DealerListed> = rows.into_iter().map(listed).collect::<Result<_, _>>()?;
        for dealer in &mut dealers {
            let phones: Vec<String> =
                sqlx::query_scalar(PHONES).bind(dealer.name.as_str()).fetch_all(&self.readers).await?;
            dealer.phones = phones.iter().map(|phone| phone_of(phone)).collect::<Result<_, _>>()?;
        }
        Ok(dealers)
    }
}
