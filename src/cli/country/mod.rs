//! `mbush country`: the folders of countries: list those that come with the program, copy one, prove one.

mod check;
mod new;

use std::path::PathBuf;
use std::process::ExitCode;

use super::shipped::{self, Shipped};
use super::style::{line, object};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the countries that come with the program
    List,
    /// Make the folder of a new country: a copy of one that comes with the program, with the facts that you give
    New(new::Args),
    /// Prove a country's folder: its facts, rules, numbering plan, texts, grammars, fixtures, menus and demonstration
    Check {
        /// The folder
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

pub(super) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List => list(),
        Command::New(args) => new::run(args),
        Command::Check { folder } => check::run(folder),
    }
}

fn list() -> anyhow::Result<ExitCode> {
    for Shipped { folder, code, name, currency, languages } in shipped::all()? {
        line(&format!("{folder}  {name} ({code}), {currency}, replies in {}", languages.join(", ")))?;
        object(&serde_json::json!({
            "folder": folder, "code": code, "name": name, "currency": currency, "languages": languages,
        }))?;
    }
    Ok(ExitCode::SUCCESS)
}
