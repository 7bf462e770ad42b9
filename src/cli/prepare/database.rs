//! What the database says of the configuration, and whether a start could make one.

use std::fs::OpenOptions;
use std::path::Path;

use chrono::Utc;

use super::Findings;
use crate::config::Config;
use crate::domain::voucher::Keys;
use crate::store::{Store, StoreError};
use crate::vouchers::missing_key;

/// What is configured and what is stored have to go together: the keys of cards in somebody's hands, and the dealers that
/// clients sell for.
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

/// Whether a start could make this file.
pub(in crate::cli) fn could_be_made(config: &Config, file: &Path) -> Result<(), String> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "store.url = \"{}\": a start could not make this file in the folder {}: {error}; make the folder, or give another",
            config.store.url,
            folder.display()
        )),
    }
}

/// Whether a start could write this file.
pub(in crate::cli) fn could_be_written(config: &Config, file: &Path) -> Result<(), String> {
    let opened = OpenOptions::new().write(true).open(file);
    opened
        .map(drop)
        .map_err(|error| format!("store.url = \"{}\": a start could not write it: {error}", config.store.url))
}
