//! Rows of transfers, holds and actions, and what the domain calls them.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::columns::columns;
use super::super::{StatementLine, StoreError};
use crate::domain::{
    AccountKey, Action, Amount, Cause, Hold, Later, Movement, Receipt, Signed, Transfer, ValidityChange,
};

fn parsed<T: FromStr>(table: &'static str, text: &str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| StoreError::corrupt(table, error.to_string()))
}

fn id(table: &'static str, octets: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(octets).map_err(|error| StoreError::corrupt(table, error.to_string()))
}

fn optional_id(table: &'static str, octets: Option<&[u8]>) -> Result<Option<Uuid>, StoreError> {
    octets.map(|octets| id(table, octets)).transpose()
}

fn instant(table: &'static str, micros: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::corrupt(table, format!("{micros} is not an instant")))
}

fn amount(table: &'static str, cents: i64) -> Result<Amount, StoreError> {
    Amount::from_cents(cents).map_err(|error| StoreError::corrupt(table, error.to_string()))
}

/// A row of `transfers`.
#[derive(Debug)]
pub(in crate::store) struct TransferRow {
    pub(super) id: Vec<u8>,
    kind: String,
    debit: String,
    credit: String,
    amount_cents: i64,
    message_key: Option<String>,
    action: Option<Vec<u8>>,
    system: Option<String>,
    pub(super) at: i64,
    debit_balance_cents: Option<i64>,
    credit_balance_cents: Option<i64>,
    valid_before: Option<i64>,
    valid_after: Option<i64>,
    reverses: Option<Vec<u8>>,
    hold: Option<Vec<u8>>,
    reason: Option<String>,
    /// Of a statement.
    wanted_by: Option<String>,
}

columns!(
    both TransferRow: id, kind, debit, credit, amount_cents, message_key, action, system, at, debit_balance_cents,
        credit_balance_cents, valid_before, valid_after, reverses, hold, reason; default wanted_by
);

impl TransferRow {
    pub(in crate::store) fn transfer(&self) -> Result<Transfer, StoreError> {
        let table = "transfers";
        let optional_at = |micros: Option<i64>| micros.map(|micros| instant(table, micros)).transpose();
        let change = ValidityChange { before: optional_at(self.valid_before)?, after: optional_at(self.valid_after)? };
        Ok(Transfer {
            id: id(table, &self.id)?,
            movement: Movement {
                kind: parsed(table, &self.kind)?,
                debit: parsed(table, &self.debit)?,
                credit: parsed(table, &self.credit)?,
                amount: amount(table, self.amount_cents)?,
                validity: (change.before.is_some() || change.after.is_some()).then_some(change),
                reverses: optional_id(table, self.reverses.as_deref())?,
                hold: optional_id(table, self.hold.as_deref())?,
                reason: self.reason.as_deref().map(|code| parsed(table, code)).transpose()?,
            },
            debit_balance_cents: self.debit_balance_cents,
            credit_balance_cents: self.credit_balance_cents,
            cause: self.cause()?,
            at: instant(table, self.at)?,
        })
    }

    fn cause(&self) -> Result<Cause, StoreError> {
        match (&self.message_key, optional_id("transfers", self.action.as_deref())?, &self.system) {
            (Some(key), None, None) => Ok(Cause::Message(key.clone())),
            (None, Some(action), None) => Ok(Cause::Operator(action)),
            (None, None, Some(name)) => Ok(Cause::System(name.clone())),
            _ => Err(StoreError::corrupt("transfers", "not one cause")),
        }
    }

    /// As a line of this account's statement; `before_cents` is the balance before it, where the row does not tell.
    pub(super) fn line(&self, account: &AccountKey, before_cents: i64) -> Result<StatementLine, StoreError> {
        let table = "transfers";
        let (id, amount) = (id(table, &self.id)?, amount(table, self.amount_cents)?);
        let credited = self.credit == account.to_string();
        let cents = if credited { amount.cents() } else { -amount.cents() };
        let told = if credited { self.credit_balance_cents } else { self.debit_balance_cents };
        Ok(StatementLine {
            id,
            receipt: Receipt::of(id),
            kind: parsed(table, &self.kind)?,
            other: parsed(table, if credited { &self.debit } else { &self.credit })?,
            amount,
            cents,
            balance_cents: told.unwrap_or_else(|| before_cents.saturating_add(cents)),
            reverses: optional_id(table, self.reverses.as_deref())?.map(Receipt::of),
            reason: self.reason.as_deref().map(|code| parsed(table, code)).transpose()?,
            cause: self.cause()?,
            wanted_by: self.wanted_by.clone(),
            at: instant(table, self.at)?,
        })
    }
}

