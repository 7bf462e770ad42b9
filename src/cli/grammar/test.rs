//! `mbush grammar test`

use std::process::ExitCode;

use serde_json::json;

use super::Room;
use super::fixtures::Read;
use crate::cli::exit::Exit;
use crate::cli::style::{counted, line, lines, object};
use crate::grammar::GrammarSet;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bank's identifier; by default all banks
    bank: Option<String>,
}

/// The results so far.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    /// Files that could not be read, and banks without files.
    unread: usize,
}

pub(super) fn run(room: &Room, args: &Args) -> anyhow::Result<ExitCode> {
    let set = room.set()?;
    let mut tally = Tally::default();
    for bank in room.banks(&set, args.bank.as_deref())? {
        for read in room.fixtures_of(&bank) {
            tally.file(&set, bank.id, &read)?;
        }
    }
    let misnamed = if args.bank.is_none() { room.misnamed(&set) } else { Vec::new() };
    for problem in &misnamed {
        lines(&format!("FAILED  {problem}"))?;
    }
    let Tally { passed, failed, unread } = tally;
    let unread = unread + misnamed.len();
    let more =
        if unread == 0 { String::new() } else { format!(", {} without a test", counted(unread as u64, "place")) };
    line(&format!("{passed} passed, {failed} failed{more}; grammars: {}", room.place()))?;
    Ok(Exit::from(failed == 0 && unread == 0).into())
}

impl Tally {
    fn file(&mut self, set: &GrammarSet, bank: &str, Read { place, fixture }: &Read) -> anyhow::Result<()> {
        let (read, refused, wrong) = match fixture {
            Ok(fixture) => (fixture.read.len(), fixture.refuse.len(), fixture.check(set)),
            Err(problem) => (0, 0, vec![problem.clone()]),
        };
        if fixture.is_ok() {
            self.passed += read + refused - wrong.len();
            self.failed += wrong.len();
        } else {
            self.unread += 1;
        }
        let verdict = if wrong.is_empty() { "ok" } else { "FAILED" };
        line(&format!("{verdict:<6}  {}: {read} to read, {refused} to refuse", place.display()))?;
        for problem in &wrong {
            lines(&format!("        {}", problem.trim_end().replace('\n', "\n        ")))?;
        }
        object(&json!({
            "bank": bank, "file": place.display().to_string(), "read": read, "refused": refused, "failures": wrong,
        }))?;
        Ok(())
    }
}
