//! A new key that hashes are made with: of codes, or of PINs.

use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::style::{line, object};
use crate::config::key_file;

/// Makes the key, and prints its entry in a section of the configuration.
pub(super) fn make(file: &Path, section: &str, entry: &str) -> anyhow::Result<()> {
    key_file::make(file).with_context(|| format!("{}: give a new file, in a folder of yours", file.display()))?;
    let wrote = file.display().to_string();
    line(&format!(
        "{wrote}: a new key. Keep a copy apart from the database, and enter the file in the configuration:"
    ))?;
    object(&json!({ "wrote": wrote }))?;
    line(&format!("  [{section}]"))?;
    Ok(line(&format!("  {entry}"))?)
}

/// A text of TOML: what JSON writes is one.
pub(super) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
