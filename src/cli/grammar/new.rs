//! `mbush grammar new`

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use serde_json::json;

use super::Room;
use crate::cli::numbers;
use crate::cli::resources::{self, WORKSHOP};
use crate::cli::style::{line, object};
use crate::domain::{LineKind, ShortCode};
use crate::grammar::{NewBank, NoSkeleton, skeleton};

#[derive(Debug, clap::Args)]
#[command(after_help = "For example:\n  mbush grammar new seventh --name \"Seventh Bank\" --short-code 50777 \\\n    \
    \"kredi 5\" \"kredi 049123456 5\" \"kredi tv arben1\"")]
pub(super) struct Args {
    /// The bank's identifier: lower-case letters and digits
    bank: String,
    /// Sample texts, as customers write them
    #[arg(required = true)]
    samples: Vec<String>,
    /// The bank's name, as people read it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The short code that its customers write to
    #[arg(long, value_name = "CODE")]
    short_code: ShortCode,
    /// The sender of the fixtures' texts; by default a mobile number of the numbering plan
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
}

pub(super) fn run(room: &Room, args: &Args) -> anyhow::Result<ExitCode> {
    if args.bank.is_empty() || !args.bank.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        bail!("`{}` is not an identifier: write small letters and digits, as in ekonomike", args.bank);
    }
    let samples: Vec<&str> = args.samples.iter().map(String::as_str).collect();
    let sender = sender(room, args)?;
    let languages: Vec<_> = resources::templates(&room.config)?.languages().collect();
    let new = NewBank {
        id: &args.bank,
        name: &args.name,
        short_code: args.short_code.as_str(),
        sender: &sender,
        languages: &languages,
        samples: &samples,
    };
    let files = skeleton(&new, &room.plan).map_err(|problem| no_draft(&problem))?;
    is_free(room, &args.short_code)?;
    let grammars = room.config.grammars.dir.clone().unwrap_or_else(|| PathBuf::from(WORKSHOP));
    let fixtures = room.fixtures.join(&args.bank);
    let (grammar, samples) = (grammars.join(format!("{}.toml", args.bank)), fixtures.join("samples.toml"));
    // Both files are written, or neither.
    for file in [&grammar, &samples] {
        anyhow::ensure!(!file.exists(), "{}: it exists already, and is not overwritten", file.display());
    }
    std::fs::create_dir_all(&grammars).with_context(|| grammars.display().to_string())?;
    std::fs::create_dir_all(&fixtures).with_context(|| fixtures.display().to_string())?;
    write_new(&grammar, &files.grammar)?;
    write_new(&samples, &files.fixtures)?;
    line("read and correct both files, then run: mbush grammar check; mbush grammar test; mbush grammar coverage")?;
    if !room.is_a_servers(Some(&grammars)) {
        line(&format!(
            "a server reads them once its configuration names their folder: [grammars] dir = \"{}\"",
            grammars.display()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The sender of the texts: a mobile number, whose owner some texts top up.
fn sender(room: &Room, args: &Args) -> anyhow::Result<String> {
    let number = match &args.from {
        Some(from) => Some(numbers::find(&room.plan, from)?).filter(|line| line.kind == LineKind::Mobile),
        None => room.plan.sample_mobile("111222").and_then(|number| room.plan.line(number)),
    };
    let number = number.ok_or_else(|| anyhow!("--from: give a mobile number of the numbering plan"))?;
    Ok(number.msisdn.digits())
}

fn no_draft(problem: &NoSkeleton) -> anyhow::Error {
    match problem {
        NoSkeleton::Sample(problem) => anyhow!("{problem}"),
        NoSkeleton::Refused(failure) => {
            let why = failure.rejection.reason.words();
            anyhow!("a sample would be refused ({why}); write it as a customer would:\n{}", failure.picture())
        }
        NoSkeleton::Draft(diagnostics) => {
            let text: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
            let contradict = diagnostics.iter().any(|diagnostic| diagnostic.other.is_some());
            let what =
                if contradict { "the samples contradict each other" } else { "no form can be made of what was given" };
            anyhow!("{what}:\n{}", text.join("\n"))
        }
    }
}

/// Refuses a short code that another bank of the same set has. A folder without grammars is an empty set.
fn is_free(room: &Room, short_code: &ShortCode) -> anyhow::Result<()> {
    if room.config.grammars.dir.as_deref().is_some_and(|folder| !resources::has_grammars(folder)) {
        return Ok(());
    }
    let set = room.set()?;
    match set.banks().find(|bank| bank.short_codes.contains(short_code)) {
        Some(bank) => bail!("--short-code {short_code}: it is that of {} ({}); give another", bank.name, bank.id),
        None => Ok(()),
    }
}

/// Refuses to overwrite a file.
fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).with_context(|| path.display().to_string())?;
    file.write_all(text.as_bytes())?;
    line(&format!("wrote {}", path.display()))?;
    object(&json!({ "wrote": path.display().to_string() }))?;
    Ok(())
}
