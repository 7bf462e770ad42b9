//! Identifiers and instants as columns hold them, whether or not the program could have written them. Both databases are read
//! into the same octets and numbers, so that one statement serves both.

use std::ops::Deref;

use chrono::{DateTime, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

use crate::store::value::Bind;

/// 2000-01-01 in microseconds since 1970: PostgreSQL counts from there.
const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;

/// Octets of an identifier. PostgreSQL's `uuid` always has 16; a damaged row of SQLite may have another number of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct RawId(pub(in crate::store) Vec<u8>);

impl RawId {
    pub(super) fn of(number: u128) -> Self {
        Self(number.to_be_bytes().to_vec())
    }

    /// The smallest identifier if these are not 16 octets: PostgreSQL gives none of another length.
    pub(super) fn uuid(&self) -> Uuid {
        Uuid::from_slice(&self.0).unwrap_or_default()
    }
}

impl Deref for RawId {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Type<Sqlite> for RawId {
    fn type_info() -> SqliteTypeInfo {
        <Vec<u8> as Type<Sqlite>>::type_info()
    }

    fn compatible(column: &SqliteTypeInfo) -> bool {
        <Vec<u8> as Type<Sqlite>>::compatible(column)
    }
}

impl Type<Postgres> for RawId {
    fn type_info() -> PgTypeInfo {
        <Uuid as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Sqlite> for RawId {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode_by_ref(&self.0, buffer)
    }
}

impl Encode<'_, Postgres> for RawId {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.uuid(), buffer)
    }
}

impl Bind for RawId {
    type Parameter = Self;

    fn parameter(self) -> Self {
        self
    }
}

impl Decode<'_, Sqlite> for RawId {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(<Vec<u8> as Decode<Sqlite>>::decode(value)?))
    }
}

impl Decode<'_, Postgres> for RawId {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(<Uuid as Decode<Postgres>>::decode(value)?.as_bytes().to_vec()))
    }
}

/// Microseconds since 1970, UTC. PostgreSQL's `infinity` becomes the greatest number, its `-infinity` nearly the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct Micros(pub(in crate::store) i64);

impl Type<Sqlite> for Micros {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(column: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(column)
    }
}

impl Type<Postgres> for Micros {
    fn type_info() -> PgTypeInfo {
        <DateTime<Utc> as Type<Postgres>>::type_info()
    }
}

impl Decode<'_, Sqlite> for Micros {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(<i64 as Decode<Sqlite>>::decode(value)?))
    }
}

/// Without `DateTime`, which panics at instants that it does not know.
impl Decode<'_, Postgres> for Micros {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let since_2000 = i64::from_be_bytes(value.as_bytes()?.try_into()?);
        Ok(Self(since_2000.saturating_add(POSTGRES_EPOCH_US)))
    }
}

pub(super) fn shown(id: &[u8]) -> String {
    uuid::Uuid::from_slice(id).map_or_else(|_| hex::encode(id), |id| id.to_string())
}
