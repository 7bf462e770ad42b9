//! `mbush backup` and `mbush restore`: a copy of a live SQLite database, and the way back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::style::line;
use super::{app, resources};
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The file to write; there must be none
    to: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The backup
    from: PathBuf,
}

pub(super) async fn back_up(args: &BackupArgs, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    let store = app::open_existing(&config).await?;
    store.backup(&args.to).await?;
    store.close().await;
    line(&format!("wrote {}", args.to.display()))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(args: &RestoreArgs, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    Store::restore(&args.from, &config.store.url).await?;
    line(&format!("restored from {}; `mbush audit` proves it", args.from.display()))?;
    Ok(ExitCode::SUCCESS)
}
