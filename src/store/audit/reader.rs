//! A read transaction of the audit: everything as of one instant, in pages, so that memory does not grow with the ledger.

use std::marker::PhantomData;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Postgres, Sqlite, Transaction};
use uuid::Uuid;

use super::super::StoreError;
use super::super::database::{Database, Store};
use super::requests::LedgerRequest;
use super::rows::LedgerEntry;
use super::sql::{ENTRIES, REQUESTS, Text};

/// Rows that are in memory at once.
pub(super) const PAGE: u16 = 2_000;

/// Without the isolation level, each statement would see another instant.
const BEGIN_POSTGRES: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A row that is read alike from both databases.
pub(in crate::store) trait Read:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Read for R {}

/// A row of a statement that reads a table from a key on, in the order of keys.
pub(in crate::store) trait Paged: Read {
    const TEXT: Text;
    /// No key is smaller.
    const FIRST: Key;

    fn key(&self) -> Key;
}

/// A place in the order of a table's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Key {
    Id(Vec<u8>),
    Text(String),
    /// A number within a text.
    Numbered(String, i64),
}

/// Says by which columns the pages of a row are ordered: an identifier, a text, or a text and a number.
macro_rules! paged {
    ($row:ty: $text:expr, id $id:ident) => {
        crate::store::audit::paged!(@ $row, $text, Id(Vec::new()), |row| Id(row.$id.0.clone()));
    };
    ($row:ty: $text:expr, text $name:ident) => {
        crate::store::audit::paged!(@ $row, $text, Text(String::new()), |row| Text(row.$name.clone()));
    };
    ($row:ty: $text:expr, text $name:ident, number $number:ident) => {
        crate::store::audit::paged!(
            @ $row, $text, Numbered(String::new(), i64::MIN), |row| Numbered(row.$name.clone(), row.$number)
        );
    };
    (@ $row:ty, $text:expr, $kind:ident($($first:expr),+), |$this:ident| $same:ident($($key:expr),+)) => {
        impl crate::store::audit::Paged for $row {
            const TEXT: crate::store::audit::Text = $text;
            const FIRST: crate::store::audit::Key = crate::store::audit::Key::$kind($($first),+);

            fn key(&self) -> crate::store::audit::Key {
                let $this = self;
                crate::store::audit::Key::$same($($key),+)
            }
        }
    };
}

pub(in crate::store) use paged;

/// A walk through all rows of a table.
#[derive(Debug)]
pub(in crate::store) struct Pages<R> {
    /// The beginning of the next page; `None`: there is none.
    from: Option<Key>,
    rows: PhantomData<fn() -> R>,
}

impl<R: Paged> Pages<R> {
    pub(in crate::store) const fn all() -> Self {
        Self::from(R::FIRST)
    }

    /// The rows at this key and above.
    pub(in crate::store) const fn from(key: Key) -> Self {
        Self { from: Some(key), rows: PhantomData }
    }

    /// The next page, which has a row at least; `None` after the last.
    pub(in crate::store) async fn next(&mut self, reader: &mut AuditReader) -> Result<Option<Vec<R>>, StoreError> {
        let Some(from) = self.from.take() else { return Ok(None) };
        let page: Vec<R> = reader.page(R::TEXT, from).await?;
        if page.len() == usize::from(PAGE) {
            self.from = page.last().and_then(|last| reader.above(last.key()));
        }
        Ok((!page.is_empty()).then_some(page))
    }
}

/// On SQLite it holds up the checkpoints of the write-ahead log, not the writer.
#[derive(Debug)]
pub(in crate::store) enum AuditReader {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl AuditReader {
    pub(in crate::store) async fn begin(store: &Store) -> Result<Self, StoreError> {
        Ok(match &store.database {
            Database::Sqlite(store) => Self::Sqlite(store.readers().begin().await?),
            Database::Postgres(store) => Self::Postgres(store.pool().begin_with(BEGIN_POSTGRES).await?),
        })
    }

