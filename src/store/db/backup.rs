//! Backup of a live SQLite database, and restore.
//!
//! A copy is written under another name, synced to disk, and renamed, so that a copy under its own name is complete.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::migrations::SQLITE as MIGRATIONS;
use super::schema::{APPLIED, Applied, newer};
use super::sqlite::Store;
use crate::store::{BackupError, StoreError};

impl Store {
    /// Copies the database as of one instant. Writes continue meanwhile.
    pub(super) async fn backup(&self, to: &Path) -> Result<(), BackupError> {
        refuse_existing(to)?;
        let folder = folder_of(to);
        if !folder.is_dir() {
            return Err(BackupError::NoFolder(folder.to_owned()));
        }
        let unfinished = beside(to, "unfinished");
        remove(&unfinished)?;
        let path = unfinished.to_str().ok_or_else(|| BackupError::NotText(to.to_owned()))?;
        // The connections of readers cannot write the copy, so that it gets one of its own.
        let mut connection = self.options.connect().await.map_err(StoreError::from)?;
        let copied = sqlx::query("VACUUM INTO $1").bind(path).execute(&mut connection).await;
        let closed = connection.close().await;
        if let Err(error) = copied.and(closed.map(|()| sqlx::sqlite::SqliteQueryResult::default())) {
            remove(&unfinished)?;
            return Err(StoreError::from(error).into());
        }
        finish(&unfinished, to)
    }
}

/// Restores a backup. There must be no database at that place.
pub(super) async fn restore(from: &Path, url: &str) -> Result<(), BackupError> {
    // Locked until the backup is in place. A server whose database was moved away would continue to write to it.
    let (to, _in_use) = free_place(url)?;
    let unfinished = beside(&to, "unfinished");
    remove(&unfinished)?;
    fs::copy(from, &unfinished).map_err(|problem| BackupError::File { path: from.to_owned(), problem })?;
    if let Err(error) = sound(&unfinished, from).await {
        remove(&unfinished)?;
        return Err(error);
    }
    finish(&unfinished, &to)
}

/// Checks that a restore would succeed.
pub(super) async fn may_restore(from: &Path, url: &str) -> Result<(), BackupError> {
    free_place(url)?;
    File::open(from).map_err(|problem| BackupError::File { path: from.to_owned(), problem })?;
    sound(from, from).await
}

/// The path for a database that does not exist yet, and the lock on it.
fn free_place(url: &str) -> Result<(PathBuf, File), BackupError> {
    let options = url.parse::<SqliteConnectOptions>().map_err(StoreError::from)?;
    let to = options.get_filename().to_owned();
    let in_use = in_use(&to).map_err(|problem| BackupError::File { path: to.clone(), problem })?;
    in_use.try_lock().map_err(|_| BackupError::InUse(to.clone()))?;
    for path in [to.clone(), beside(&to, "-wal"), beside(&to, "-shm")] {
        if path.exists() {
            return Err(BackupError::InPlace(path));
        }
    }
    Ok((to, in_use))
}

/// Checks the integrity of all pages, and that the version of the tables is known to this program.
async fn sound(copy: &Path, from: &Path) -> Result<(), BackupError> {
    let damaged = |problem: String| BackupError::Damaged { path: from.to_owned(), problem };
    let options = SqliteConnectOptions::new().filename(copy).read_only(true).immutable(true);
    let mut connection = options.connect().await.map_err(|error| damaged(error.to_string()))?;
    let found: Result<String, _> = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await;
    let verdict = found.map_err(|error| damaged(error.to_string()))?;
    if verdict != "ok" {
        return Err(damaged(verdict));
    }
    let applied: Result<Applied, _> = sqlx::query_as(APPLIED).fetch_all(&mut connection).await;
    let applied = applied.map_err(|error| damaged(format!("not a database of mbush: {error}")))?;
    connection.close().await.map_err(StoreError::from)?;
    match newer(&applied, &MIGRATIONS) {
        Some(problem) => Err(damaged(problem)),
        None => Ok(()),
    }
}

/// Syncs the file to disk under its final name.
fn finish(unfinished: &Path, to: &Path) -> Result<(), BackupError> {
    let finished = || {
        let file = File::open(unfinished)?;
        // It has numbers and texts of customers.
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.sync_all()?;
        fs::rename(unfinished, to)?;
        File::open(folder_of(to))?.sync_all()
    };
    finished().map_err(|problem| BackupError::File { path: to.to_owned(), problem })
}

/// The lock file beside the database, which is locked while the database is in use.
pub(super) fn in_use(database: &Path) -> io::Result<File> {
    let path = beside(database, "-lock");
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    if path.exists() { Err(BackupError::Exists(path.to_owned())) } else { Ok(()) }
}

/// The path with a suffix.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    if !suffix.starts_with('-') {
        name.push(".");
    }
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(problem) if problem.kind() != io::ErrorKind::NotFound => {
            Err(BackupError::File { path: path.to_owned(), problem })
        }
        _ => Ok(()),
    }
}
