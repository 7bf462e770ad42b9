//! `mbush grammar explain`

use std::process::ExitCode;

use super::Room;
use crate::cli::style::{line, lines};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bank's identifier; without it all banks
    bank: Option<String>,
}

pub(super) fn run(room: &Room, args: &Args) -> anyhow::Result<ExitCode> {
    let set = room.set()?;
    for bank in Room::banks(&set, args.bank.as_deref())? {
        lines(set.explain(bank).unwrap_or_default().trim_end())?;
        line("")?;
    }
    Ok(ExitCode::SUCCESS)
}
