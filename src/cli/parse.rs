//! `mbush parse`: what a bank's grammar makes of a text, and what the settings make of that, without carrying anything out.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde::Serialize;

use super::exit::Exit;
use super::resources;
use super::settings::Settings;
use super::style::{Paper, complain, counted, is_closed, line, marked, object};
use crate::domain::{NumberingPlan, Request, ShortCode, Target};
use crate::grammar::{GrammarSet, Incoming, ParseFailure, Reading};
use crate::simulator::{DEFAULT_SENDER, Text};

/// Longest line of a batch, in bytes.
const LINE_BYTES_MAX: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The number that is texted: 50005
    #[arg(required_unless_present = "batch")]
    short_code: Option<ShortCode>,
    /// What is written to it
    #[arg(required_unless_present = "batch")]
    text: Option<String>,
    /// The sender; it is topped up where the text names no number
    #[arg(long, value_name = "NUMBER", default_value = DEFAULT_SENDER)]
    from: String,
    /// Read JSON lines of {"from", "to", "text"} from this file (- is standard input), print one object a line; without
    /// `from` it is --from
    #[arg(long, value_name = "FILE", conflicts_with_all = ["short_code", "text"])]
    batch: Option<PathBuf>,
    /// Folder of grammars, instead of the configured or built-in ones
    #[arg(long, value_name = "FOLDER")]
    grammars: Option<PathBuf>,
}

/// What is printed for one text.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    outcome: &'static str,
    bank: Option<String>,
    form: Option<String>,
    service: Option<&'static str>,
    target: Option<String>,
    operator: Option<String>,
    amount_cents: Option<i64>,
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    right_form: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expected: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    repeat: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

pub(super) fn run(args: &Args, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut config = resources::config(file)?;
    if let Some(folder) = &args.grammars {
        config.grammars.dir = Some(folder.clone());
    }
    let plan = resources::plan(&config)?;
    let grammars = resources::grammars(&config, &plan)?;
    let settings = Settings::of(&config, file);
    if let Some(file) = &args.batch {
        return batch(&grammars, &settings, file, &args.from);
    }
    let (Some(short_code), Some(text)) = (&args.short_code, &args.text) else {
        bail!("give a short code and a text, as in: mbush parse 50005 \"049123456 5\"");
    };
    let incoming = Incoming { from: &args.from, to: short_code.as_str(), text, link: None };
    let reading = settings.served(&incoming, grammars.read(&incoming));
    object(&report(&reading))?;
    print(&plan, &grammars, &reading)?;
    Ok(Exit::from(reading.is_ok()).into())
}

fn batch(grammars: &GrammarSet, settings: &Settings<'_>, file: &Path, from: &str) -> anyhow::Result<ExitCode> {
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(file).with_context(|| file.display().to_string())?)
    };
    let mut input = BufReader::new(input);
    let mut out = Paper::new();
    let mut text = Vec::new();
    let mut number = 0_u64;
    let mut bad = 0_u64;
    while !is_closed() {
        text.clear();
        number += 1;
        if input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match Text::from_line(&text, from) {
            Ok(item) => {
                let incoming = Incoming { from: &item.from, to: &item.to, text: &item.text, link: None };
                out.object(&report(&settings.served(&incoming, grammars.read(&incoming))))?;
            }
            Err(error) => {
                bad += 1;
                let detail = format!("line {number}: {error}");
                out.object(&serde_json::json!({ "outcome": "unreadable", "reason": "bad_line", "value": detail }))?;
            }
        }
    }
    out.flush()?;
    if bad > 0 {
        complain(&format!("mbush: not a JSON object of from, to and text: {}", counted(bad, "line")));
    }
    Ok(Exit::from(bad == 0).into())
}

pub(super) fn report(reading: &Result<Reading, Box<ParseFailure>>) -> Report {
    match reading {
        Ok(reading) => report_of(reading),
        Err(failure) => failed(failure),
    }
}

