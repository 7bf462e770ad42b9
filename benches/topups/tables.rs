//! The rows of the tables, ready-made for the floor.

use chrono::{DateTime, Utc};
use mbush::domain::{OutboundSms, Transfer};
use mbush::store::{InboxRow, Writes};
use uuid::Uuid;

/// The columns of one batch, ready to be written.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) inbox: Vec<Inbox>,
    pub(crate) accounts: Vec<(String, i64, DateTime<Utc>, i64)>,
    pub(crate) transfers: Vec<Moved>,
    pub(crate) requests: Vec<([u8; 16], Uuid)>,
    pub(crate) outbox: Vec<OutboundSms>,
}

pub(crate) struct Inbox {
    pub(crate) row: InboxRow,
    pub(crate) content: [u8; 16],
    pub(crate) body: String,
    pub(crate) outcome: String,
    pub(crate) transfer: Uuid,
}

pub(crate) struct Moved {
    pub(crate) transfer: Transfer,
    pub(crate) debit: String,
    pub(crate) credit: String,
    pub(crate) entry: i64,
}

/// Any octets will do for the floor.
pub(crate) const HASH: [u8; 32] = [0x5a; 32];

pub(crate) fn tables(batches: &[Writes]) -> Vec<Tables> {
    batches.iter().map(of).collect()
}

fn of(writes: &Writes) -> Tables {
    let inbox = writes.inbox.iter().zip(&writes.transfers).map(|(row, transfer)| Inbox {
        row: row.clone(),
        content: row.message.content_hash().0,
        body: serde_json::to_string(&row.message.body).unwrap(),
        outcome: serde_json::to_string(&row.outcome).unwrap(),
        transfer: transfer.id,
    });
    let accounts = writes.accounts.iter().map(|account| {
        let valid_until = account.valid_until.unwrap_or(account.opened_at);
        (account.key.to_string(), account.balance_minor, valid_until, account.balance_minor / 500)
    });
    let transfers = writes.transfers.iter().map(|transfer| Moved {
        debit: transfer.movement.debit.to_string(),
        credit: transfer.movement.credit.to_string(),
        entry: transfer.credit_balance_minor.unwrap_or_default() / 500,
        transfer: transfer.clone(),
    });
    let requests = writes.requests.iter().map(|carried| (carried.fingerprint.0, carried.done.transfer));
    Tables {
        inbox: inbox.collect(),
        accounts: accounts.collect(),
        transfers: transfers.collect(),
        requests: requests.collect(),
        outbox: writes.outbox.clone(),
    }
}
