//! `mbush grammar explain`

use std::process::ExitCode;

use serde_json::json;

use super::Room;
use crate::cli::style::{line, lines, object};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bank's identifier; by default all banks
    bank: Option<String>,
}

pub(super) fn run(room: &Room, args: &Args) -> anyhow::Result<ExitCode> {
    let set = room.set()?;
    for bank in room.banks(&set, args.bank.as_deref())? {
        let explained = set.explain(bank.id).unwrap_or_default();
        lines(explained.trim_end())?;
        line("")?;
        object(&json!({ "bank": bank.id, "text": explained.trim_end() }))?;
    }
    Ok(ExitCode::SUCCESS)
}
