//! `mbush grammar`: tools for writing grammars. Each verb has a file.

mod check;
mod coverage;
mod explain;
mod fixtures;
mod new;
mod test;
mod r#try;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;

use super::resources;
use crate::config::Config;
use crate::domain::NumberingPlan;
use crate::grammar::{BankInfo, GrammarSet};
use crate::text::near::nearest;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of grammars. By default the configured folder; if none is configured, the folder `grammars` in the
    /// working folder, if it has grammars in it; otherwise the built-in grammars. If it has a folder `numbering`, the
    /// numbering plan in it is used
    #[arg(long, value_name = "FOLDER", global = true)]
    grammars: Option<PathBuf>,
    /// Folder of fixtures, with one folder for each bank. By default the folder `fixtures` in the folder of grammars, if
    /// there is one; otherwise `fixtures` in the working folder
    #[arg(long, value_name = "FOLDER", global = true)]
    fixtures: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check all grammars: report every mistake with its place, prove that no text is read two ways, check the replies
    Check,
    /// Explain a bank's forms in words
    Explain(explain::Args),
    /// Read a text with the forms of one bank, or of all, and show how far each form reads it
    Try(r#try::Args),
    /// Draft a commented grammar and its fixtures for a new bank from a few sample texts
    New(new::Args),
    /// Run the fixtures of one bank, or of all banks
    Test(test::Args),
    /// List the paths through forms that no fixture covers
    Coverage(coverage::Args),
}

/// The configuration, numbering plan and folders that all verbs use.
struct Room {
    config: Config,
    /// The configuration file that was named.
    file: Option<PathBuf>,
    /// The folder that a server with this configuration uses.
    of_servers: Option<PathBuf>,
    plan: Arc<NumberingPlan>,
    fixtures: PathBuf,
}

pub(super) fn run(args: &Args, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut config = resources::config(file)?;
    let of_servers = config.grammars.dir.clone();
    resources::choose_grammars(&mut config, args.grammars.as_deref())?;
    let room = Room { of_servers, file: file.map(Path::to_path_buf), ..Room::of(config, args.fixtures.clone())? };
    match &args.command {
        Command::Check => check::run(&room),
        Command::Explain(args) => explain::run(&room, args),
        Command::Try(args) => r#try::run(&room, args),
        Command::New(args) => new::run(&room, args),
        Command::Test(args) => test::run(&room, args),
        Command::Coverage(args) => coverage::run(&room, args),
    }
}

impl Room {
    fn of(config: Config, fixtures: Option<PathBuf>) -> anyhow::Result<Self> {
        let plan = resources::plan(&config)?;
        let fixtures = fixtures.unwrap_or_else(|| resources::fixtures(&config));
        Ok(Self { config, file: None, of_servers: None, plan, fixtures })
    }

    fn set(&self) -> anyhow::Result<GrammarSet> {
        resources::grammars(&self.config, &self.plan)
    }

    /// Returns whether a server with this configuration uses the grammars of this folder.
    fn is_a_servers(&self, folder: Option<&Path>) -> bool {
        folder == self.of_servers.as_deref()
    }

    /// Names the grammars that were read.
    fn place(&self) -> String {
        resources::grammars_place(&self.config)
    }

    /// This bank, or all. An unknown name is refused with the nearest, or a list of the known ones.
    fn banks<'s>(&self, set: &'s GrammarSet, bank: Option<&str>) -> anyhow::Result<Vec<BankInfo<'s>>> {
        let all: Vec<BankInfo<'_>> = set.banks().collect();
        let ids: Vec<&str> = all.iter().map(|known| known.id).collect();
        if let Some(bank) = bank
            && !ids.contains(&bank)
        {
            let meant = nearest(bank, ids.iter().copied())
                .map_or_else(|| format!("there are {}", ids.join(", ")), |near| format!("did you mean `{near}`?"));
            bail!("there is no bank `{bank}` among the grammars ({}); {meant}", self.place());
        }
        Ok(all.into_iter().filter(|known| bank.is_none_or(|bank| bank == known.id)).collect())
    }
}

/// Runs all fixtures of a configuration's grammars, and returns what failed.
pub(super) fn failures(config: &Config) -> anyhow::Result<Vec<String>> {
    let room = Room::of(config.clone(), None)?;
    let set = room.set()?;
    let mut failures = room.misnamed(&set);
    for bank in set.banks() {
        for fixtures::Read { place, fixture } in room.fixtures_of(&bank) {
            let wrong = fixture.map_or_else(|problem| vec![problem], |fixture| fixture.check(&set));
            failures.extend(wrong.into_iter().map(|problem| format!("{}: {}", place.display(), problem.trim_end())));
        }
    }
    Ok(failures)
}
