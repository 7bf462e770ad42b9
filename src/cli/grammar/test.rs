//! `mbush grammar test`

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
    let (mut cases, mut failed) = (0, 0);
    for bank in Room::banks(&set, args.bank.as_deref())? {
        for (file, fixture) in room.fixtures_of(bank)? {
            let wrong = fixture.check(&set);
            cases += fixture.read.len() + fixture.refuse.len();
            failed += wrong.len();
            let verdict = if wrong.is_empty() { "ok" } else { "FAILED" };
            let (read, refused) = (fixture.read.len(), fixture.refuse.len());
            line(&format!("{verdict:<6}  {}: {read} to read, {refused} to refuse", file.display()))?;
            for problem in wrong {
                lines(&format!("        {}", problem.replace('\n', "\n        ")))?;
            }
        }
    }
    line(&format!("{} passed, {failed} failed", cases - failed))?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
