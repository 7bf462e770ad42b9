//! Checks of the database: its fit to the configuration, and whether a start could create it.

use std::fs::OpenOptions;
use std::path::Path;

use chrono::{DateTime, Utc};

use super::Findings;
use crate::config::Config;
use crate::domain::UnknownSubscriber;
use crate::domain::voucher::Keys;
use crate::store::{Store, StoreError};
use crate::vouchers::missing_key;

/// Compares the configuration with the stored data: the keys of valid cards, the key of dealers' PINs, and the dealers that clients sell for.
///
/// # Errors
/// The database cannot be read.
pub(in crate::cli) async fn compare(
    config: &Config,
    keys: Option<&Keys>,
    store: &Store,
) -> Result<Findings, StoreError> {
    let mut findings = Findings::default();
    if let Some(keys) = keys {
        let missing = missing_key(&store.voucher_batches().await?, keys, Utc::now());
        findings.errors.extend(missing.map(|missing| missing.to_string()));
    }
    if config.pins.key_file.is_none() && !store.dealers("", 1).await?.is_empty() {
        findings.warnings.push(
            "pins.key_file is not set: no PIN can be used, so that every SMS and USSD request of a dealer is refused \
             (pins_off); make a key with `mbush pin key --new FILE`"
                .to_owned(),
        );
    }
    for (name, client) in &config.clients {
        let Some(dealer) = &client.dealer else { continue };
        if store.dealer(dealer).await?.is_none() {
            findings.warnings.push(format!(
                "clients.{name}.dealer = \"{dealer}\": there is no such dealer, so that all of its top-ups are refused; \
                 `mbush dealer list` names those that are there"
            ));
        }
    }
    Ok(findings)
}

/// Warns if only numbers with an account are topped up and there is no account.
///
/// # Errors
/// The database cannot be read.
pub(in crate::cli) async fn nobody(config: &Config, store: &Store) -> Result<Option<String>, StoreError> {
    let Some(warning) = nobody_yet(config) else { return Ok(None) };
    let is_empty = store.sweep_page(None, DateTime::UNIX_EPOCH, 1).await?.is_empty();
    Ok(is_empty.then_some(warning))
}

/// The same for a database that a start would create.
pub(in crate::cli) fn nobody_yet(config: &Config) -> Option<String> {
    (config.rules.unknown_subscriber == UnknownSubscriber::Refuse).then(|| {
        "subscribers.unknown = \"refuse\": no number has an account, so that every top-up is refused (subscriber_unknown); \
         open accounts with `mbush account open NUMBER --by NAME`, or write unknown = \"create\", which opens one with a number's first top-up"
            .to_owned()
    })
}

/// Returns whether a start could create this file.
pub(in crate::cli) fn could_be_made(config: &Config, file: &Path) -> Result<(), String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "store.url = \"{}\": the file cannot be created in the folder {}: {error}; create the folder",
            config.store.url,
            folder.display()
        )),
    }
}

/// Returns whether a start could write this file.
pub(in crate::cli) fn could_be_written(config: &Config, file: &Path) -> Result<(), String> {
    let opened = OpenOptions::new().write(true).open(file);
    opened
        .map(drop)
        .map_err(|error| format!("store.url = \"{}\": the file cannot be written: {error}", config.store.url))
}
