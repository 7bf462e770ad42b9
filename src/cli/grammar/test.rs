//! `mbush grammar test`

use std::process::ExitCode;

use serde_json::json;

use super::Room;
use crate::cli::exit::Exit;
use crate::cli::style::{line, lines, object};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bank's identifier; by default all banks
    bank: Option<String>,
}

pub(super) fn run(room: &Room, args: &Args) -> anyhow::Result<ExitCode> {
    let set = room.set()?;
    let (mut cases, mut failed) = (0, 0);
    for bank in room.banks(&set, args.bank.as_deref())? {
        for (file, fixture) in room.fixtures_of(bank)? {
            let wrong = fixture.check(&set);
            cases += fixture.read.len() + fixture.refuse.len();
            failed += wrong.len();
            let verdict = if wrong.is_empty() { "ok" } else { "FAILED" };
            let (read, refused) = (fixture.read.len(), fixture.refuse.len());
            line(&format!("{verdict:<6}  {}: {read} to read, {refused} to refuse", file.display()))?;
            for problem in &wrong {
                lines(&format!("        {}", problem.replace('\n', "\n        ")))?;
            }
            object(&json!({
                "bank": bank, "file": file.display().to_string(), "read": read, "refused": refused, "failures": wrong,
            }))?;
        }
    }
    line(&format!("{} passed, {failed} failed; grammars: {}", cases - failed, room.place()))?;
    Ok(Exit::from(failed == 0).into())
}
