//! What moves money or is hard to take back is shown first, and asked for. `--yes` does it without a question, as scripts
//! must; `--dry-run` only shows it.

use std::process::ExitCode;

use super::style::{ask, complain, line, may_ask};

/// Exit code where nobody could be asked.
const UNASKED: u8 = 2;

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Consent {
    /// Do it without asking; where standard input is no terminal, nothing is done without it
    #[arg(long)]
    yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

impl Consent {
    /// Shows what would be done, unless it is already agreed to, and asks. `None`: it is to be done; else how the command
    /// ends. What would be refused is an error of `intent`, and is never asked about.
    pub(super) async fn given(
        self,
        intent: impl AsyncFnOnce() -> anyhow::Result<Vec<String>>,
    ) -> anyhow::Result<Option<ExitCode>> {
        if self.yes {
            return Ok(None);
        }
        intent().await?.iter().try_for_each(|text| line(text))?;
        if self.dry_run {
            line("nothing was done: --dry-run")?;
            return Ok(Some(ExitCode::SUCCESS));
        }
        if !may_ask() {
            complain(
                "mbush: nothing was done: standard input is no terminal, so nobody can be asked; give --yes to do it",
            );
            return Ok(Some(ExitCode::from(UNASKED)));
        }
        if matches!(ask("Do it? [y/N]")?.to_lowercase().as_str(), "y" | "yes") {
            return Ok(None);
        }
        line("nothing was done")?;
        Ok(Some(ExitCode::FAILURE))
    }
}
