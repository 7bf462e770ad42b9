//! `mbush grammar coverage`

use std::process::ExitCode;

use anyhow::anyhow;
use serde_json::json;

use super::Room;
use crate::cli::exit::Exit;
use crate::cli::style::{counted, line, object};
use crate::grammar::Fixture;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bank's identifier; by default all banks
    bank: Option<String>,
    /// Exit with 1 if a path has no fixture
    #[arg(long)]
    deny: bool,
}

pub(super) fn run(room: &Room, args: &Args) -> anyhow::Result<ExitCode> {
    let set = room.set()?;
    let banks = room.banks(&set, args.bank.as_deref())?;
    let mut fixtures: Vec<Fixture> = Vec::new();
    for bank in &banks {
        for read in room.fixtures_of(bank) {
            fixtures.push(read.fixture.map_err(|problem| anyhow!(problem))?);
        }
    }
    let untried = set.untried(fixtures.iter().flat_map(Fixture::messages));
    let untried: Vec<_> = untried.into_iter().filter(|way| banks.iter().any(|bank| bank.id == way.bank)).collect();
    for way in &untried {
        line(&format!("{}: `{}`: not covered: {}", way.bank, way.form, way.way))?;
    }
    let ways = counted(untried.len() as u64, "way");
    line(&format!("{ways} without a fixture; grammars: {}", room.place()))?;
    let ways = untried.iter().map(|way| json!({ "bank": way.bank, "form": way.form, "way": way.way }));
    object(&json!({ "place": room.place(), "untried": ways.collect::<Vec<_>>() }))?;
    Ok(Exit::from(!args.deny || untried.is_empty()).into())
}
