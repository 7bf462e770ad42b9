//! A read transaction of the audit: everything as of one instant, in pages, so that memory does not grow with the ledger.

use std::marker::PhantomData;

use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use super::raw::RawId;
use crate::store::StoreError;
use crate::store::db::{Connection, OneOf, Sql, Store, Transaction, one, row, rows};

/// Rows that are in memory at once.
pub(super) const PAGE: u16 = 2_000;

/// A row that is read alike from both databases.
pub(in crate::store) trait Read:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> Read for R {}

/// A row of a statement that reads a table from a key on, in the order of keys.
pub(in crate::store) trait Paged: Read {
    const TEXT: Sql;
    /// No key is smaller.
    const FIRST: Key;

    fn key(&self) -> Key;
}

/// A place in the order of a table's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum Key {
    Id(RawId),
    Text(String),
    /// A number within a text.
    Numbered(String, i64),
}

/// Says by which columns the pages of a row are ordered: an identifier, a text, or a text and a number.
macro_rules! paged {
    ($row:ty: $text:expr, id $id:ident) => {
        crate::store::audit::paged!(@ $row, $text, Id(crate::store::audit::RawId(Vec::new())), |row| Id(row.$id.clone()));
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
            const TEXT: crate::store::db::Sql = $text;
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
pub(in crate::store) struct AuditReader(Transaction);

impl AuditReader {
    pub(in crate::store) async fn begin(store: &Store) -> Result<Self, StoreError> {
        Ok(Self(store.snapshot().await?))
    }

    pub(super) fn connection(&mut self) -> Connection<'_> {
        self.0.connection()
    }

    /// The one row of a statement without parameters, or `None`.
    pub(super) async fn optional<R: Read>(&mut self, text: Sql) -> Result<Option<R>, StoreError> {
        row!(self.0.connection(), R, text, [])
    }

    /// The row of a statement that always has one.
    pub(super) async fn one<R: Read>(&mut self, text: Sql) -> Result<R, StoreError> {
        one!(self.0.connection(), R, text, [])
    }

    async fn page<R: Read>(&mut self, text: Sql, from: Key) -> Result<Vec<R>, StoreError> {
        let on = self.0.connection();
        match from {
            Key::Id(id) => rows!(on, R, text, [id, PAGE]),
            Key::Text(name) => rows!(on, R, text, [name, PAGE]),
            Key::Numbered(name, number) => rows!(on, R, text, [name, number, PAGE]),
        }
    }

    /// The smallest key above this one; `None`: there is none.
    fn above(&mut self, key: Key) -> Option<Key> {
        Some(match (self.0.connection(), key) {
            (OneOf::Sqlite(_), Key::Id(id)) => Key::Id(RawId([&id[..], &[0]].concat())),
            (OneOf::Postgres(_), Key::Id(id)) => Key::Id(RawId::of(id.uuid().as_u128().checked_add(1)?)),
            (_, Key::Text(text)) => Key::Text(self.text_above(&text)),
            (_, Key::Numbered(text, i64::MAX)) => Key::Numbered(self.text_above(&text), i64::MIN),
            (_, Key::Numbered(text, number)) => Key::Numbered(text, number + 1),
        })
    }

    /// PostgreSQL knows no character 0.
    fn text_above(&mut self, text: &str) -> String {
        match self.0.connection() {
            OneOf::Sqlite(_) => format!("{text}\0"),
            OneOf::Postgres(_) => format!("{text}\u{1}"),
        }
    }
}
