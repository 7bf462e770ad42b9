//! `mbush gateway check`

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use serde_json::json;

use super::Room;
use crate::cli::style::{counted, line, object};
use crate::gateway::fixture;

pub(super) fn run(room: &Room) -> anyhow::Result<ExitCode> {
    let mut failures = Vec::new();
    for gateway in room.formats.all() {
        let count = match fixtures(room.folder.as_deref(), &gateway.id)? {
            None => 0,
            Some(text) => match fixture::run(gateway, &text) {
                Ok(count) => count,
                Err(failed) => {
                    line(&format!("{}: NOT OK", gateway.id))?;
                    failures.extend(failed.into_iter().map(|failure| format!("{}: {failure}", gateway.id)));
                    continue;
                }
            },
        };
        line(&format!("{}: ok, {}", gateway.id, counted(count as u64, "fixture")))?;
        object(&json!({ "gateway": gateway.id, "fixtures": count }))?;
    }
    ensure!(failures.is_empty(), "fixtures that fail:\n{}", failures.join("\n"));
    Ok(ExitCode::SUCCESS)
}

/// The fixtures of a gateway: those of the operator's folder, or those that are built in.
fn fixtures(folder: Option<&Path>, gateway: &str) -> anyhow::Result<Option<String>> {
    let own = folder.map(|folder| folder.join("fixtures").join(format!("{gateway}.toml"))).filter(|own| own.is_file());
    match own {
        Some(own) => std::fs::read_to_string(&own).with_context(|| own.display().to_string()).map(Some),
        None => Ok(fixture::built_in(gateway)),
    }
}
