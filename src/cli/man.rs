//! `mbush man`: the manual pages, generated from the definitions of the commands.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap_mangen::Man;

use super::exit::Exit;
use super::style::{line, write};

#[derive(Debug, clap::Args)]
#[command(after_help = "For example:\n  mbush man | man -l -\n  mbush man voucher generate | man -l -\n  \
    mbush man --dir /usr/local/share/man/man1")]
pub(super) struct Args {
    /// The command, as in `voucher generate`; by default the program itself
    #[arg(conflicts_with = "dir")]
    command: Vec<String>,
    /// Write the pages of all commands to this folder, which must exist
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut whole = super::command().disable_help_subcommand(true);
    whole.build();
    if let Some(folder) = &args.dir {
        let pages = pages(&whole, folder)?;
        line(&format!("wrote {pages} pages to {}", folder.display()))?;
        return Ok(Exit::Done.into());
    }
    let mut chosen = &whole;
    for name in &args.command {
        let Some(below) = chosen.find_subcommand(name) else {
            let known: Vec<&str> = chosen.get_subcommands().map(clap::Command::get_name).collect();
            bail!("`{}` has no command `{name}`; it has {}", chosen.get_name(), known.join(", "));
        };
        chosen = below;
    }
    write(&page(chosen)?)?;
    Ok(Exit::Done.into())
}

/// `mbush.1`, `mbush-voucher.1`, `mbush-voucher-generate.1`.
fn pages(command: &clap::Command, folder: &Path) -> anyhow::Result<usize> {
    let file = folder.join(format!("{}.1", title(command)));
    std::fs::write(&file, page(command)?).with_context(|| file.display().to_string())?;
    command.get_subcommands().try_fold(1, |count, below| Ok(count + pages(below, folder)?))
}

fn page(command: &clap::Command) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone()).title(title(command)).render(&mut text)?;
    Ok(text)
}

/// `mbush voucher generate` with hyphens instead of spaces.
fn title(command: &clap::Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}