fn report_of(reading: &Reading) -> Report {
    match reading {
        Reading::Recharge(request) => recharge(request),
        Reading::Voucher(voucher) => {
            let (target, operator) = target(&voucher.target);
            let (bank, form) = (Some(voucher.bank.clone()), Some(voucher.form.clone()));
            Report {
                outcome: "command",
                bank,
                form,
                service: Some("voucher"),
                target: Some(target),
                operator,
                ..Report::default()
            }
        }
        Reading::Transfer(transfer) => Report {
            outcome: "command",
            bank: Some(transfer.bank.clone()),
            form: Some(transfer.form.clone()),
            service: Some(transfer.giving.as_str()),
            target: Some(transfer.line.msisdn.to_string()),
            operator: transfer.line.operator.as_deref().map(str::to_owned),
            amount_cents: Some(transfer.amount.cents()),
            repeat: transfer.repeat,
            ..Report::default()
        },
        Reading::Confirm { bank, .. } => inquiry(bank, "confirm"),
        Reading::Pin(change) => inquiry(&change.bank, "pin"),
        Reading::Help { bank } => inquiry(bank, "help"),
        Reading::Balance { bank } => inquiry(bank, "balance"),
        Reading::Language { bank, .. } => inquiry(bank, "language"),
        Reading::Stop { bank } => inquiry(bank, "stop"),
    }
}

fn failed(failure: &ParseFailure) -> Report {
    let rejection = &failure.rejection;
    Report {
        outcome: if rejection.reason.is_unreadable() { "unreadable" } else { "refused" },
        bank: failure.bank.clone(),
        reason: Some(rejection.reason.as_str()),
        value: rejection.details.value.clone(),
        right_form: rejection.details.form.clone(),
        column: Some(failure.position + 1),
        expected: failure.expected.clone(),
        ..Report::default()
    }
}

fn inquiry(bank: &str, about: &'static str) -> Report {
    Report { outcome: "command", bank: Some(bank.to_owned()), service: Some(about), ..Report::default() }
}

/// A target and its operator, as they are printed.
fn target(target: &Target) -> (String, Option<String>) {
    match target {
        Target::Line(line) => (line.msisdn.to_string(), line.operator.as_deref().map(str::to_owned)),
        Target::Username(name) => (name.clone(), None),
        Target::Registered(msisdn) => (msisdn.to_string(), None),
    }
}

fn recharge(request: &Request) -> Report {
    let (target, operator) = target(&request.target);
    Report {
        outcome: "command",
        bank: Some(request.bank.clone()),
        form: Some(request.form.clone()),
        service: Some(request.service.as_str()),
        target: Some(target),
        operator,
        amount_cents: request.amount.map(crate::domain::Amount::cents),
        repeat: request.repeat,
        reference: request.reference.clone(),
        ..Report::default()
    }
}

fn print(
    plan: &NumberingPlan,
    grammars: &GrammarSet,
    reading: &Result<Reading, Box<ParseFailure>>,
) -> std::io::Result<()> {
    match reading {
        Ok(Reading::Recharge(request)) => {
            marked("", "command", &format!("  {}", sentence(plan, request)))?;
            let known = grammars.banks().find(|known| known.id == request.bank);
            let (name, evidence) =
                known.map_or((request.bank.as_str(), ""), |known| (known.name, known.evidence.as_str()));
            line(&format!("bank     {name} ({evidence}), form \"{}\"", request.form))
        }
        Ok(reading) => {
            let report = report_of(reading);
            marked("", "command", &format!("  {}", report.service.unwrap_or_default()))
        }
        Err(failure) => {
            let rejection = &failure.rejection;
            let outcome = if rejection.reason.is_unreadable() { "unreadable" } else { "refused" };
            marked("", outcome, &format!("  {}", rejection.reason.as_str().replace('_', " ")))?;
            // Set in where the text has lines of its own: none of them can pose as one of ours.
            let margin = if failure.text.contains('\n') { "  " } else { "" };
            failure.picture().lines().try_for_each(|text| line(&format!("{margin}{text}")))?;
            match &rejection.details.form {
                Some(form) => line(&format!("right form: {form}")),
                None => Ok(()),
            }
        }
    }
}

fn sentence(plan: &NumberingPlan, request: &Request) -> String {
    let amount = request.amount.map_or_else(String::new, |amount| format!(" with {amount} EUR"));
    let again = if request.repeat { ", once more" } else { "" };
    let whom = match &request.target {
        Target::Line(line) => {
            let operator =
                line.operator.as_deref().and_then(|id| plan.operator_name(id)).unwrap_or("no operator known");
            format!("{} ({operator})", line.msisdn)
        }
        Target::Username(name) => format!("of the user {name}"),
        Target::Registered(msisdn) => format!("registered to {msisdn}"),
    };
    format!("top up {} {whom}{amount}{again}", request.service)
}
