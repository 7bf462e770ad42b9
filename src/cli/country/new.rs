//! `mbush country new`: a copy of a country that comes with the program, with facts of the new one.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use chrono_tz::Tz;

use crate::cli::shipped::{find, put};
use crate::cli::style::{line, object, quoted};
use crate::domain::locale::Currency;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The new folder
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The country that it is copied from: the one that is most alike (`mbush country list`)
    #[arg(long, value_name = "COUNTRY")]
    like: String,
    /// Code of ISO 3166-1, as ME
    #[arg(long, value_name = "CODE")]
    code: String,
    /// English name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Code of the currency, as EUR; by default that of the copied country
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Time zone, as Europe/Podgorica; by default that of the copied country
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<Tz>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let like = find(&args.like)?;
    let currency =
        args.currency.as_deref().map(Currency::of).transpose().map_err(|error| anyhow!("--currency: {error}"))?;
    let is_code = args.code.len() == 2 && args.code.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_code {
        bail!("--code {}: write the two capital letters of ISO 3166-1, as ME", quoted(&args.code));
    }
    if args.folder.exists() {
        bail!("{} is there already: name a new folder, nothing is overwritten", args.folder.display());
    }
    let mut facts = vec![("", "code", args.code.clone()), ("", "name", args.name.clone())];
    facts.extend(args.time_zone.map(|zone| ("", "time_zone", zone.name().to_owned())));
    facts.extend(currency.map(|currency| ("currency", "code", currency.code().to_owned())));
    for (path, text) in like.files() {
        let text = if path == "country.toml" { with(&text, &facts) } else { text };
        put(&args.folder.join(&path), &text)?;
        line(&format!("  {}", args.folder.join(&path).display()))?;
    }
    let folder = quoted(&args.folder.display().to_string());
    line(&format!("copied from {}; change what differs, and prove it with: mbush country check {folder}", like.name))?;
    object(&serde_json::json!({ "folder": args.folder.display().to_string(), "like": like.folder }))?;
    Ok(ExitCode::SUCCESS)
}

/// The text with other values of some keys; comments and order stay.
fn with(text: &str, facts: &[(&str, &str, String)]) -> String {
    let mut section = "";
    let mut lines = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.trim().strip_prefix('[').and_then(|name| name.split(']').next()) {
            section = name.trim_start_matches('[').trim();
        }
        let key = line.split_once('=').map(|(key, _)| key.trim());
        let fact = facts.iter().find(|(place, name, _)| *place == section && Some(*name) == key);
        lines.push(match (fact, line.split_once('=')) {
            (Some((.., value)), Some((before, behind))) => {
                let comment = behind.split_once('#').map(|(_, comment)| format!(" #{comment}")).unwrap_or_default();
                format!("{before}= {}{comment}", toml::Value::from(value.as_str()))
            }
            _ => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}
