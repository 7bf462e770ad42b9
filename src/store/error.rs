//! Errors of a database, named by what the caller does about them.

use std::path::PathBuf;

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::PgDatabaseError;

use super::db::absent;
use super::value::{Problem, Unreadable};

/// The reason that the database did not carry out a statement.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another holds a lock, or the connection was lost: the same again may succeed.
    #[error("the database is busy or out of reach: {0}")]
    Transient(sqlx::Error),
    /// It did not answer in time; what it was asked last may be done all the same.
    #[error("the database did not answer in time")]
    Late,
    /// Another transaction, of whatever client, holds a row for longer than is waited for it: nothing of this batch was kept,
    /// and what is not about that row can be done meanwhile.
    #[error("another client of the database holds a row for too long: {0}")]
    Locked(sqlx::Error),
    /// Another node wrote one of these rows first, and nothing of this batch was kept: run again, it finds what the other
    /// did.
    #[error("{table}: another node was first; the batch has to be run again")]
    Conflict {
        /// The table.
        table: &'static str,
    },
    /// The disk is full: nothing was written, and nothing will be until there is room.
    #[error("the disk of the database is full: make room; nothing that was acknowledged is lost")]
    DiskFull,
    /// A statement failed for what was in it.
    #[error("the database refused: {0}")]
    Refused(sqlx::Error),
    /// The balances to be written do not follow from the transfers to be written. Nothing was kept.
    #[error("{account}: {problem}; nothing of the batch was kept")]
    Unbalanced {
        /// The account, masked.
        account: String,
        problem: String,
    },
    /// A row holds what no version writes, and something is decided by it. One message is refused for it, not its batch.
    #[error(
        "{table}: a row cannot be read: {problem}; it is damaged: `mbush audit` says which; keep a backup before anything \
         is mended"
    )]
    Corrupt {
        /// The table.
        table: &'static str,
        problem: String,
    },
    /// Something is decided by a word of a row that only a newer version knows. Likewise, one message is refused.
    #[error(
        "{table}: a newer version of mbush wrote a row that this one does not understand: {problem}; upgrade this program, \
         or give the order with the newer one"
    )]
    Newer {
        /// The table.
        table: &'static str,
        problem: String,
    },
    /// The database has no tables of this program yet, or older ones: a server's start makes them, and nobody else.
    #[error("{url}: {problem}")]
    Behind {
        /// The address from the configuration, without its password.
        url: String,
        /// The step to take.
        problem: String,
    },
    /// A statement needs a table or column that only a migration of this program makes, and the database has yet to get.
    #[error("the database has no `{what}` yet: {migration} makes it; start the server of this version, which runs it")]
    NotYet {
        /// The table or column.
        what: String,
        /// The migration's version and description.
        migration: String,
    },
    /// The database could not be opened or brought up to date.
    #[error("{url}: {problem}")]
    Open {
        /// The address from the configuration, without its password.
        url: String,
        problem: String,
    },
}

impl StoreError {
    /// Returns true if the same call may succeed later without any change.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Transient(_) | Self::Late | Self::Locked(_) | Self::Conflict { .. } | Self::DiskFull => true,
            Self::Refused(_)
            | Self::Unbalanced { .. }
            | Self::Corrupt { .. }
            | Self::Newer { .. }
            | Self::Behind { .. }
            | Self::NotYet { .. }
            | Self::Open { .. } => false,
        }
    }

    /// Returns true if another transaction holds a lock on the same rows.
    pub const fn is_locked(&self) -> bool {
        matches!(self, Self::Locked(_))
    }

    /// Returns true if every other batch would fail now as well, so that nothing in this one is the cause.
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Transient(_) | Self::Late | Self::DiskFull)
    }

    /// Returns true if a commit with this error is known to have done nothing: the database itself reports the error.
    pub fn is_undone(&self) -> bool {
        match self {
            Self::Conflict { .. } | Self::DiskFull | Self::Locked(_) => true,
            Self::Refused(error) => matches!(error, sqlx::Error::Database(_)),
            Self::Transient(error) => error.as_database_error().is_some_and(is_rolled_back),
            _ => false,
        }
    }

    pub(super) fn corrupt(table: &'static str, problem: impl Into<String>) -> Self {
        Self::Corrupt { table, problem: problem.into() }
    }
}

