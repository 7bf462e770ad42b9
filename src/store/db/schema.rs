//! Permission to create and upgrade tables: the server may, tools that run beside it may not.

use super::{cannot_open, shown};
use crate::store::StoreError;

/// Required state of the tables of a database that is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Tables {
    /// Missing tables are created, and old ones are upgraded.
    BroughtUp,
    /// The tables must exist and have this program's version.
    Current,
    /// The tables must exist and have this program's version or an older one.
    Older,
}

impl Tables {
    /// Checks that tables of the version `found` may be used; `None`: there are no tables.
    pub(super) fn allow(
        self,
        url: &str,
        found: Option<i64>,
        known: &sqlx::migrate::Migrator,
    ) -> Result<(), StoreError> {
        let newest = known.iter().map(|migration| migration.version).max().unwrap_or(0);
        let behind = |problem| Err(StoreError::Behind { url: shown(url), problem });
        match found {
            None => {
                behind("this is not a database of mbush; `mbush serve` makes one where there is nothing".to_owned())
            }
            Some(found) if found > newest => Err(cannot_open(
                url,
                format!("its tables (version {found}) are newer than this program, which knows {newest}"),
            )),
            Some(found) if found < newest && self == Self::Current => behind(format!(
                "its tables are of version {found}, and this program's of {newest}: stop the server, `mbush backup FILE`, \
                 and `mbush serve` brings them up to date"
            )),
            Some(_) => Ok(()),
        }
    }
}

/// Reads the version of the tables.
pub(super) const VERSION: &str = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success";
