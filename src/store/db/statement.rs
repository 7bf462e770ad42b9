//! Macros that run one statement on either database.
//!
//! `rows!(self.reader(), Row, TEXT, [bind, …])` reads all rows, `row!` the first one if there is any, and `one!`
//! exactly one. `execute!(self.writer(), TEXT, [bind, …])` returns the number of affected rows. `insert!(connection,
//! TABLE, rows, row => [value, …])` writes a set of rows. A text is a `&'static str` if both databases accept it, and a
//! [`Sql`] otherwise. In a transaction, [`Batch::connection`](super::Batch::connection) replaces reader and writer.

/// One statement, with a text for each database.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Sql {
    pub(in crate::store) sqlite: &'static str,
    pub(in crate::store) postgres: &'static str,
}

impl Sql {
    /// A text that both databases understand.
    pub(in crate::store) const fn same(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::same(text)
    }
}

/// Makes the same call on either database.
macro_rules! on {
    ($which:expr, $it:ident => $call:expr) => {
        match $which {
            crate::store::db::OneOf::Sqlite($it) => $call,
            crate::store::db::OneOf::Postgres($it) => $call,
        }
    };
}

/// Fetches the rows of a statement with this method of the driver.
macro_rules! fetch {
    ($fetch:ident, $on:expr, $row:ty, $sql:expr, [$($bind:expr),* $(,)?]) => {{
        let sql = crate::store::db::Sql::from($sql);
        match $on {
            crate::store::db::OneOf::Sqlite(on) => {
                let query = sqlx::query_as::<_, $row>(sql.sqlite);
                query$(.bind(crate::store::value::Bind::parameter($bind)))*.$fetch(on).await
            }
            crate::store::db::OneOf::Postgres(on) => {
                let query = sqlx::query_as::<_, $row>(sql.postgres);
                query$(.bind(crate::store::value::Bind::parameter($bind)))*.$fetch(on).await
            }
        }
        .map_err(crate::store::StoreError::from)
    }};
}

macro_rules! rows {
    ($on:expr, $row:ty, $sql:expr, $binds:tt) => {
        crate::store::db::fetch!(fetch_all, $on, $row, $sql, $binds)
    };
}

macro_rules! row {
    ($on:expr, $row:ty, $sql:expr, $binds:tt) => {
        crate::store::db::fetch!(fetch_optional, $on, $row, $sql, $binds)
    };
}

macro_rules! one {
    ($on:expr, $row:ty, $sql:expr, $binds:tt) => {
        crate::store::db::fetch!(fetch_one, $on, $row, $sql, $binds)
    };
}

macro_rules! execute {
    ($on:expr, $sql:expr, [$($bind:expr),* $(,)?]) => {{
        let sql = crate::store::db::Sql::from($sql);
        match $on {
            crate::store::db::OneOf::Sqlite(on) => {
                let query = sqlx::query(sql.sqlite)$(.bind(crate::store::value::Bind::parameter($bind)))*;
                query.execute(on).await.map(|done| done.rows_affected())
            }
            crate::store::db::OneOf::Postgres(on) => {
                let query = sqlx::query(sql.postgres)$(.bind(crate::store::value::Bind::parameter($bind)))*;
                query.execute(on).await.map(|done| done.rows_affected())
            }
        }
        .map_err(crate::store::StoreError::from)
    }};
}

/// Writes these rows: VALUES lists in SQLite, one array per column in PostgreSQL.
macro_rules! insert {
    ($on:expr, $insert:expr, $rows:expr, $row:ident => [$($value:expr),+ $(,)?]) => {{
        let (insert, rows) = (&*$insert, $rows);
        match $on {
            crate::store::db::OneOf::Sqlite(on) => {
                insert.sqlite.run(on, rows, |values, $row| {
                    values$(.bind(crate::store::value::Bind::parameter($value)))+
                }).await
            }
            crate::store::db::OneOf::Postgres(_) if rows.is_empty() => Ok(()),
            crate::store::db::OneOf::Postgres(on) => {
                let query = sqlx::query(insert.postgres.as_str())
                    $(.bind(rows.iter().map(|$row| crate::store::value::Bind::parameter($value)).collect::<Vec<_>>()))+;
                let done = query.execute(on).await.map_err(crate::store::StoreError::from);
                done.and_then(|done| insert.all(rows.len(), done.rows_affected()))
            }
        }
    }};
}

pub(in crate::store) use {execute, fetch, insert, on, one, row, rows};
