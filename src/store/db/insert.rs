//! Writes many rows with few statements. Their texts never change, so that they stay prepared: [`Insert`] for SQLite,
//! [`InsertInto`] for both databases.

use std::borrow::Cow;
use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, Either, Encode, Executor, Sqlite, SqliteConnection, Type};

use crate::store::StoreError;

/// Numbers of rows per statement. The largest that fits is used first. There are few, because each text is prepared and
/// cached.
const CHUNKS: [usize; 5] = [256, 64, 16, 4, 1];

/// Rows of each table up to which statements are joined.
const JOINED_MAX: usize = 8;

/// A transaction that begins as a reader cannot become a writer while another one writes.
pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";
pub(super) const COMMIT: &str = "COMMIT";

/// Binds the values of a row in order.
pub(in crate::store) struct Row<'a> {
    values: &'a mut SqliteArguments,
    failed: &'a mut Option<BoxDynError>,
    column: usize,
    /// The texts of the row before. Many columns have the same in every row, and it is copied once.
    before: &'a mut [Option<Arc<str>>],
}

impl Row<'_> {
    pub(in crate::store) fn bind<'t, T: Encode<'t, Sqlite> + Type<Sqlite>>(mut self, value: T) -> Self {
        if let Err(error) = self.values.add(value) {
            self.failed.get_or_insert(error);
        }
        self.column += 1;
        self
    }

    /// Binds a text or NULL.
    pub(in crate::store) fn text<'t>(self, text: impl Into<Option<&'t str>>) -> Self {
        let Some(text) = text.into() else { return self.bind(None::<&str>) };
        let shared = match self.before.get_mut(self.column) {
            Some(Some(before)) if &**before == text => before.clone(),
            Some(before) => before.insert(text.into()).clone(),
            None => text.into(),
        };
        self.bind(shared)
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

    /// Adds the statements for all rows to a script; `bind` binds the values of one row.
    pub(in crate::store) fn add<R>(
        &'static self,
        script: &mut Script,
        mut rows: &[R],
        bind: impl for<'q> Fn(Row<'q>, &R) -> Row<'q>,
    ) {
        let mut before = vec![None; self.columns];
        for (size, text) in &self.texts {
            while let Some((chunk, rest)) = rows.split_at_checked(*size) {
                let part = script.next_part(text);
                part.statements.push((self.table, Some(chunk.len() as u64)));
                part.values.reserve(chunk.len() * self.columns, 0);
                for row in chunk {
                    let (values, failed, before) = (&mut part.values, &mut part.failed, &mut before);
                    bind(Row { values, failed, column: 0, before }, row);
                }
                rows = rest;
            }
        }
    }

    /// Writes all rows; `bind` binds the values of one row.
    ///
    /// # Errors
    /// As [`Script::run`].
    pub(in crate::store) async fn run<R>(
        &'static self,
        connection: &mut SqliteConnection,
        rows: &[R],
        bind: impl for<'q> Fn(Row<'q>, &R) -> Row<'q>,
    ) -> Result<(), StoreError> {
        let mut script = Script::for_rows(rows.len());
        self.add(&mut script, rows, bind);
        script.run(connection).await
    }
}

/// Statements of SQLite that are run one after the other. Those for a few rows are joined: the hand-over of a statement
/// to the thread of the connection takes longer than to write a row. There are only so many ways to join statements for
/// a few rows that they stay prepared.
#[derive(Debug, Default)]
pub(in crate::store) struct Script {
    are_joined: bool,
    parts: Vec<Part>,
}

/// Statements that are handed over at once.
#[derive(Debug, Default)]
struct Part {
    text: Cow<'static, str>,
    values: SqliteArguments,
    /// The table of each statement, and the number of rows that it has to write; `None` if fewer may be right.
    statements: Vec<(&'static str, Option<u64>)>,
    failed: Option<BoxDynError>,
}

impl Script {
    /// A script that writes at most so many rows to each table.
    pub(in crate::store) fn for_rows(most: usize) -> Self {
        Self { are_joined: most <= JOINED_MAX, parts: Vec::new() }
    }

    pub(in crate::store) const fn is_joined(&self) -> bool {
        self.are_joined
    }

    pub(in crate::store) const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Adds a statement with one parameter, a JSON text. It may write fewer rows than the text has.
    pub(in crate::store) fn add(&mut self, table: &'static str, text: &'static str, rows: String) {
        let part = self.next_part(text);
        part.statements.push((table, None));
        if let Err(error) = part.values.add(rows) {
            part.failed.get_or_insert(error);
        }
    }

    /// The part that the statement belongs to: the one before, if they are joined.
    fn next_part(&mut self, text: &'static str) -> &mut Part {
        let mut part = self.parts.pop_if(|_| self.are_joined).unwrap_or_default();
        if part.text.is_empty() {
            part.text = text.into();
        } else {
            let joined = part.text.to_mut();
            joined.push_str("; ");
            joined.push_str(text);
        }
        self.parts.push_mut(part)
    }

    /// Runs the statements as a transaction of their own: as one text, if they are joined.
    ///
    /// # Errors
    /// As [`Script::run`]. The transaction may be open then.
    pub(in crate::store) async fn run_alone(mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        if let [part] = &mut self.parts[..] {
            part.text = format!("{BEGIN}; {}; {COMMIT}", part.text).into();
            part.statements.insert(0, ("", None));
            // A statement that finds a changed row fails by itself. One that finds no row is committed with the others.
            return self.run_or(connection, |table| StoreError::corrupt(table, "a row that was read is gone")).await;
        }
        connection.execute(BEGIN).await?;
        self.run(&mut *connection).await?;
        connection.execute(COMMIT).await?;
        Ok(())
    }

    /// Runs the statements in their order.
    ///
    /// # Errors
    /// The database fails, or fewer rows are written than were given, because another transaction has changed one.
    pub(in crate::store) async fn run(self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        self.run_or(connection, |table| StoreError::Conflict { table }).await
    }

    /// `short` is the error if a statement writes fewer rows to this table than given.
    async fn run_or(
        self,
        connection: &mut SqliteConnection,
        short: impl Fn(&'static str) -> StoreError,
    ) -> Result<(), StoreError> {
        for Part { text, values, statements, failed } in self.parts {
            if let Some(error) = failed {
                return Err(StoreError::Refused(sqlx::Error::Encode(error)));
            }
            let query = match text {
                Cow::Borrowed(text) => sqlx::query_with(text, values),
                // It consists of constant texts.
                Cow::Owned(text) => sqlx::query_with(AssertSqlSafe(text), values),
            };
            let mut results = connection.fetch_many(query);
            let mut statements = statements.into_iter();
            while let Some(result) = results.try_next().await? {
                if let Either::Left(done) = result
                    && let Some((table, Some(rows))) = statements.next()
                    && done.rows_affected() != rows
                {
                    return Err(short(table));
                }
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
