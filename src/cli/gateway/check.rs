//! `mbush gateway check`

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use super::Room;
use crate::cli::exit::Exit;
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
    for name in room.folder.iter().flat_map(|folder| unknown(room, folder)) {
        failures.push(format!("fixtures/{name}.toml: there is no gateway {name}"));
    }
    for failure in &failures {
        line(&format!("  {failure}"))?;
    }
    Ok(Exit::from(failures.is_empty()).into())
}

/// The fixtures of a gateway: those of the operator's folder, or those that are built in.
fn fixtures(folder: Option<&Path>, gateway: &str) -> anyhow::Result<Option<String>> {
    let own = folder.map(|folder| folder.join("fixtures").join(format!("{gateway}.toml"))).filter(|own| own.is_file());
    match own {
        Some(own) => std::fs::read_to_string(&own).with_context(|| own.display().to_string()).map(Some),
        None => Ok(fixture::built_in(gateway)),
    }
}

/// The names of files of fixtures without a gateway.
fn unknown(room: &Room, folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("fixtures")).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| {
        let path = entry.path();
        let is_toml = path.extension().is_some_and(|end| end == "toml");
        path.file_stem().filter(|_| is_toml).map(|stem| stem.to_string_lossy().into_owned())
    });
    names.filter(|name| room.formats.get(name).is_err()).collect()
}
