//! `mbush demo`: the complete system on one machine: the server, an embedded database, and an SMSC to which it binds
//! over a real socket. The script tops up in each of the operator's ways, prints each request beside its reply, and
//! audits the ledger at the end.

mod cards;
mod handset;
mod machines;
mod phone;
mod play;
mod prompt;
mod stage;
mod ways;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};

use super::exit::Exit;
use super::style::{line, lines, quoted, title};
pub(super) use play::top_ups;
use stage::Stage;
use ways::{WAYS, Way};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Exit after the script; the exit code is 1 if a step did not end as expected
    #[arg(long)]
    once: bool,
    /// Run only one way to top up, given by its number
    #[arg(long, value_name = "NUMBER")]
    way: Option<u8>,
    /// Print the ways to top up, each with the command that runs it, as a Markdown table
    #[arg(long, conflicts_with_all = ["once", "way", "dir"])]
    list: bool,
    /// Folder for the database and the configuration, which is kept afterwards; by default a temporary one
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(super) async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.list {
        return list();
    }
    let ways = chosen(args.way)?;
    let temporary = tempfile::tempdir()?;
    let folder = match &args.dir {
        Some(folder) => {
            let made = std::fs::create_dir_all(folder);
            // The configuration that is written there names its files from any folder.
            made.and_then(|()| folder.canonicalize()).with_context(|| format!("--dir {}", folder.display()))?
        }
        None => temporary.path().to_owned(),
    };
    if stage::database(&folder).exists() {
        bail!("--dir {}: it already has a database; the script begins with an empty one", folder.display());
    }
    let mut stage = Box::pin(Stage::set(&folder)).await?;
    line(&format!("mbush is up: {stage}"))?;
    let mut wrong = Vec::new();
    let topped_up = ways.iter().find_map(|way| way.tops_up());
    for way in ways {
        line("")?;
        title(&format!("{}. {}", way.number, way.name))?;
        for step in way.steps {
            wrong.extend(play::step(&mut stage, step).await?);
        }
    }
    wrong.extend(play::books(&stage).await?);
    wrong.iter().try_for_each(|problem| line(&format!("UNEXPECTED RESULT: {problem}")))?;
    if !args.once {
        prompt::run(&mut stage).await?;
    }
    stage.strike().await?;
    if args.dir.is_some() {
        let config = quoted(&folder.join("mbush.toml").display().to_string());
        let look = topped_up.map_or_else(|| "audit".to_owned(), |number| format!("account {number}"));
        line(&format!("the database is kept; look at it with: mbush --config {config} {look}"))?;
    }
    Ok(Exit::from(wrong.is_empty()).into())
}

/// All ways, or the one with this number.
fn chosen(number: Option<u8>) -> anyhow::Result<Vec<&'static Way>> {
    let ways: Vec<&Way> = WAYS.iter().filter(|way| number.is_none_or(|number| way.number == number)).collect();
    if ways.is_empty() {
        let last = WAYS.iter().map(|way| way.number).max().unwrap_or_default();
        return Err(anyhow!("--way: the ways are 1 to {last}; `mbush demo --list` lists them"));
    }
    Ok(ways)
}

fn list() -> anyhow::Result<ExitCode> {
    lines("| # | way to top up | how | see it |\n| --- | --- | --- | --- |")?;
    for Way { number, name, entry, .. } in WAYS {
        line(&format!("| {number} | {name} | {entry} | `cargo run --release -- demo --once --way {number}` |"))?;
    }
    Ok(ExitCode::SUCCESS)
}
