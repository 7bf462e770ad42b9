//! The day that `demo.toml` of a country's folder describes: texts of customers and of banks, and the words of each reply.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use super::stage::Stage;
use crate::cli::style::{line, lines};

/// `demo.toml`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct Day {
    #[serde(rename = "step")]
    pub(in crate::cli) steps: Vec<Step>,
}

/// A text to a short code, and its reply.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct Step {
    title: String,
    /// The phone, in national spelling.
    from: String,
    /// The short code.
    to: String,
    text: String,
    /// Words of the reply.
    told: String,
    /// True if money moves.
    moves: bool,
}

impl Day {
    /// Reads the file of a folder; `None` if there is none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(in crate::cli) fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join("demo.toml");
        if !path.exists() {
            return Ok(None);
        }
        let read = || anyhow::Ok(toml::from_str::<Self>(&std::fs::read_to_string(&path)?)?);
        read().map(Some).with_context(|| path.display().to_string())
    }

    /// Plays all steps. Returns the differences from what is expected.
    pub(super) async fn play(&self, stage: &mut Stage) -> anyhow::Result<Vec<String>> {
        let mut wrong = Vec::new();
        for (number, step) in self.steps.iter().enumerate() {
            lines(&format!("\n  {}. {}", number + 1, step.title))?;
            wrong.extend(step.play(stage).await?.map(|problem| format!("{}: {problem}", step.title)));
        }
        Ok(wrong)
    }
}

impl Step {
    async fn play(&self, stage: &mut Stage) -> anyhow::Result<Option<String>> {
        let from = stage.number(&self.from)?.digits();
        let before = stage.app.store.totals().await?.transferred_minor;
        let reply = stage.text(&from, &self.to, &self.text).await?;
        let moved = stage.app.store.totals().await?.transferred_minor != before;
        line(if moved { "    money moved" } else { "    no money moved" })?;
        Ok(if !reply.contains(&self.told) {
            Some(format!("no `{}` in: {reply}", self.told))
        } else if moved != self.moves {
            Some(format!("money {}: {reply}", if moved { "moved" } else { "did not move" }))
        } else {
            None
        })
    }
}
