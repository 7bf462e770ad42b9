//! `mbush grammar try`

use std::process::ExitCode;

use serde_json::{Value, json};

use super::Room;
use crate::cli::reading::{origin, report, sentence};
use crate::cli::settings::Settings;
use crate::cli::style::{line, marked, object};
use crate::cli::{numbers, resources};
use crate::grammar::{FormTrace, GrammarSet, Incoming, ParseFailure, Reading};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The text
    text: String,
    /// The bank whose forms are tried; by default all banks
    #[arg(long, value_name = "BANK")]
    bank: Option<String>,
    /// The sender; by default a mobile number of the numbering plan
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
}

pub(super) fn run(room: &Room, args: &Args) -> anyhow::Result<ExitCode> {
    let (set, templates) = (room.set()?, resources::templates(&room.config)?);
    room.banks(&set, args.bank.as_deref())?;
    let from = numbers::sender(&room.plan, args.from.as_deref());
    let settings = Settings::of(&room.config, room.file.as_deref());
    for tried in set.try_text(args.bank.as_deref(), &from, &args.text) {
        let incoming = Incoming { from: &from, to: "", text: &args.text, link: None };
        let outcome = settings.served(&set, &incoming, tried.outcome);
        object(&as_json(&set, tried.bank, &outcome, &from))?;
        match outcome {
            Ok(reading) => {
                let (form, told) = (origin(&reading).1, sentence(&room.plan, &templates, &reading));
                marked("", tried.bank, &format!("  read by `{form}`: {told}"))?;
            }
            Err(failure) => not_read(tried.bank, &failure, &from)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(set: &GrammarSet, bank: &str, outcome: &Result<Reading, Box<ParseFailure>>, from: &str) -> Value {
    let mut shown = serde_json::to_value(report(set, outcome, from)).unwrap_or_default();
    shown["bank"] = json!(bank);
    if let Err(failure) = outcome {
        let form =
            |form: &FormTrace| json!({ "form": form.form, "column": form.position + 1, "expected": form.expected });
        shown["forms"] = failure.trace.iter().map(form).collect();
    }
    shown
}

fn not_read(bank: &str, failure: &ParseFailure, from: &str) -> std::io::Result<()> {
    marked("", bank, &format!("  not read: {}", failure.rejection.reason.words()))?;
    if failure.rejection.is_about_sender(from) {
        return line(&format!("    --from {from}: the text is for its sender's number, which is not in the plan"));
    }
    for row in failure.picture().lines() {
        line(&format!("    {row}"))?;
    }
    for form in &failure.trace {
        line(&format!(
            "    `{}` matches up to column {}; expected {}",
            form.form,
            form.position + 1,
            form.expected.join(" or ")
        ))?;
    }
    Ok(())
}
