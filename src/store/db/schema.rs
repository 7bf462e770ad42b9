//! Permission to create and upgrade tables: the server may, tools that run beside it may not.

use sqlx::error::DatabaseError;
use sqlx::migrate::{Migration, Migrator};

use super::{cannot_open, migrations, shown};
use crate::store::StoreError;

/// Required state of the tables of a database that is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Tables {
    /// Missing tables are created, and old ones are upgraded.
    BroughtUp,
    /// The tables must exist and have this program's version.
    Usable,
    /// They have to be there, of this program's version or an older one.
    Older,
}

/// The migrations that a database has, the oldest first: version and description.
pub(super) type Applied = Vec<(i64, String)>;

pub(super) const APPLIED: &str = "SELECT version, description FROM _sqlx_migrations WHERE success ORDER BY version";

impl Tables {
    /// Checks that tables of the version `found` may be used; `None`: there are no tables.
    pub(super) fn allow(self, url: &str, found: Option<&Applied>, known: &Migrator) -> Result<(), StoreError> {
        let behind = |problem| Err(StoreError::Behind { url: shown(url), problem });
        let Some(found) = found else {
            return match self {
                Self::BroughtUp => Ok(()),
                Self::Usable | Self::Older => {
                    behind("this is not a database of mbush; `mbush serve` makes one where there is nothing".to_owned())
                }
            };
        };
        if let Some(problem) = newer(found, known) {
            return Err(cannot_open(url, problem));
        }
        match known.iter().find(|migration| is_missing(migration, found) && !is_additive(&migration.description)) {
            Some(missing) if self == Self::Usable => {
                let version = found.last().map_or(0, |(version, _)| *version);
                behind(format!(
                    "its tables are of version {version}, and this program needs {}: stop the server, \
                     `mbush backup FILE`, and `mbush serve` brings them up to date",
                    named(missing)
                ))
            }
            _ => Ok(()),
        }
    }
}

/// Reads the version of the tables.
pub(super) fn newer(found: &Applied, known: &Migrator) -> Option<String> {
    let is_known = |version: i64| known.iter().any(|migration| migration.version == version);
    let (version, description) =
        found.iter().find(|(version, description)| !is_known(*version) && !is_additive(description))?;
    Some(format!(
        "its tables are newer than this program: a newer version ran migration {version} ({description}), which is not \
         additive; upgrade this program"
    ))
}

fn is_additive(description: &str) -> bool {
    description.starts_with("additive ")
}

fn is_missing(migration: &Migration, found: &Applied) -> bool {
    found.iter().all(|(version, _)| *version != migration.version)
}

fn named(migration: &Migration) -> String {
    format!("migration {} ({})", migration.version, migration.description)
}

/// The table or column that a statement failed for because it is not there, and the migration that makes it. Only an
/// additive one can be missing in a database that is open.
pub(in crate::store) fn absent(error: &dyn DatabaseError) -> Option<(String, String)> {
    let (name, known) = match (error.code()?.as_ref(), error.message()) {
        ("42P01" | "42703", message) => {
            (message.split('"').nth(1).or_else(|| message.split(' ').nth(1))?, &migrations::POSTGRES)
        }
        ("1", message) => {
            let named = ["no such table: ", "no such column: "].iter().find_map(|how| message.strip_prefix(how));
            (named.or_else(|| message.rsplit_once(" has no column named ").map(|(_, name)| name))?, &migrations::SQLITE)
        }
        _ => return None,
    };
    let name = name.rsplit('.').next()?;
    let makes = |migration: &&Migration| {
        is_additive(&migration.description) && words(migration.sql.as_str()).any(|word| word == name)
    };
    let migration = known.iter().rfind(makes)?;
    Some((name.to_owned(), named(migration)))
}

fn words(sql: &str) -> impl Iterator<Item = &str> {
    sql.lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of an additive file without its comment.
    fn statements(migration: &Migration) -> Vec<String> {
        let lines: Vec<&str> =
            migration.sql.as_str().lines().map(|line| line.split("--").next().unwrap_or_default().trim()).collect();
        let text = lines.join(" ");
        text.split(';').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
    }

    /// Programs that do not know the migration go on writing to the tables of before, each with its own columns.
    fn is_harmless(statement: &str, of_file: &[String]) -> bool {
        let words: Vec<&str> = statement.split_whitespace().collect();
        let has = |word: &str| words.contains(&word);
        match words[..] {
            ["CREATE", "TABLE" | "INDEX", ..] => true,
            ["CREATE", "UNIQUE", "INDEX", _, "ON", table, ..] => {
                of_file.iter().any(|other| other.starts_with(&format!("CREATE TABLE {table} ")))
            }
            ["ALTER", "TABLE", _, "ADD", "COLUMN", ..] => {
                let is_always_there = has("NOT") && !has("DEFAULT");
                !is_always_there && !has("UNIQUE") && !has("CHECK") && !has("REFERENCES")
            }
            _ => false,
        }
    }

    #[test]
    fn an_additive_migration_changes_nothing_that_an_older_program_writes() {
        for migration in migrations::SQLITE.iter().chain(migrations::POSTGRES.iter()) {
            if !is_additive(&migration.description) {
                continue;
            }
            let all = statements(migration);
            for statement in &all {
                assert!(is_harmless(statement, &all), "{}: {statement}", named(migration));
            }
        }
    }

    #[test]
    fn what_is_not_harmless_is_found() {
        let own = ["CREATE TABLE tills (name text)".to_owned()];
        for (statement, expected) in [
            ("CREATE UNIQUE INDEX one ON tills (name)", true),
            ("CREATE UNIQUE INDEX one ON outbox (name)", false),
            ("ALTER TABLE outbox ADD COLUMN later TEXT", true),
            ("ALTER TABLE outbox ADD COLUMN later TEXT NOT NULL", false),
            ("ALTER TABLE outbox ADD COLUMN later INTEGER NOT NULL DEFAULT 0", true),
            ("ALTER TABLE outbox ADD COLUMN later INTEGER CHECK (later > 0)", false),
            ("ALTER TABLE outbox ADD CHECK (attempts > 0)", false),
            ("UPDATE outbox SET attempts = 0", false),
            ("DROP TABLE outbox", false),
        ] {
            assert_eq!(is_harmless(statement, &own), expected, "{statement}");
        }
    }
}
