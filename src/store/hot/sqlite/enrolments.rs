//! Registered user names.

use super::convert::{instant, json, micros};
use super::{Batch, Store};
use crate::domain::{Enrolments, Msisdn, Service};
use crate::store::StoreError;
use crate::store::enrolments::{DISENROL, ENROL, Enrolment, EnrolmentRow, OF_PHONE, phone_of, read, service_of};

const OF_PHONES: &str = "SELECT phone, service, username FROM enrolments
    WHERE (phone, service) IN (SELECT value ->> 0, value ->> 1 FROM json_each($1))";

impl Batch {
    pub(crate) async fn enrolments(&mut self, phones: &[(Msisdn, Service)]) -> Result<Enrolments, StoreError> {
        let phones: Vec<(String, &str)> =
            phones.iter().map(|(phone, service)| (phone.digits(), service.as_str())).collect();
        let rows: Vec<(String, String, String)> =
            sqlx::query_as(OF_PHONES).bind(json("enrolments", &phones)?).fetch_all(&mut *self.transaction).await?;
        rows.into_iter()
            .map(|(phone, service, username)| Ok(((phone_of(&phone)?, service_of(&service)?), username)))
            .collect()
    }

    pub(crate) async fn enrol(&mut self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let insert = sqlx::query(ENROL)
            .bind(enrolment.phone.digits())
            .bind(enrolment.service.as_str())
            .bind(&enrolment.username)
            .bind(&enrolment.by)
            .bind(micros(enrolment.at));
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    pub(crate) async fn disenrol(&self, phone: Msisdn, service: Service) -> Result<bool, StoreError> {
        let delete = sqlx::query(DISENROL).bind(phone.digits()).bind(service.as_str());
        Ok(delete.execute(&self.writer).await?.rows_affected() == 1)
    }

    pub(crate) async fn enrolments_of(&self, phone: Msisdn) -> Result<Vec<Enrolment>, StoreError> {
        let rows: Vec<EnrolmentRow<i64>> =
            sqlx::query_as(OF_PHONE).bind(phone.digits()).fetch_all(&self.readers).await?;
        rows.into_iter()
            .map(|(phone, service, username, by, at)| read((phone, service, username, by, instant("enrolments", at)?)))
            .collect()
    }
}
