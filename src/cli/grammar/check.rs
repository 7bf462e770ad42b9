//! `mbush grammar check`

use std::process::ExitCode;

use super::Room;
use crate::cli::style::{counted, line};
use crate::cli::{app, resources};

pub(super) fn run(room: &Room) -> anyhow::Result<ExitCode> {
    let set = room.set()?;
    for bank in set.banks() {
        let codes: Vec<&str> = bank.short_codes.iter().map(crate::domain::ShortCode::as_str).collect();
        line(&format!(
            "{} on {}: {}, {}",
            bank.name,
            codes.join(", "),
            counted(bank.forms.len() as u64, "form"),
            bank.evidence.as_str()
        ))?;
    }
    for overlap in set.overlaps() {
        line(&format!(
            "{}: `{}` goes before `{}` by priority, for texts like `{}`",
            overlap.bank, overlap.first, overlap.second, overlap.witness
        ))?;
    }
    app::templates()?;
    line(&format!(
        "ok: {}, set {}; no text is read two ways; every reply fits one segment at its longest",
        resources::grammars_place(&room.config),
        set.id()
    ))?;
    Ok(ExitCode::SUCCESS)
}
