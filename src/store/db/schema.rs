//! Who may make tables, and bring them up to date: a server's start, and nobody who works beside it.

use super::{cannot_open, shown};
use crate::store::StoreError;

/// What becomes of the tables of a database that is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Tables {
    /// They are made where there are none, and brought up to date.
    BroughtUp,
    /// They have to be there, and of this program's version.
    Current,
    /// They have to be there, of this program's version or an older one.
    Older,
}

impl Tables {
    /// Whether one may work with tables of the version `found`; `None`: there are none.
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

/// The version of a database's tables.
pub(super) const VERSION: &str = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations WHERE success";
