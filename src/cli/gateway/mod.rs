//! `mbush gateway`: the formats of SMS gateways: list them, check and explain their files, run a captured request
//! through one.

mod check;
mod explain;
mod r#try;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use serde_json::json;

use super::resources;
use super::style::{line, object};
use crate::config::Config;
use crate::gateway::Gateways;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder with formats of your own. By default the configured one
    #[arg(long, value_name = "FOLDER", global = true)]
    gateways: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the gateways whose formats are built in, and those of your own folder
    List,
    /// Check all files, and run their fixtures
    Check,
    /// Explain a gateway's format in words: its requests, its credential, the answers, and how messages can be lost
    Explain {
        /// The gateway
        #[arg(value_name = "GATEWAY")]
        gateway: String,
    },
    /// Read a captured request as a server would, without a server: credential, messages or receipts, answer
    Try(r#try::Args),
}

/// The formats, and the folder of those that are not built in.
struct Room {
    config: Config,
    formats: Gateways,
    folder: Option<PathBuf>,
}

pub(super) fn run(args: &Args, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut config = resources::config(file)?;
    if args.gateways.is_some() {
        config.gateways.dir.clone_from(&args.gateways);
    }
    let formats = resources::gateways(&config).map_err(|problems| anyhow!(problems.join("\n")))?;
    let room = Room { folder: config.gateways.dir.clone(), config, formats };
    match &args.command {
        Command::List => list(&room),
        Command::Check => check::run(&room),
        Command::Explain { gateway } => explain::run(&room, gateway),
        Command::Try(args) => r#try::run(&room, args),
    }
}

fn list(room: &Room) -> anyhow::Result<ExitCode> {
    for gateway in room.formats.all() {
        line(&format!("{}  {}, {}", gateway.id, gateway.title, gateway.evidence.words()))?;
        object(&json!({ "gateway": gateway.id, "title": gateway.title, "evidence": gateway.evidence.words() }))?;
    }
    Ok(ExitCode::SUCCESS)
}
