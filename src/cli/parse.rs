//! `mbush parse`: parses a text with a bank's grammar and applies the settings, without carrying anything out.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::exit::Exit;
use super::reading::{bad_line, origin, report, sentence};
use super::resources::WORKSHOP;
use super::settings::Settings;
use super::style::{Paper, complain, counted, is_closed, line, marked, object};
use super::{numbers, resources};
use crate::domain::{NumberingPlan, Reason, ShortCode};
use crate::grammar::{GrammarSet, Incoming, ParseFailure, Reading, Verifier};
use crate::simulator::Text;
use crate::text::templates::Templates;

/// Maximum length of a line of a batch, in bytes.
const LINE_BYTES_MAX: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The short code that the text is sent to, for example 50005
    #[arg(required_unless_present = "batch")]
    short_code: Option<ShortCode>,
    /// The text
    #[arg(required_unless_present = "batch")]
    text: Option<String>,
    /// The sender, whose number is topped up if the text names none; by default a mobile number of the numbering plan
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// Read JSON lines of {"from", "to", "text"} from this file (- is standard input), print an object for each;
    /// --from is the sender of lines without `from`
    #[arg(long, value_name = "FILE", conflicts_with_all = ["short_code", "text"])]
    batch: Option<PathBuf>,
    /// Folder of grammars, in place of the configured or built-in ones, with their numbering plan in its folder
    /// `numbering`, if they have one
    #[arg(long, value_name = "FOLDER")]
    grammars: Option<PathBuf>,
}

pub(super) fn run(args: &Args, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut config = resources::config(file)?;
    if let Some(folder) = &args.grammars {
        resources::use_grammars(&mut config, folder)?;
    }
    let plan = resources::plan(&config)?;
    let grammars = resources::grammars(&config, &plan)?;
    let settings = Settings::of(&config, file);
    let from = numbers::sender(&plan, args.from.as_deref());
    if let Some(file) = &args.batch {
        return batch(&grammars, &settings, file, &from);
    }
    let (Some(short_code), Some(text)) = (&args.short_code, &args.text) else {
        bail!("give a short code and a text");
    };
    let incoming = Incoming { from: &from, to: short_code.as_str(), text, link: None };
    let reading = settings.served(&grammars, &incoming, grammars.read(&incoming));
    object(&report(&grammars, &reading, &from))?;
    print(&plan, &resources::templates(&config)?, &grammars, config.grammars.dir.as_deref(), &from, &reading)?;
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
                let reading = settings.served(grammars, &incoming, grammars.read(&incoming));
                out.object(&report(grammars, &reading, &item.from))?;
            }
            Err(error) => {
                bad += 1;
                out.object(&bad_line(format!("line {number}: {error}")))?;
            }
        }
    }
    out.flush()?;
    if bad > 0 {
        complain(&format!("mbush: not a JSON object of from, to and text: {}", counted(bad, "line")));
    }
    Ok(Exit::from(bad == 0).into())
}

fn print(
    plan: &NumberingPlan,
    templates: &Templates,
    grammars: &GrammarSet,
    place: Option<&Path>,
    from: &str,
    reading: &Result<Reading, Box<ParseFailure>>,
) -> std::io::Result<()> {
    match reading {
        Ok(reading) => {
            marked("", "command", &format!("  {}", sentence(plan, templates, reading)))?;
            let (bank, form) = origin(reading);
            let known = grammars.banks().find(|known| known.id == bank);
            let (name, evidence) = known.map_or((bank, ""), |known| (known.name, known.evidence.as_str()));
            line(&format!("bank     {name} ({evidence}), form \"{form}\""))?;
            match grammars.verifier(bank, form) {
                Some(Verifier::Bank) => line("PIN      if the bank, which is asked, says that it is right"),
                Some(Verifier::Subscriber | Verifier::Dealer) => line("PIN      if it is the sender's PIN"),
                None => Ok(()),
            }
        }
        Err(failure) => {
            let rejection = &failure.rejection;
            let outcome = if rejection.reason.is_unreadable() { "unreadable" } else { "refused" };
            marked("", outcome, &format!("  {}", rejection.reason.words()))?;
            if rejection.is_about_sender(from) {
                return line(&format!("--from {from}: the text is for its sender's number, which is not in the plan"));
            }
            if rejection.reason == Reason::UnknownShortCode {
                return known_short_codes(grammars, place);
            }
            // Indented if the text has several lines, so that none of them looks like a line of this program.
            let margin = if failure.text.contains('\n') { "  " } else { "" };
            failure.picture().lines().try_for_each(|text| line(&format!("{margin}{text}")))?;
            match &rejection.details.form {
                Some(form) => line(&format!("right form: {form}")),
                None => Ok(()),
            }
        }
    }
}

/// The short codes of the grammars that were read, and the folder of others that may have been meant.
fn known_short_codes(grammars: &GrammarSet, place: Option<&Path>) -> std::io::Result<()> {
    let mut codes: Vec<&str> = grammars.banks().flat_map(|bank| bank.short_codes).map(ShortCode::as_str).collect();
    codes.sort_unstable();
    let shown = place.map_or_else(|| "built in".to_owned(), |place| place.display().to_string());
    line(&format!("the grammars ({shown}) have the short codes {}", codes.join(", ")))?;
    if place.is_none() && resources::has_grammars(Path::new(WORKSHOP)) {
        line(&format!("--grammars {WORKSHOP} reads those of the folder {WORKSHOP}"))?;
    }
    Ok(())
}
