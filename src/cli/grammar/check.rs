//! `mbush grammar check`

use std::process::ExitCode;

use anyhow::ensure;
use serde_json::json;

use super::Room;
use crate::cli::prepare::amounts;
use crate::cli::style::{counted, line, object};
use crate::cli::{languages, resources};
use crate::config::Config;

pub(super) fn run(room: &Room) -> anyhow::Result<ExitCode> {
    let set = room.set()?;
    let (mut banks, mut overlaps) = (Vec::new(), Vec::new());
    for bank in set.banks() {
        let codes: Vec<&str> = bank.short_codes.iter().map(crate::domain::ShortCode::as_str).collect();
        let (forms, evidence) = (bank.forms.len(), bank.evidence.as_str());
        let how_many = counted(forms as u64, "form");
        line(&format!("{} on {}: {how_many}, {evidence}", bank.name, codes.join(", ")))?;
        banks.push(
            json!({ "bank": bank.id, "name": bank.name, "short_codes": codes, "forms": forms, "evidence": evidence }),
        );
    }
    for overlap in set.overlaps() {
        line(&format!(
            "{}: `{}` has priority over `{}`, for texts like `{}`",
            overlap.bank, overlap.first, overlap.second, overlap.witness
        ))?;
        overlaps.push(json!({
            "bank": overlap.bank, "first": overlap.first, "second": overlap.second, "witness": overlap.witness,
        }));
    }
    languages::ensure_spoken(&set, &resources::templates(&room.config)?)?;
    if Config::file(room.file.as_deref()).is_some() {
        let refused = amounts::refused(&room.config, &set);
        ensure!(refused.is_empty(), "the configuration refuses amounts of the grammars:\n{}", refused.join("\n"));
    }
    let problems = room.fixture_problems(&set);
    ensure!(problems.is_empty(), "the fixtures are not valid:\n{}", problems.join("\n"));
    line(&format!(
        "ok: {}, set {}; no text is read two ways; every reply fits at its longest",
        room.place(),
        set.id()
    ))?;
    if !room.is_a_servers(room.config.grammars.dir.as_deref()) {
        line("a server reads them once [grammars] dir of its configuration names their folder")?;
    }
    object(&json!({ "place": room.place(), "set": set.id(), "banks": banks, "overlaps": overlaps }))?;
    Ok(ExitCode::SUCCESS)
}
