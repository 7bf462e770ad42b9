//! User names that are registered to phones, so that who texts `tv` need not write his own.

use chrono::{DateTime, Utc};

use super::database::Database;
use super::{Store, StoreError, Writes};
use crate::domain::{Account, AccountKey, Msisdn, Needs, Service};

/// One user name, registered to a phone for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The phone.
    pub phone: Msisdn,
    /// The service.
    pub service: Service,
    /// The user name, exactly as it is.
    pub username: String,
    /// Who registered it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// One statement for both databases: the later registration takes the place of an earlier one.
pub(super) const ENROL: &str = "INSERT INTO enrolments (phone, service, username, by, at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (phone, service) DO UPDATE SET username = excluded.username, by = excluded.by, at = excluded.at";
pub(super) const DISENROL: &str = "DELETE FROM enrolments WHERE phone = $1 AND service = $2";
pub(super) const OF_PHONE: &str =
    "SELECT phone, service, username, by, at FROM enrolments WHERE phone = $1 ORDER BY service";

/// A row, its instant as the database has it.
pub(super) type EnrolmentRow<At> = (String, String, String, String, At);

pub(super) fn read(row: EnrolmentRow<DateTime<Utc>>) -> Result<Enrolment, StoreError> {
    let (phone, service, username, by, at) = row;
    Ok(Enrolment { phone: phone_of(&phone)?, service: service_of(&service)?, username, by, at })
}

pub(super) fn phone_of(text: &str) -> Result<Msisdn, StoreError> {
    text.parse().map_err(|error| StoreError::corrupt("enrolments", format!("{error}")))
}

pub(super) fn service_of(text: &str) -> Result<Service, StoreError> {
    text.parse().map_err(|error| StoreError::corrupt("enrolments", error))
}

impl Store {
    /// Registers a user name to a phone, and opens its account where there is none.
    ///
    /// # Errors
    /// The database fails, or another opened the account in this moment: the same again finds it.
    pub async fn enrol(&self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let key = AccountKey::product(enrolment.service, &enrolment.username);
        let mut batch = self.begin().await?;
        let known = batch.load(&Needs { accounts: vec![key.clone()], ..Needs::default() }).await?;
        if known.accounts.is_empty() {
            let accounts = vec![Account::open(key, enrolment.at)];
            batch.write(&Writes { accounts, ..Writes::default() }).await?;
        }
        batch.enrol(enrolment).await?;
        batch.commit().await
    }

    /// Takes a registration back. Whether there was one.
    ///
    /// # Errors
    /// The database fails.
    pub async fn disenrol(&self, phone: Msisdn, service: Service) -> Result<bool, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.disenrol(phone, service).await,
            Database::Postgres(store) => store.disenrol(phone, service).await,
        }
    }

    /// The user names that are registered to a phone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enrolments_of(&self, phone: Msisdn) -> Result<Vec<Enrolment>, StoreError> {
        match &self.database {
            Database::Sqlite(store) => store.enrolments_of(phone).await,
            Database::Postgres(store) => store.enrolments_of(phone).await,
        }
    }
}