/// The reason that a backup was not made, or that none was put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database of a server.
    #[error("backups are of SQLite; use pg_dump or pg_basebackup, which copy a live PostgreSQL")]
    Postgres,
    /// Nothing is ever overwritten.
    #[error("{0}: exists already, and is not overwritten; move it away first")]
    Exists(PathBuf),
    /// The database is there whose place a backup is to take.
    #[error(
        "{0}: exists already, and is not overwritten; stop the server, and move the database away together with its \
         -wal and -shm, which have its newest rows"
    )]
    InPlace(PathBuf),
    /// Somebody has the database open whose place a backup is to take, or had it open when it was moved away.
    #[error(
        "{0}: another process uses this database, or the one that was moved away from this path: stop that process first"
    )]
    InUse(PathBuf),
    /// A backup has nowhere to go.
    #[error("{0}: there is no such folder; make it first")]
    NoFolder(PathBuf),
    /// SQLite takes paths as text.
    #[error("{0}: is not a path of UTF-8 text; choose another")]
    NotText(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        problem: std::io::Error,
    },
    /// The file to be put back is not a sound database of this program.
    #[error("{path}: {problem}; nothing was put back")]
    Damaged {
        /// The backup.
        path: PathBuf,
        problem: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The kind of failure that a code stands for.
enum Class {
    Transient,
    Locked,
    DiskFull,
    /// A row of this table has the same key, or has changed since it was read.
    Taken(&'static str),
    Refused,
}

impl From<Unreadable> for StoreError {
    fn from(Unreadable { table, problem }: Unreadable) -> Self {
        match problem {
            Problem::Damaged(problem) => Self::Corrupt { table, problem },
            Problem::Newer(problem) => Self::Newer { table, problem },
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let Some((what, migration)) = error.as_database_error().and_then(absent) {
            return Self::NotYet { what, migration };
        }
        let error = match error {
            sqlx::Error::Decode(source) => match source.downcast::<Unreadable>() {
                Ok(unreadable) => return Self::from(*unreadable),
                Err(source) => sqlx::Error::Decode(source),
            },
            error => error,
        };
        let class = match error.as_database_error() {
            Some(database) => classify(database),
            None => match &error {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => Class::Transient,
                _ => Class::Refused,
            },
        };
        match class {
            Class::Transient => Self::Transient(error),
            Class::Locked => Self::Locked(error),
            Class::DiskFull => Self::DiskFull,
            Class::Taken(table) => Self::Conflict { table },
            Class::Refused => Self::Refused(error),
        }
    }
}

fn classify(error: &dyn DatabaseError) -> Class {
    if error.is_unique_violation()
        && let Some(table) = taken(error)
    {
        return Class::Taken(table);
    }
    if error.kind() == ErrorKind::NotNullViolation
        && let Some(table) = changed(error)
    {
        return Class::Taken(table);
    }
    error.try_downcast_ref::<PgDatabaseError>().map_or_else(|| sqlite(error), |error| postgres(error.code()))
}

/// The keys that two nodes can both be about to write without having seen each other. SQLite names table and column in its
/// message only.
fn taken(error: &dyn DatabaseError) -> Option<&'static str> {
    let is_of = |table: &str, key: &str| error.table() == Some(table) || error.message().ends_with(key);
    [
        ("inbox", "inbox.key"),
        ("accounts", "accounts.name"),
        ("requests", "requests.fingerprint"),
        ("voucher_batches", "voucher_batches.number"),
        ("vouchers", "vouchers.hash"),
    ]
    .into_iter()
    .find_map(|(table, key)| is_of(table, key).then_some(table))
    .or_else(|| is_reversal(error).then_some("transfers"))
}

/// SQLite's statements set a version to NULL if it is not the one that was read.
fn changed(error: &dyn DatabaseError) -> Option<&'static str> {
    let columns = [("accounts", "accounts.version"), ("requests", "requests.times")];
    columns.into_iter().find_map(|(table, column)| error.message().ends_with(column).then_some(table))
}

/// Two nodes took the same transfer back.
fn is_reversal(error: &dyn DatabaseError) -> bool {
    error.constraint() == Some("transfers_reverses") || error.message().ends_with("transfers.reverses")
}

/// SQLite's primary result codes: 5 busy, 6 locked, 10 input/output error, 13 full.
fn sqlite(error: &dyn DatabaseError) -> Class {
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    match code.map(|code| code & 0xff) {
        Some(5 | 6 | 10) => Class::Transient,
        Some(13) => Class::DiskFull,
        _ => Class::Refused,
    }
}

/// PostgreSQL's class 40 is for transactions that it has rolled back; SQLite is busy (5) or locked (6) before it writes.
fn is_rolled_back(error: &dyn DatabaseError) -> bool {
    let (code, is_postgres) = (error.code().unwrap_or_default(), error.try_downcast_ref::<PgDatabaseError>().is_some());
    let is_busy = || code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6));
    if is_postgres { code.starts_with("40") } else { is_busy() }
}

/// SQLSTATE: class 08 lost connection, 40 rolled back for others (serialization failure, deadlock), 53 out of a resource,
/// 57P shutdown and restart, 58 input/output error; 55P03 waited too long for a lock, 25P03 idle for too long, 25006 a
/// server that became read-only.
fn postgres(code: &str) -> Class {
    match code {
        "53100" => Class::DiskFull,
        "55P03" => Class::Locked,
        "25P03" | "25006" => Class::Transient,
        _ if ["08", "40", "53", "57P", "58"].iter().any(|class| code.starts_with(class)) => Class::Transient,
        _ => Class::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_run_may_mend_is_transient() {
        for code in ["08006", "40001", "40P01", "53300", "57P01", "57P03", "58030"] {
            assert!(matches!(postgres(code), Class::Transient), "{code}");
        }
        assert!(matches!(postgres("53100"), Class::DiskFull));
        assert!(matches!(postgres("55P03"), Class::Locked));
        for code in ["22001", "23514", "42P01", "57014"] {
            assert!(matches!(postgres(code), Class::Refused), "{code}");
        }
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).is_transient());
        assert!(!StoreError::from(sqlx::Error::RowNotFound).is_transient());
    }
}
