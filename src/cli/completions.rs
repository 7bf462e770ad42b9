//! `mbush completions SHELL`: the completion script of a shell.

use std::process::ExitCode;

use clap_complete::Shell;

use super::exit::Exit;
use super::style::write;

#[derive(Debug, clap::Args)]
#[command(after_help = "For example, for this user:\n  \
    mbush completions bash > ~/.local/share/bash-completion/completions/mbush\n  \
    mbush completions fish > ~/.config/fish/completions/mbush.fish\n  \
    mbush completions zsh > _mbush     (in a folder of $fpath)")]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "mbush", &mut script);
    write(&script)?;
    Ok(Exit::Done.into())
}
