//! `mbush gateway explain`

use std::process::ExitCode;

use anyhow::anyhow;
use serde_json::json;

use super::Room;
use crate::cli::style::{line, object};
use crate::gateway::explain;

pub(super) fn run(room: &Room, gateway: &str) -> anyhow::Result<ExitCode> {
    let gateway = room.formats.get(gateway).map_err(|problem| anyhow!(problem))?;
    let lines = explain::lines(gateway);
    for text in &lines {
        line(text)?;
    }
    object(&json!({ "gateway": gateway.id, "title": gateway.title, "lines": lines }))?;
    Ok(ExitCode::SUCCESS)
}
