//! The migrations of each database. The files are compiled into the program: `VERSION_NAME.sql`.

use std::sync::LazyLock;

use rust_embed::RustEmbed;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

#[derive(RustEmbed)]
#[folder = "migrations/sqlite/"]
struct SqliteFiles;

#[derive(RustEmbed)]
#[folder = "migrations/postgres/"]
struct PostgresFiles;

pub(super) static SQLITE: LazyLock<Migrator> = LazyLock::new(migrator::<SqliteFiles>);
pub(super) static POSTGRES: LazyLock<Migrator> = LazyLock::new(migrator::<PostgresFiles>);

fn migrator<Files: RustEmbed>() -> Migrator {
    let mut migrator = Migrator::with_migrations(Files::iter().filter_map(|name| migration::<Files>(&name)).collect());
    // Those of a newer version are judged by `schema`.
    migrator.set_ignore_missing(true);
    migrator
}

/// A test checks the form of the file names.
fn migration<Files: RustEmbed>(name: &str) -> Option<Migration> {
    let (version, what) = name.strip_suffix(".sql")?.split_once('_')?;
    let text = String::from_utf8(Files::get(name)?.data.into_owned()).ok()?;
    let description = what.replace('_', " ").into();
    let sql = AssertSqlSafe(text).into_sql_str();
    Some(Migration::new(version.parse().ok()?, description, MigrationType::Simple, sql, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_migration_and_both_databases_have_the_same() {
        let versions = |migrator: &Migrator| migrator.iter().map(|migration| migration.version).collect::<Vec<_>>();
        assert_eq!(versions(&SQLITE), versions(&POSTGRES));
        assert_eq!(versions(&SQLITE).len(), SqliteFiles::iter().count());
        assert_eq!(SQLITE.iter().next().map(|first| &*first.description), Some("ledger"));
    }
}
