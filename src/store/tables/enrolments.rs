//! User names that are registered to phones, so that a text such as `tv` needs no user name.

use chrono::{DateTime, Utc};

use crate::domain::{Account, AccountKey, Enrolments, Msisdn, Needs, Service, Stored};
use crate::store::db::{Sql, columns, execute, rows};
use crate::store::value::Keys;
use crate::store::{Batch, Store, StoreError, Writes};

/// A user name that is registered to a phone for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment<S = Service> {
    pub phone: Msisdn,
    pub service: S,
    /// The user name, in its exact spelling.
    pub username: String,
    /// The member of staff who registered it, or the phone.
    pub by: String,
    pub at: DateTime<Utc>,
}

/// A registration, with the service as it is stored.
pub type EnrolmentListed = Enrolment<Stored<Service>>;

/// A later registration replaces an earlier one.
const ENROL: &str = "INSERT INTO enrolments (phone, service, username, by, at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (phone, service) DO UPDATE SET username = excluded.username, by = excluded.by, at = excluded.at";
const DISENROL: &str = "DELETE FROM enrolments WHERE phone = $1 AND service = $2";
const OF_PHONE: &str = "SELECT phone, service, username, by, at FROM enrolments WHERE phone = $1 ORDER BY service";
const OF_PHONES: Sql = Sql {
    sqlite: "SELECT phone, service, username, by, at FROM enrolments WHERE phone IN (SELECT value FROM json_each($1))",
    postgres: "SELECT phone, service, username, by, at FROM enrolments WHERE phone = ANY($1)",
};

columns!(in "enrolments", EnrolmentListed: phone, service, username, by, at);

impl Batch {
    /// Returns the user names that are registered to these phones for these services.
    ///
    /// # Errors
    /// The database fails, or a row of it cannot be read.
    pub async fn enrolments(&mut self, phones: &[(Msisdn, Service)]) -> Result<Enrolments, StoreError> {
        if phones.is_empty() {
            return Ok(Enrolments::new());
        }
        let numbers: Keys<String> = phones.iter().map(|(phone, _)| phone.digits()).collect();
        let found = rows!(self.connection(), EnrolmentListed, OF_PHONES, [numbers])?;
        let named = found.into_iter().filter_map(|found| Some(((found.phone, found.service.known()?), found.username)));
        Ok(named.filter(|(key, _)| phones.contains(key)).collect())
    }

    /// Registers a user name to a phone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enrol(&mut self, enrolment: &Enrolment) -> Result<(), StoreError> {
        let Enrolment { phone, service, username, by, at } = enrolment;
        execute!(self.connection(), ENROL, [*phone, *service, username, by, *at]).map(drop)
    }
}

impl Store {
    /// Registers a user name to a phone, and opens its account if it does not exist.
    ///
    /// # Errors
    /// The database fails, or another transaction opens the account at the same time; a retry finds it.
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

    /// Deletes a registration. Returns `false` if there was none.
    ///
    /// # Errors
    /// The database fails.
    pub async fn disenrol(&self, phone: Msisdn, service: Service) -> Result<bool, StoreError> {
        Ok(execute!(self.writer(), DISENROL, [phone, service])? == 1)
    }

    /// Returns the user names that are registered to a phone.
    ///
    /// # Errors
    /// The database fails.
    pub async fn enrolments_of(&self, phone: Msisdn) -> Result<Vec<EnrolmentListed>, StoreError> {
        rows!(self.reader(), EnrolmentListed, OF_PHONE, [phone])
    }
}
