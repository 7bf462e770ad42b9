//! Encodes values of the domain as columns, in one way for each database. An instant is a number of microseconds since
//! 1970 in SQLite and TIMESTAMPTZ in PostgreSQL. A set of keys is one JSON text in SQLite and one array in PostgreSQL.
//! An identifier has 16 octets in both.
//!
//! - `parameter`: values that are bound; `kept`: values that are read

mod kept;
mod parameter;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

pub(super) use kept::{Problem, Unreadable, column, read};
pub(super) use parameter::Bind;

#[derive(Debug, Clone, Copy)]
pub(super) struct Instant(pub(super) DateTime<Utc>);

impl Type<Sqlite> for Instant {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for Instant {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.0.timestamp_micros(), buffer)
    }
}

impl Decode<'_, Sqlite> for Instant {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Sqlite>>::decode(value)?;
        let at = DateTime::from_timestamp_micros(micros).ok_or_else(|| format!("{micros} is not an instant"))?;
        Ok(Self(at))
    }
}

impl Type<Postgres> for Instant {
    fn type_info() -> PgTypeInfo {
        <DateTime<Utc> as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Instant {
    fn array_type_info() -> PgTypeInfo {
        <DateTime<Utc> as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Instant {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.0, buffer)
    }
}

impl Decode<'_, Postgres> for Instant {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        <DateTime<Utc> as Decode<Postgres>>::decode(value).map(Self)
    }
}

/// A text that is only shown. PostgreSQL's texts cannot have the character U+0000, and a message may. It becomes the
/// replacement character. (Messages are compared by the hash of their content, which is not affected.)
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a>(pub(super) &'a str);

pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

impl Type<Sqlite> for Shown<'_> {
    fn type_info() -> SqliteTypeInfo {
        <str as Type<Sqlite>>::type_info()
    }
}

impl<'q> Encode<'q, Sqlite> for Shown<'q> {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.0, buffer)
    }
}

impl Type<Postgres> for Shown<'_> {
    fn type_info() -> PgTypeInfo {
        <&str as Type<Postgres>>::type_info()
    }
}

impl PgHasArrayType for Shown<'_> {
    fn array_type_info() -> PgTypeInfo {
        <&str as PgHasArrayType>::array_type_info()
    }
}

impl Encode<'_, Postgres> for Shown<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode(&*shown(self.0), buffer)
    }
}

/// A set of keys as one parameter: `IN (SELECT value FROM json_each($1))` in SQLite, with `unhex(value)` for octets,
/// and `= ANY($1)` in PostgreSQL.
#[derive(Debug, Clone)]
pub(super) struct Keys<T>(pub(super) Vec<T>);

impl<T> FromIterator<T> for Keys<T> {
    fn from_iter<I: IntoIterator<Item = T>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

/// The form of a key in SQLite's JSON.
pub(super) trait JsonKey: Sized {
    fn json(keys: &[Self]) -> serde_json::Result<String>;
}

impl JsonKey for &str {
    fn json(keys: &[Self]) -> serde_json::Result<String> {
        serde_json::to_string(keys)
    }
}

impl JsonKey for String {
    fn json(keys: &[Self]) -> serde_json::Result<String> {
        serde_json::to_string(keys)
    }
}

impl JsonKey for Uuid {
    fn json(keys: &[Self]) -> serde_json::Result<String> {
        serde_json::to_string(&keys.iter().map(hex::encode).collect::<Vec<_>>())
    }
}

impl JsonKey for &[u8] {
    fn json(keys: &[Self]) -> serde_json::Result<String> {
        serde_json::to_string(&keys.iter().map(hex::encode).collect::<Vec<_>>())
    }
}

impl<T> Type<Sqlite> for Keys<T> {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl<T: JsonKey> Encode<'_, Sqlite> for Keys<T> {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(T::json(&self.0)?, buffer)
    }
}

impl<T: PgHasArrayType> Type<Postgres> for Keys<T> {
    fn type_info() -> PgTypeInfo {
        T::array_type_info()
    }
}

impl<'q, T> Encode<'q, Postgres> for Keys<T>
where
    Vec<T>: Encode<'q, Postgres>,
{
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.0.encode_by_ref(buffer)
    }
}
