//! The products of a customer by user name: television, internet and their bundles.

use chrono::Utc;
use serde_json::{Value, json};

use super::super::style::{line, local_day};
use crate::domain::{Account, AccountKey, AccountState, CURRENCY, Msisdn, Service, Stored, format_minor};
use crate::store::{Store, StoreError};

/// Known products, each with its account.
#[derive(Debug, Default)]
pub(super) struct Products(Vec<(Stored<Service>, Account)>);

impl Products {
    /// Products whose user names are registered to this phone.
    pub(super) async fn of_phone(store: &Store, phone: Msisdn) -> Result<Self, StoreError> {
        let mut found = Vec::new();
        for enrolment in store.enrolments_of(phone).await? {
            let key = AccountKey::product(&enrolment.service, &enrolment.username);
            found.extend(store.account(&key).await?.map(|account| (enrolment.service, account)));
        }
        Ok(Self(found))
    }

    /// Products with this user name, of any service.
    pub(super) async fn of_username(store: &Store, username: &str) -> Result<Self, StoreError> {
        let mut found = Vec::new();
        for service in Service::ALL.into_iter().filter(|service| service.is_product()) {
            let account = store.account(&AccountKey::product(service, username)).await?;
            found.extend(account.map(|account| (Stored::Known(service), account)));
        }
        Ok(Self(found))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn print(&self) -> anyhow::Result<()> {
        for (service, account) in &self.0 {
            let username = account.key.username().unwrap_or_default();
            let runs = match account.valid_until {
                None => "not paid yet".to_owned(),
                Some(end) if end > Utc::now() => format!("runs to {}", local_day(end)),
                Some(end) => format!("ran to {}", local_day(end)),
            };
            let suspended = if account.state == AccountState::Suspended { " (suspended)" } else { "" };
            let paid = format_minor(account.balance_minor);
            let label = service.known().map_or_else(|| service.to_string(), |service| service.label().to_owned());
            line(&format!("{label:8}  {username}  {runs}{suspended}, {paid} {CURRENCY} paid"))?;
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        let product = |(service, account): &(Stored<Service>, Account)| {
            json!({
                "service": service,
                "username": account.key.username(),
                "account": account.key.to_string(),
                "paid_minor": account.balance_minor,
                "valid_until": account.valid_until,
                "state": account.state.as_str(),
            })
        };
        self.0.iter().map(product).collect()
    }
}