    /// The one row of a statement without parameters, or `None`.
    pub(super) async fn optional<R: Read>(&mut self, text: Text) -> Result<Option<R>, StoreError> {
        Ok(match self {
            Self::Sqlite(reader) => sqlx::query_as(text.sqlite).fetch_optional(&mut **reader).await?,
            Self::Postgres(reader) => sqlx::query_as(text.postgres).fetch_optional(&mut **reader).await?,
        })
    }

    /// The row of a statement that always has one.
    pub(super) async fn one<R: Read>(&mut self, text: Text) -> Result<R, StoreError> {
        self.optional(text).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    async fn page<R: Read>(&mut self, text: Text, from: Key) -> Result<Vec<R>, StoreError> {
        Ok(match self {
            Self::Sqlite(reader) => {
                let query = sqlx::query_as(text.sqlite);
                let query = match from {
                    Key::Id(id) => query.bind(id),
                    Key::Text(text) => query.bind(text),
                    Key::Numbered(text, number) => query.bind(text).bind(number),
                };
                query.bind(i64::from(PAGE)).fetch_all(&mut **reader).await?
            }
            Self::Postgres(reader) => {
                let query = sqlx::query_as(text.postgres);
                let query = match from {
                    Key::Id(id) => query.bind(uuid(&id)),
                    Key::Text(text) => query.bind(text),
                    Key::Numbered(text, number) => query.bind(text).bind(number),
                };
                query.bind(i64::from(PAGE)).fetch_all(&mut **reader).await?
            }
        })
    }

    /// The smallest key above this one; `None`: there is none.
    fn above(&self, key: Key) -> Option<Key> {
        Some(match (self, key) {
            (Self::Sqlite(_), Key::Id(id)) => Key::Id([&id[..], &[0]].concat()),
            (Self::Postgres(_), Key::Id(id)) => Key::Id(uuid(&id).as_u128().checked_add(1)?.to_be_bytes().to_vec()),
            (_, Key::Text(text)) => Key::Text(self.text_above(&text)),
            (_, Key::Numbered(text, i64::MAX)) => Key::Numbered(self.text_above(&text), i64::MIN),
            (_, Key::Numbered(text, number)) => Key::Numbered(text, number + 1),
        })
    }

    /// PostgreSQL knows no character 0.
    fn text_above(&self, text: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("{text}\0"),
            Self::Postgres(_) => format!("{text}\u{1}"),
        }
    }

    /// The requests with these fingerprints that are remembered.
    pub(super) async fn requests(&mut self, prints: &[&[u8]]) -> Result<Vec<LedgerRequest>, StoreError> {
        Ok(match self {
            Self::Sqlite(reader) => {
                let prints: Vec<String> = prints.iter().map(hex::encode).collect();
                sqlx::query_as(REQUESTS.sqlite).bind(sqlx::types::Json(prints)).fetch_all(&mut **reader).await?
            }
            Self::Postgres(reader) => sqlx::query_as(REQUESTS.postgres).bind(prints).fetch_all(&mut **reader).await?,
        })
    }

    /// So many entries of each of these accounts, from this transfer back, the later ones first.
    pub(super) async fn entries(
        &mut self,
        begun: &[(&str, &[u8])],
        steps: i64,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        Ok(match self {
            Self::Sqlite(reader) => {
                let begun: Vec<(&str, String)> = begun.iter().map(|(name, this)| (*name, hex::encode(this))).collect();
                let query = sqlx::query_as(ENTRIES.sqlite).bind(steps).bind(sqlx::types::Json(begun));
                query.fetch_all(&mut **reader).await?
            }
            Self::Postgres(reader) => {
                let (names, these): (Vec<&str>, Vec<Uuid>) =
                    begun.iter().map(|(name, this)| (*name, uuid(this))).unzip();
                let query = sqlx::query_as(ENTRIES.postgres).bind(steps).bind(names).bind(these);
                query.fetch_all(&mut **reader).await?
            }
        })
    }
}

/// The identifier of these octets, the smallest where they are none: PostgreSQL gives none of another length.
fn uuid(octets: &[u8]) -> Uuid {
    Uuid::from_slice(octets).unwrap_or_default()
}
