//! Writes many rows with few statements. Their texts never change, so that they stay prepared: [`Insert`] for SQLite,
//! [`InsertInto`] for both databases.

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Encode, Sqlite, SqliteConnection, Type};

use crate::store::StoreError;

/// Numbers of rows per statement. The largest that fits is used first. There are few, because each text is prepared and
/// cached.
const CHUNKS: [usize; 5] = [256, 64, 16, 4, 1];

/// Binds the values of a row in order.
pub(in crate::store) struct Row<'a> {
    values: &'a mut SqliteArguments,
    failed: &'a mut Option<BoxDynError>,
}

impl Row<'_> {
    pub(in crate::store) fn bind<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(self, value: T) -> Self {
        if let Err(error) = self.values.add(value) {
            self.failed.get_or_insert(error);
        }
        self
    }
}

/// INSERT into one table, or UPDATE of its rows, with one text for each size.
#[derive(Debug)]
pub(in crate::store) struct Insert {
    table: &'static str,
    columns: usize,
    texts: [(usize, String); CHUNKS.len()],
}

impl Insert {
    /// `head` is the statement before VALUES, `tail` the rest after the last row.
    pub(in crate::store) fn new(table: &'static str, head: &str, columns: usize, tail: &str) -> Self {
        Self::of(table, head, &format!("({})", vec!["?"; columns].join(", ")), tail)
    }

    /// As [`Insert::new`], with constants among the values of a `row`: `(?, ?, 'open')`.
    pub(in crate::store) fn of(table: &'static str, head: &str, row: &str, tail: &str) -> Self {
        let texts = CHUNKS.map(|rows| (rows, format!("{head} VALUES {} {tail}", vec![row; rows].join(", "))));
        Self { table, columns: row.matches('?').count(), texts }
    }

    /// Writes all rows; `bind` binds the values of one row.
    ///
    /// # Errors
    /// The database fails, or fewer rows are written than were given, because another transaction has changed one.
    pub(in crate::store) async fn run<R>(
        &'static self,
        connection: &mut SqliteConnection,
        mut rows: &[R],
        bind: impl for<'q> Fn(Row<'q>, &R) -> Row<'q>,
    ) -> Result<(), StoreError> {
        for (size, text) in &self.texts {
            while let Some((chunk, rest)) = rows.split_at_checked(*size) {
                let (mut values, mut failed) = (SqliteArguments::default(), None);
                values.reserve(chunk.len() * self.columns, 0);
                for row in chunk {
                    bind(Row { values: &mut values, failed: &mut failed }, row);
                }
                if let Some(error) = failed {
                    return Err(StoreError::Refused(sqlx::Error::Encode(error)));
                }
                let done = sqlx::query_with(text.as_str(), values).execute(&mut *connection).await?;
                if done.rows_affected() != chunk.len() as u64 {
                    return Err(StoreError::Conflict { table: self.table });
                }
                rows = rest;
            }
        }
        Ok(())
    }
}

/// INSERT into one table of either database: VALUES lists in SQLite, and one array per column in PostgreSQL. The arrays
/// are unnested in the list of columns; in FROM, each of them would be copied first.
#[derive(Debug)]
pub(in crate::store) struct InsertInto {
    pub(in crate::store) sqlite: Insert,
    pub(in crate::store) postgres: String,
}

impl InsertInto {
    /// Writes these `columns` of a table; `conflict` is an ON CONFLICT clause or empty. Without the clause, the
    /// statement of SQLite has OR FAIL: a statement that may have to be undone alone keeps a copy of each page that it
    /// touches, and a failure rolls the whole transaction back anyway.
    pub(in crate::store) fn table(table: &'static str, columns: &str, conflict: &str) -> Self {
        Self::with(table, columns, "", conflict)
    }

    /// As [`InsertInto::table`], with constants for the last columns: `, 'open', 0`.
    pub(in crate::store) fn with(table: &'static str, columns: &str, constants: &str, conflict: &str) -> Self {
        let count = columns.split(',').count() - constants.matches(',').count();
        let numbered: Vec<String> = (1..=count).map(|number| format!("unnest(${number})")).collect();
        let or_fail = if conflict.is_empty() { "OR FAIL " } else { "" };
        let head = format!("INSERT {or_fail}INTO {table} ({columns})");
        let row = format!("({}{constants})", vec!["?"; count].join(", "));
        let numbered = numbered.join(", ");
        Self {
            sqlite: Insert::of(table, &head, &row, conflict),
            postgres: format!("INSERT INTO {table} ({columns}) SELECT {numbered}{constants} {conflict}"),
        }
    }

    /// Fails if fewer rows were written than given, because another transaction has changed one.
    pub(in crate::store) fn all(&self, given: usize, written: u64) -> Result<(), StoreError> {
        if written == given as u64 { Ok(()) } else { Err(StoreError::Conflict { table: self.sqlite.table }) }
    }
}
