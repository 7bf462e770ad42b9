//! The database of a command, and what is read from it first: the clock, and the keys of scratch cards.

use std::path::Path;

use anyhow::anyhow;
use chrono::Utc;
use tracing::warn;

use crate::config::Config;
use crate::domain::voucher::Keys;
use crate::domain::{Clock, Floor};
use crate::store::Store;
use crate::vouchers::missing_key;

/// The keys of scratch cards: all keys that a valid card may need.
pub(super) async fn voucher_keys(config: &Config, store: &Store) -> anyhow::Result<Keys> {
    let keys = config.vouchers.keys().map_err(|problem| anyhow!(problem))?;
    match missing_key(&store.voucher_batches().await?, &keys, Utc::now()) {
        Some(missing) => Err(missing.into()),
        None => Ok(keys),
    }
}

/// The clock, which is never before the end of the last sealed day, so that no transfer is added to a sealed day.
pub(super) async fn clock(store: &Store) -> (Clock, Floor) {
    let floor = Floor::default();
    match store.last_head().await {
        Ok(Some(head)) => floor.raise(head.end()),
        Ok(None) => {}
        Err(problem) => warn!(%problem, "the last sealed day is not known"),
    }
    (Clock::new(Utc::now).not_before(&floor), floor)
}

/// Opens the database for a command that only reads.
pub(super) async fn open_existing(config: &Config) -> anyhow::Result<Store> {
    if is_missing(config) {
        anyhow::bail!("store.url = \"{}\": there is no database; `mbush serve` creates it", config.store.url);
    }
    no_folder(config)?;
    Ok(Store::open_existing(&config.store.url).await?)
}

/// Refuses a folder at the path of the database file.
pub(super) fn no_folder(config: &Config) -> anyhow::Result<()> {
    match file(config).filter(|file| file.is_dir()) {
        None => Ok(()),
        Some(folder) => Err(anyhow!(
            "store.url = \"{}\": it is a folder: name a file, as in sqlite://{}",
            config.store.url,
            folder.join("mbush.db").display()
        )),
    }
}

/// Returns whether a start would create the database.
pub(super) fn is_missing(config: &Config) -> bool {
    file(config).is_some_and(|file| !file.exists())
}

/// Path of a SQLite database.
pub(super) fn file(config: &Config) -> Option<&Path> {
    let path = config.store.url.strip_prefix("sqlite://")?;
    Some(Path::new(path.split('?').next().unwrap_or(path)))
}