/// A row of `holds`.
#[derive(Debug)]
pub(in crate::store) struct HoldRow {
    id: Vec<u8>,
    account: String,
    amount_cents: i64,
    state: String,
    reason: String,
    cause: String,
    placed_at: i64,
    expires_at: i64,
    ended_cause: Option<String>,
    ended_at: Option<i64>,
    transfer: Option<Vec<u8>>,
    posted_cents: Option<i64>,
}

columns!(
    both HoldRow: id, account, amount_cents, state, reason, cause, placed_at, expires_at, ended_cause, ended_at,
        transfer, posted_cents
);

impl TryFrom<HoldRow> for Hold {
    type Error = StoreError;

    fn try_from(row: HoldRow) -> Result<Self, Self::Error> {
        let table = "holds";
        let ended = match (row.ended_cause, row.ended_at) {
            (Some(cause), Some(at)) => Some((parsed(table, &cause)?, instant(table, at)?)),
            _ => None,
        };
        let posted = match (row.transfer, row.posted_cents) {
            (Some(transfer), Some(cents)) => Some((id(table, &transfer)?, amount(table, cents)?)),
            _ => None,
        };
        Ok(Self {
            id: id(table, &row.id)?,
            account: parsed(table, &row.account)?,
            amount: amount(table, row.amount_cents)?,
            state: parsed(table, &row.state)?,
            reason: parsed(table, &row.reason)?,
            cause: parsed(table, &row.cause)?,
            placed_at: instant(table, row.placed_at)?,
            expires_at: instant(table, row.expires_at)?,
            ended,
            posted,
        })
    }
}

/// A row of `operator_actions`.
#[derive(Debug)]
pub(in crate::store) struct ActionRow {
    id: Vec<u8>,
    kind: String,
    state: String,
    account: String,
    amount_cents: i64,
    reason: String,
    note: String,
    made_by: String,
    made_at: i64,
    checked_by: Option<String>,
    checked_at: Option<i64>,
    subject: Option<Vec<u8>>,
    card: Option<String>,
    transfer: Option<Vec<u8>>,
}

columns!(
    both ActionRow: id, kind, state, account, amount_cents, reason, note, made_by, made_at, checked_by, checked_at,
        subject, card, transfer
);

impl TryFrom<ActionRow> for Action {
    type Error = StoreError;

    fn try_from(row: ActionRow) -> Result<Self, Self::Error> {
        let table = "operator_actions";
        let checked = match (row.checked_by, row.checked_at) {
            (Some(by), Some(at)) => Some(Signed { by, at: instant(table, at)? }),
            _ => None,
        };
        Ok(Self {
            id: id(table, &row.id)?,
            kind: parsed(table, &row.kind)?,
            state: parsed(table, &row.state)?,
            account: parsed(table, &row.account)?,
            amount_cents: row.amount_cents,
            reason: parsed(table, &row.reason)?,
            note: row.note,
            made: Signed { by: row.made_by, at: instant(table, row.made_at)? },
            checked,
            subject: row.subject.map(|octets| id(table, &octets)).transpose()?,
            card: row.card.as_deref().map(|serial| parsed(table, serial)).transpose()?,
            transfer: row.transfer.map(|octets| id(table, &octets)).transpose()?,
        })
    }
}

/// Rows of reversals and of what came later, into what is known.
pub(in crate::store) fn reversal((reversed, by): &(Vec<u8>, Vec<u8>)) -> Result<(Uuid, Uuid), StoreError> {
    Ok((id("transfers", reversed)?, id("transfers", by)?))
}

pub(in crate::store) fn later(
    (of, kind, cents, at): &(Vec<u8>, String, i64, i64),
) -> Result<(Uuid, Later), StoreError> {
    let table = "transfers";
    let later = Later { kind: parsed(table, kind)?, amount: amount(table, *cents)?, at: instant(table, *at)? };
    Ok((id(table, of)?, later))
}
