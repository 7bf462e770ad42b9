//! The rows that a batch loads.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::{AccountKey, Command, Enrolments, Fingerprint, LoadedRows, Msisdn, Needs, Orders, Rules, Service};
use crate::processor::parse::Read;
use crate::processor::reply::courtesy;
use crate::processor::resolve::Resolved;
use crate::store::{Batch, StoreError};

/// Rows that tell which other rows are needed. They are read within the transaction, with one statement each.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    enrolments: Enrolments,
    orders: Orders,
}

impl Lookups {
    pub(super) async fn of(batch: &mut Batch, requests: &[&Resolved]) -> Result<Self, StoreError> {
        let enrolments = batch.enrolments(&registered(requests)).await?;
        Ok(Self { enrolments, orders: batch.orders(&withdrawn(requests)).await? })
    }

    /// Returns whether there are any for these messages.
    pub(super) fn are_needed(requests: &[&Resolved]) -> bool {
        commands(requests).any(|command| !command.registered().is_empty() || command.withdrawn().is_some())
    }

    /// Returns whether another node carried out an order between the two reads. Its transfers have to be loaded too.
    pub(super) fn are_outdated(&self, requests: &[&Resolved], loaded: &LoadedRows) -> bool {
        let is_new = |order: &Fingerprint| loaded.earlier.contains_key(order) && !self.orders.contains_key(order);
        withdrawn(requests).iter().any(is_new)
    }

    pub(super) fn joined_to(self, loaded: LoadedRows) -> LoadedRows {
        LoadedRows { enrolments: self.enrolments, orders: self.orders, ..loaded }
    }
}

/// The rows that the decisions about these messages need. All batches use one order.
pub(super) fn needs(requests: &[&Resolved], rules: &Rules, lookups: &Lookups, now: DateTime<Utc>) -> Needs {
    let mut all = Needs { ended_before: Some(now), ..Needs::default() };
    for request in requests {
        all.accounts.extend(request.envelope.sender.map(AccountKey::subscriber));
        all.courtesies.extend(courtesy::phone(request));
        if let Some(guard) = &request.guard {
            all.extend(guard.needs(request.envelope.message.received_at));
        }
        if let Read::Command(command) = &request.read {
            all.extend(command.needs(rules, &lookups.enrolments, &lookups.orders, now));
        }
    }
    all.put_in_order();
    all
}

/// The phones whose registered user names the messages refer to.
fn registered(requests: &[&Resolved]) -> Vec<(Msisdn, Service)> {
    let phones: BTreeSet<(Msisdn, Service)> = commands(requests).flat_map(Command::registered).collect();
    phones.into_iter().collect()
}

/// The orders that the messages withdraw.
fn withdrawn(requests: &[&Resolved]) -> Vec<Fingerprint> {
    let orders: BTreeSet<Fingerprint> = commands(requests).filter_map(Command::withdrawn).collect();
    orders.into_iter().collect()
}

fn commands<'a>(requests: &[&'a Resolved]) -> impl Iterator<Item = &'a Command> {
    requests.iter().filter_map(|request| request.read.as_command())
}
