//! Rows as what the domain calls them.

use std::borrow::Cow;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::{Account, AccountKey};
use crate::store::StoreError;
use crate::store::chain::{Head, hash_of};
use crate::store::columns::columns;

pub(super) fn parsed<T: FromStr>(table: &'static str, text: &str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| StoreError::corrupt(table, error.to_string()))
}

pub(super) fn sixteen(table: &'static str, octets: &[u8]) -> Result<[u8; 16], StoreError> {
    octets.try_into().map_err(|_| StoreError::corrupt(table, format!("an identifier of {} octets", octets.len())))
}

/// PostgreSQL's texts know no character 0, and what people send may hold one: it becomes the replacement character where a
/// text is only shown. (What a message is told apart by, its content, is kept as a hash and as JSON.)
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// A row of `accounts`.
#[derive(Debug)]
pub(super) struct AccountRow {
    name: String,
    balance_cents: i64,
    state: String,
    valid_until: Option<DateTime<Utc>>,
    language: Option<String>,
    opened_at: DateTime<Utc>,
    held_cents: i64,
    version: i64,
    entries: i64,
    head: Vec<u8>,
    last_transfer: Option<Uuid>,
}

columns!(
    postgres AccountRow: name, balance_cents, state, valid_until, language, opened_at, held_cents, version, entries,
        head, last_transfer
);

impl AccountRow {
    pub(super) fn head(&self) -> Result<Head, StoreError> {
        Ok(Head {
            version: self.version,
            entries: self.entries,
            hash: hash_of("accounts", &self.head)?,
            balance_cents: self.balance_cents,
            last: self.last_transfer,
        })
    }
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, Self::Error> {
        let table = "accounts";
        Ok(Self {
            key: parsed::<AccountKey>(table, &row.name)?,
            balance_cents: row.balance_cents,
            held_cents: row.held_cents,
            state: parsed(table, &row.state)?,
            valid_until: row.valid_until,
            language: row.language.as_deref().map(|code| parsed(table, code)).transpose()?,
            opened_at: row.opened_at,
        })
    }
}
