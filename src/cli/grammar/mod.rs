//! `mbush grammar`: tools for writing grammars. Each verb has a file.

mod check;
mod coverage;
mod explain;
mod new;
mod test;
mod r#try;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};

use super::resources;
use crate::config::Config;
use crate::domain::NumberingPlan;
use crate::grammar::{Fixture, GrammarSet};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of grammars. By default the configured folder; if none is configured, the folder `grammars` in the
    /// working folder, if it has grammars in it; otherwise the built-in grammars
    #[arg(long, value_name = "FOLDER", global = true)]
    grammars: Option<PathBuf>,
    /// Folder of fixtures, with one folder for each bank
    #[arg(long, value_name = "FOLDER", global = true, default_value = "fixtures")]
    fixtures: PathBuf,
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
    resources::choose_grammars(&mut config, args.grammars.as_deref());
    let (plan, file) = (resources::plan(&config)?, file.map(Path::to_path_buf));
    let room = Room { config, file, of_servers, plan, fixtures: args.fixtures.clone() };
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

    /// The fixture files of a bank, by name.
    fn fixtures_of(&self, bank: &str) -> anyhow::Result<Vec<(PathBuf, Fixture)>> {
        let folder = self.fixtures.join(bank);
        let entries = std::fs::read_dir(&folder).with_context(|| {
            format!("{}: put the bank's fixtures there, or name another --fixtures", folder.display())
        })?;
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
        let read = |file: PathBuf| {
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let fixture = Fixture::from_toml(&text).with_context(|| file.display().to_string())?;
            anyhow::Ok((file, fixture))
        };
        files.into_iter().map(read).collect()
    }

    /// This bank, or all. An unknown name is refused with a list of the known ones.
    fn banks<'s>(&self, set: &'s GrammarSet, bank: Option<&str>) -> anyhow::Result<Vec<&'s str>> {
        let all: Vec<&str> = set.banks().map(|known| known.id).collect();
        let chosen: Vec<&str> = all.iter().copied().filter(|known| bank.is_none_or(|bank| bank == *known)).collect();
        if let (true, Some(bank)) = (chosen.is_empty(), bank) {
            bail!("there is no bank `{bank}` among the grammars ({}); there are {}", self.place(), all.join(", "));
        }
        Ok(chosen)
    }
}
