//! Confirmation of orders that move money or are hard to reverse: the command shows what it would do, and asks. `--yes` skips
//! the question, for scripts; `--dry-run` only shows.

use std::process::ExitCode;

use serde_json::json;

use super::exit::Exit;
use super::style::{aside, ask, complain, line, may_ask, object};

#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct Consent {
    /// Do not ask for confirmation; required if standard input is not a terminal
    #[arg(long)]
    yes: bool,
    /// Only show what would be done
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

impl Consent {
    /// Shows what would be done, unless `--yes` was given, and asks. Returns `None` if the order is to be carried out,
    /// and otherwise the exit code. An order that would be refused is an error of `intent`, and is not asked about.
    /// With `--json`, the question is on standard error, and the output is an object: `{"done": null, "would":
    /// [LINES]}`.
    pub(super) async fn given(
        self,
        intent: impl AsyncFnOnce() -> anyhow::Result<Vec<String>>,
    ) -> anyhow::Result<Option<ExitCode>> {
        if self.yes {
            return Ok(None);
        }
        let would = intent().await?;
        let end = if self.dry_run {
            would.iter().try_for_each(|text| line(text))?;
            line("nothing was done: --dry-run")?;
            Exit::Done
        } else {
            would.iter().try_for_each(|text| aside(text))?;
            match agreed()? {
                None => return Ok(None),
                Some(end) => end,
            }
        };
        object(&json!({ "done": null, "would": would }))?;
        Ok(Some(end.into()))
    }
}

/// Asks for confirmation. Returns the exit code if there is none.
fn agreed() -> anyhow::Result<Option<Exit>> {
    if !may_ask() {
        complain("mbush: nothing was done: standard input is not a terminal; use --yes to confirm");
        return Ok(Some(Exit::Usage));
    }
    if matches!(ask("Continue? [y/N]")?.to_lowercase().as_str(), "y" | "yes") {
        return Ok(None);
    }
    line("nothing was done")?;
    Ok(Some(Exit::No))
}
