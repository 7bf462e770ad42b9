//! Converts instants and identifiers to columns, and rows to types of the domain.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::domain::{Account, Earlier, Fingerprint};
use crate::store::chain::{Head, hash_of};
use crate::store::value::read;
use crate::store::{Answered, StoreError};

pub(super) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

pub(super) fn instant(table: &'static str, micros: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::corrupt(table, format!("{micros} is not an instant")))
}

pub(super) fn sixteen(table: &'static str, octets: &[u8]) -> Result<[u8; 16], StoreError> {
    octets.try_into().map_err(|_| StoreError::corrupt(table, format!("an identifier of {} octets", octets.len())))
}

pub(super) fn id(table: &'static str, octets: &[u8]) -> Result<Uuid, StoreError> {
    sixteen(table, octets).map(Uuid::from_bytes)
}

pub(super) fn octets(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// One parameter for a list or a set of rows.
pub(super) fn json<T: Serialize>(table: &'static str, rows: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::corrupt(table, error.to_string()))
}

/// A value as JSON text.
pub(super) struct Shown<'a, T>(pub(super) &'a T);

impl<T: fmt::Display> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

/// The rows of a result that is one text.
pub(super) fn from_json<'a, T: Deserialize<'a>>(table: &'static str, rows: &'a str) -> Result<Vec<T>, StoreError> {
    serde_json::from_str(rows).map_err(|error| StoreError::corrupt(table, error.to_string()))
}

/// A row of `accounts`, as JSON.
#[derive(Debug, Deserialize)]
pub(super) struct AccountRow {
    name: String,
    balance_minor: i64,
    state: String,
    valid_until: Option<i64>,
    language: Option<String>,
    opened_at: i64,
    held_minor: i64,
    version: i64,
    entries: i64,
    #[serde(deserialize_with = "from_hex")]
    head: Vec<u8>,
    #[serde(deserialize_with = "from_hex_if_any")]
    last_transfer: Option<Vec<u8>>,
}

fn from_hex<'de, D: Deserializer<'de>>(value: D) -> Result<Vec<u8>, D::Error> {
    hex::decode(<&str>::deserialize(value)?).map_err(D::Error::custom)
}

/// The function `hex()` of SQLite returns an empty text for NULL.
fn from_hex_if_any<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Vec<u8>>, D::Error> {
    Ok(Some(from_hex(value)?).filter(|octets| !octets.is_empty()))
}

impl AccountRow {
    /// The account, and the head of its chain.
    pub(super) fn split(self) -> Result<(Account, Head), StoreError> {
        let table = "accounts";
        let head = Head {
            version: self.version,
            entries: self.entries,
            hash: hash_of(table, &self.head)?,
            balance_minor: self.balance_minor,
            last: self.last_transfer.as_deref().map(|last| id(table, last)).transpose()?,
        };
        let account = Account {
            key: read(table, self.name)?,
            balance_minor: self.balance_minor,
            held_minor: self.held_minor,
            state: read(table, self.state)?,
            valid_until: self.valid_until.map(|at| instant(table, at)).transpose()?,
            language: read(table, self.language)?,
            opened_at: instant(table, self.opened_at)?,
        };
        Ok((account, head))
    }
}

/// A row of `inbox` with the answer to a message, as JSON.
#[derive(Debug, Deserialize)]
pub(super) struct AnsweredRow {
    key: String,
    #[serde(deserialize_with = "from_hex")]
    content: Vec<u8>,
    outcome: String,
    reply: Option<String>,
    received_at: i64,
}

impl AnsweredRow {
    pub(super) fn split(self) -> Result<(String, Answered), StoreError> {
        let table = "inbox";
        let (content, outcome) = (read(table, self.content)?, read(table, self.outcome)?);
        let received_at = instant(table, self.received_at)?;
        Ok((self.key, Answered { content, outcome, reply: self.reply, received_at }))
    }
}

/// A row of `requests`, as JSON.
#[derive(Debug, Deserialize)]
pub(super) struct RequestRow {
    #[serde(deserialize_with = "from_hex")]
    fingerprint: Vec<u8>,
    #[serde(deserialize_with = "from_hex")]
    transfer: Vec<u8>,
    at: i64,
    times: i64,
}

impl RequestRow {
    /// The fingerprint, the transfer of the last time, and the number of times.
    pub(super) fn split(self) -> Result<(Fingerprint, Earlier, i64), StoreError> {
        let table = "requests";
        let earlier = Earlier { transfer: id(table, &self.transfer)?, at: instant(table, self.at)? };
        Ok((Fingerprint(sixteen(table, &self.fingerprint)?), earlier, self.times))
    }
}
