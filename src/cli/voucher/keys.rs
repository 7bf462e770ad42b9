//! `mbush voucher keys`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use chrono::Utc;
use serde_json::json;

use super::super::new_key::{self, text};
use super::super::style::{counted, line, object};
use crate::config::Config;
use crate::config::voucher::KeyFile;
use crate::domain::voucher::{CardBatch, State};
use crate::store::Store;
use crate::vouchers::missing_key;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Make a new key in this file, which must not exist
    #[arg(long, value_name = "FILE")]
    pub(super) new: Option<PathBuf>,
}

pub(super) fn make(file: &Path, config: &Config) -> anyhow::Result<ExitCode> {
    let keys = named(&file.display().to_string(), &config.vouchers.keys).join(", ");
    new_key::make(file, "vouchers", &format!("keys = [{keys}]"))?;
    Ok(ExitCode::SUCCESS)
}

/// All keys as configuration lines, the new one last, with an unused identifier.
fn named(file: &str, known: &[KeyFile]) -> Vec<String> {
    let month = Utc::now().format("%Y-%m").to_string();
    let is_free = |id: &String| known.iter().all(|key| key.id != *id);
    let mut ids = std::iter::once(month.clone()).chain((2..).map(|number| format!("{month}-{number}")));
    let id = ids.find(is_free).unwrap_or(month);
    let shown = |id: &str, file: &str| format!("{{ id = {}, file = {} }}", text(id), text(file));
    let older = known.iter().map(|key| shown(&key.id, &key.file.display().to_string()));
    older.chain(std::iter::once(shown(&id, file))).collect()
}

pub(super) async fn list(store: &Store, config: &Config) -> anyhow::Result<ExitCode> {
    let keys = config.vouchers.keys().map_err(|problem| anyhow!(problem))?;
    let (batches, now) = (store.voucher_batches().await?, Utc::now());
    let newest = keys.newest().map(crate::domain::voucher::Key::id);
    for key in keys.iter() {
        let of_key: Vec<&CardBatch> = batches.iter().filter(|batch| batch.key == key.id()).collect();
        let over = |batch: &&&CardBatch| {
            let state = State::of_card(None, batch.state, batch.expires_at, now);
            matches!(state, State::Generating | State::Void | State::Expired)
        };
        let needed = of_key.len() - of_key.iter().filter(over).count();
        let note = match (newest == Some(key.id()), needed) {
            (true, _) => "for new batches",
            (false, 0) => "no card needs it any more: it may be removed",
            (false, _) => "in use: keep it",
        };
        object(&json!({
            "key": key.id(), "batches": of_key.len(), "needed": needed, "newest": newest == Some(key.id()),
        }))?;
        line(&format!(
            "{:<12} {}, {needed} with redeemable cards; {note}",
            key.id(),
            counted(of_key.len() as u64, "batch")
        ))?;
    }
    if let Some(missing) = missing_key(&batches, &keys, now) {
        return Err(missing.into());
    }
    if newest.is_none() {
        line("there is no key; `mbush voucher keys --new FILE` makes one")?;
    }
    Ok(ExitCode::SUCCESS)
}
