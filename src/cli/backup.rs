//! `mbush backup` and `mbush restore`: copies of a live SQLite database.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::consent::Consent;
use super::style::{line, object};
use super::{resources, storage};
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The file to write; it must not exist
    to: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The backup file
    from: PathBuf,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn back_up(args: &BackupArgs, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    if storage::is_missing(&config) {
        anyhow::bail!("store.url = \"{}\": there is no database to copy", config.store.url);
    }
    // A database with older tables is copied as it is: a backup is due before its upgrade.
    let store = Store::open_to_copy(&config.store.url).await?;
    store.backup(&args.to).await?;
    store.close().await;
    line(&format!("wrote {}", args.to.display()))?;
    object(&json!({ "wrote": args.to.display().to_string() }))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(args: &RestoreArgs, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    let intent = async || {
        Store::may_restore(&args.from, &config.store.url).await?;
        Ok(vec![format!("restore   {} as {}", args.from.display(), config.store.url)])
    };
    if let Some(end) = args.consent.given(intent).await? {
        return Ok(end);
    }
    Store::restore(&args.from, &config.store.url).await?;
    object(&json!({ "restored": args.from.display().to_string() }))?;
    line(&format!("restored from {}; run `mbush audit` to verify it", args.from.display()))?;
    Ok(ExitCode::SUCCESS)
}
