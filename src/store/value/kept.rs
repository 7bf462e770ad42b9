//! Reads columns of rows.

use std::fmt::Display;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use sqlx::{ColumnIndex, Decode, Row, Type};
use uuid::Uuid;

use super::Instant;
use crate::domain::limits::Period;
use crate::domain::validity::Life;
use crate::domain::voucher::{CodeHash, Serial, State};
use crate::domain::{
    AccountKey, AccountState, ActionKind, ActionState, Amount, Body, Cause, ContentHash, DealerName, Fields,
    Fingerprint, ForwardState, HoldState, Language, Msisdn, Outcome, ReasonCode, Report, Service, Source, Stored,
    TransferKind, Withheld,
};
use crate::store::{PartState, Settlement, StoreError};

/// The reason that a value is not read.
#[derive(Debug)]
pub(in crate::store) enum Problem {
    /// No version writes this value to these tables.
    Damaged(String),
    /// The value is a word, and a newer version may know more words for the same column.
    Newer(String),
}

/// A type that is decoded from a column by both drivers.
pub(in crate::store) trait Kept: Sized {
    type Column;
    fn kept(column: Self::Column) -> Result<Self, Problem>;
}

impl<T: Kept> Kept for Option<T> {
    type Column = Option<T::Column>;

    fn kept(column: Self::Column) -> Result<Self, Problem> {
        column.map(T::kept).transpose()
    }
}

macro_rules! kept {
    ($problem:path; $($type:ty = $column:ty: |$value:ident| $read:expr),+ $(,)?) => {
        $(impl Kept for $type {
            type Column = $column;

            fn kept($value: $column) -> Result<Self, Problem> {
                let read: Result<Self, String> = $read;
                read.map_err($problem)
            }
        })+
    };
}

kept!(
    Problem::Damaged;
    i64 = i64: |number| Ok(number),
    bool = bool: |flag| Ok(flag),
    String = String: |text| Ok(text),
    Uuid = Uuid: |id| Ok(id),
    Vec<u8> = Vec<u8>: |octets| Ok(octets),
    DateTime<Utc> = Instant: |at| Ok(at.0),
    u8 = i64: |number| small(number),
    u16 = i64: |number| small(number),
    u32 = i64: |number| small(number),
    u64 = i64: |number| small(number),
    Amount = i64: |minor| Self::from_minor(minor).map_err(|error| error.to_string()),
    [u8; 32] = Vec<u8>: |octets| sized(&octets),
    CodeHash = Vec<u8>: |octets| sized(&octets).map(Self),
    ContentHash = Vec<u8>: |octets| sized(&octets).map(Self),
    Fingerprint = Vec<u8>: |octets| sized(&octets).map(Self),
);

macro_rules! kept_as_text {
    ($problem:path: $($type:ty),+ $(,)?) => {
        kept!($problem; $($type = String: |text| parsed(&text)),+);
    };
}

// A CHECK of the column, or the format of a name or number, leaves no room for a word that this program does not know.
kept_as_text!(
    Problem::Damaged:
    AccountState,
    ActionKind,
    ActionState,
    DealerName,
    ForwardState,
    HoldState,
    Life,
    Msisdn,
    PartState,
    Serial,
    Settlement,
    State,
    Stored<AccountKey>,
    Stored<Cause>,
    Stored<Language>,
    Stored<Period>,
    Stored<ReasonCode>,
    Stored<Service>,
    Stored<TransferKind>,
    Withheld,
);

// Columns without a CHECK: `migrations/README.md` lists them.
kept_as_text!(Problem::Newer: AccountKey, Cause, ReasonCode, TransferKind);

macro_rules! kept_as_json {
    ($($type:ty),+ $(,)?) => {
        kept!(Problem::Damaged; $($type = String: |json| serde_json::from_str(&json).map_err(|error| error.to_string())),+);
    };
}

kept_as_json!(Body, Fields, Outcome, Report, Source, Vec<String>);

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn small<T: TryFrom<i64>>(number: i64) -> Result<T, String> {
    T::try_from(number).map_err(|_| format!("{number} is out of range"))
}

fn sized<const SIZE: usize>(octets: &[u8]) -> Result<[u8; SIZE], String> {
    octets.try_into().map_err(|_| format!("a hash of {} octets", octets.len()))
}

/// A column has a value that this program never writes.
#[derive(Debug, thiserror::Error)]
#[error("{table}: {problem:?}")]
pub(in crate::store) struct Unreadable {
    pub(in crate::store) table: &'static str,
    pub(in crate::store) problem: Problem,
}

impl Unreadable {
    fn error(table: &'static str, problem: Problem) -> sqlx::Error {
        sqlx::Error::Decode(Box::new(Self { table, problem }))
    }
}

/// Reads a column by its name; `table` is for the error.
pub(in crate::store) fn column<'r, R, T>(row: &'r R, table: &'static str, name: &str) -> Result<T, sqlx::Error>
where
    R: Row,
    T: Kept<Column: Decode<'r, R::Database> + Type<R::Database>>,
    for<'n> &'n str: ColumnIndex<R>,
{
    let column = row.try_get(name).map_err(|error| match error {
        sqlx::Error::ColumnDecode { source, .. } => Unreadable::error(table, Problem::Damaged(source.to_string())),
        error => error,
    })?;
    T::kept(column).map_err(|problem| Unreadable::error(table, problem))
}

/// Reads the only column of a row.
pub(in crate::store) fn read<T: Kept>(table: &'static str, column: T::Column) -> Result<T, StoreError> {
    T::kept(column).map_err(|problem| StoreError::from(Unreadable { table, problem }))
}
