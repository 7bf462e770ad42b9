//! `mbush audit`: proves the ledger on a live database.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::style::line;
use super::{app, resources};
use crate::store::{Progress, Stage};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) async fn run(_args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    let store = app::open_existing(&config).await?;
    let bar = ProgressBar::no_length();
    bar.set_style(ProgressStyle::with_template("{msg:<10} [{wide_bar}] {human_pos} of {human_len}, {eta} left")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let audit = store.audit(&mut |progress| show(&bar, progress)).await;
    bar.finish_and_clear();
    let audit = audit?;
    store.close().await;
    let (transfers, accounts, messages) = (audit.transfers, audit.accounts, audit.messages);
    line(&format!("{transfers} transfers, {accounts} accounts and {messages} applied messages looked at"))?;
    if let Some(offence) = audit.offence {
        line(&format!("NOT SOUND: {offence}"))?;
        return Ok(ExitCode::FAILURE);
    }
    line("sound: money is conserved, each balance is the sum of its transfers, no chain is broken,")?;
    line("each applied message has one transfer and each transfer one message")?;
    Ok(ExitCode::SUCCESS)
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_message(match progress.stage {
        Stage::Transfers => "transfers",
        Stage::Accounts => "accounts",
        Stage::Messages => "messages",
    });
    bar.set_length(progress.total);
    bar.set_position(progress.done);
}
