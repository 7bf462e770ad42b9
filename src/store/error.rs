//! What can go wrong with a database, named by what the caller does about it.

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another holds a lock, or the connection was lost: the same again may succeed.
    #[error("the database is busy or out of reach: {0}")]
    Transient(sqlx::Error),
    /// The disk is full: nothing was written, and nothing will be until there is room.
    #[error("the disk of the database is full: make room; nothing that was acknowledged is lost")]
    DiskFull,
    /// A statement failed for what was in it.
    #[error("the database refused: {0}")]
    Refused(sqlx::Error),
    /// A row holds what this program never writes.
    #[error("{table}: a row cannot be read: {problem}; `mbush check` and a backup come first, then support")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The database could not be opened or brought up to date.
    #[error("{url}: {problem}")]
    Open {
        /// The address from the configuration.
        url: String,
        /// What is wrong.
        problem: String,
    },
}

impl StoreError {
    /// Whether the same again may succeed without anything being changed.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Transient(_) | Self::DiskFull => true,
            Self::Refused(_) | Self::Corrupt { .. } | Self::Open { .. } => false,
        }
    }
}

/// SQLite's primary result codes: 5 busy, 6 locked, 10 input/output error, 13 full.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|database| database.code().map(std::borrow::Cow::into_owned));
        let primary = code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff);
        match (primary, &error) {
            (Some(13), _) => Self::DiskFull,
            (Some(5 | 6 | 10), _)
            | (None, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed) => {
                Self::Transient(error)
            }
            _ => Self::Refused(error),
        }
    }
}
