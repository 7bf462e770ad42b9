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
    AccountKey, AccountState, ActionKind, ActionState, Amount, Body, Cause, ContentHash, DealerName, Fingerprint,
    HoldState, Language, Msisdn, Outcome, ReasonCode, Report, Service, Source, Stored, TransferKind, Withheld,
};
use crate::store::{PartState, Settlement, StoreError};

/// A type that is decoded from a column by both drivers.
pub(in crate::store) trait Kept: Sized {
    type Column;
    fn kept(column: Self::Column) -> Result<Self, String>;
}

impl<T: Kept> Kept for Option<T> {
    type Column = Option<T::Column>;

    fn kept(column: Self::Column) -> Result<Self, String> {
        column.map(T::kept).transpose()
    }
}

macro_rules! kept {
    ($($type:ty = $column:ty: |$value:ident| $read:expr),+ $(,)?) => {
        $(impl Kept for $type {
            type Column = $column;

            fn kept($value: $column) -> Result<Self, String> {
                $read
            }
        })+
    };
}

kept!(
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
    Amount = i64: |cents| Self::from_cents(cents).map_err(|error| error.to_string()),
    [u8; 32] = Vec<u8>: |octets| sized(&octets),
    CodeHash = Vec<u8>: |octets| sized(&octets).map(Self),
    ContentHash = Vec<u8>: |octets| sized(&octets).map(Self),
    Fingerprint = Vec<u8>: |octets| sized(&octets).map(Self),
);

macro_rules! kept_as_text {
    ($($type:ty),+ $(,)?) => {
        kept!($($type = String: |text| parsed(&text)),+);
    };
}

kept_as_text!(
    AccountKey,
    AccountState,
    ActionKind,
    ActionState,
    Cause,
    DealerName,
    HoldState,
    Language,
    Life,
    Msisdn,
    PartState,
    Period,
    ReasonCode,
    Serial,
    Service,
    Settlement,
    State,
    Stored<AccountKey>,
    Stored<ReasonCode>,
    Stored<TransferKind>,
    TransferKind,
    Withheld,
);

macro_rules! kept_as_json {
    ($($type:ty),+ $(,)?) => {
        kept!($($type = String: |json| serde_json::from_str(&json).map_err(|error| error.to_string())),+);
    };
}

kept_as_json!(Body, Outcome, Report, Source, Vec<String>);

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
#[error("{table}: {problem}")]
pub(in crate::store) struct Unreadable {
    pub(in crate::store) table: &'static str,
    pub(in crate::store) problem: String,
}

impl Unreadable {
    fn error(table: &'static str, problem: String) -> sqlx::Error {
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
        sqlx::Error::ColumnDecode { source, .. } => Unreadable::error(table, source.to_string()),
        error => error,
    })?;
    T::kept(column).map_err(|problem| Unreadable::error(table, problem))
}

/// Reads the only column of a row.
pub(in crate::store) fn read<T: Kept>(table: &'static str, column: T::Column) -> Result<T, StoreError> {
    T::kept(column).map_err(|problem| StoreError::corrupt(table, problem))
}
