//! `mbush account open NUMBER…`: opens accounts for numbers that were never topped up.

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use chrono::Utc;
use serde_json::json;

use super::super::consent::Consent;
use super::super::kinds::Kinds;
use super::super::style::{counted, line, object};
use super::super::{numbers, storage};
use crate::config::Config;
use crate::domain::{AccountKey, NumberingPlan, OtherAccount};
use crate::jobs::opening::{Opening, open, without_account};
use crate::store::Store;

/// Limit of the numbers that are shown one by one before the confirmation.
const SHOWN_MAX: usize = 20;
/// Limit of the invalid lines of a file that are reported.
const TOLD_MAX: usize = 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A number, in any spelling, or kind and identifier of another account (meter:04123456784); may be given several times.
    /// A number that has an account is left as it is
    #[arg(required_unless_present = "file", value_name = "NUMBER", action = clap::ArgAction::Append)]
    numbers: Vec<String>,
    /// A file with one number on each line; blank lines and text after `#` are ignored. `-` is standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
    /// Reason, which is kept with the account
    #[arg(long, default_value = "account opened", value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(args: &Args, config: &Config, plan: &NumberingPlan) -> anyhow::Result<ExitCode> {
    let numbers = args.numbers(config, plan)?;
    let opening = Opening { by: &args.by, reason: &args.reason, now: Utc::now() };
    opening.check()?;
    let store = storage::open_existing(config).await?;
    let result = carry_out(&numbers, opening, args.consent, &store).await;
    store.close().await;
    result
}

async fn carry_out(
    numbers: &[AccountKey],
    opening: Opening<'_>,
    consent: Consent,
    store: &Store,
) -> anyhow::Result<ExitCode> {
    let intent = async || {
        let new = without_account(store, numbers).await?;
        let mut would: Vec<String> = new.iter().take(SHOWN_MAX).map(|number| format!("open      {number}")).collect();
        if new.len() > SHOWN_MAX {
            would.push(format!("          and {} more", new.len() - SHOWN_MAX));
        }
        would.push(summary(new.len(), numbers.len(), "to open"));
        Ok(would)
    };
    if let Some(end) = consent.given(intent).await? {
        return Ok(end);
    }
    let opened: BTreeSet<AccountKey> = open(store, numbers, opening).await?.into_iter().collect();
    for number in numbers {
        let is_new = opened.contains(number);
        object(&json!({
            "account": number.to_string(), "opened": is_new, "by": is_new.then_some(opening.by),
            "why": is_new.then_some(opening.reason), "at": is_new.then_some(opening.now),
        }))?;
    }
    line(&summary(opened.len(), numbers.len(), "opened"))?;
    Ok(ExitCode::SUCCESS)
}

fn summary(new: usize, all: usize, done: &str) -> String {
    let had = all.saturating_sub(new);
    let accounts = format!("{} {done}", counted(new as u64, "account"));
    if had == 0 { accounts } else { format!("{accounts}; {} had one already", counted(had as u64, "number")) }
}

impl Args {
    /// All numbers without duplicates.
    fn numbers(&self, config: &Config, plan: &NumberingPlan) -> anyhow::Result<Vec<AccountKey>> {
        let mut written: Vec<(String, String)> =
            self.numbers.iter().map(|number| (String::new(), number.clone())).collect();
        if let Some(file) = &self.file {
            written.extend(of_file(file)?);
        }
        let (mut accounts, mut wrong) = (BTreeSet::new(), Vec::new());
        let kinds = LazyCell::new(|| Kinds::read(config));
        for (place, number) in &written {
            match account(plan, &kinds, number) {
                Ok(account) => drop(accounts.insert(account)),
                Err(problem) => wrong.push(format!("{place}{problem}")),
            }
        }
        if !wrong.is_empty() {
            let more = wrong.len().saturating_sub(TOLD_MAX);
            wrong.truncate(TOLD_MAX);
            if more > 0 {
                wrong.push(format!("and {more} more"));
            }
            bail!("nothing was opened:\n{}", wrong.join("\n"));
        }
        if accounts.is_empty() {
            bail!("no number was given: give one, or a file with one number on each line");
        }
        Ok(accounts.into_iter().collect())
    }
}

/// The account of a number, or of a kind and an identifier that a form takes.
fn account(
    plan: &NumberingPlan,
    kinds: &LazyCell<Kinds, impl FnOnce() -> Kinds>,
    written: &str,
) -> anyhow::Result<AccountKey> {
    let Ok(other) = written.parse::<OtherAccount>() else {
        return Ok(numbers::of_line(&numbers::find(plan, written)?));
    };
    kinds.problem(&other).map_or_else(|| Ok(other.key()), |problem| Err(anyhow!(problem)))
}

/// The numbers of a file, each with its line.
fn of_file(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    }
    let numbers = text.lines().enumerate().map(|(place, line)| {
        let number = line.split('#').next().unwrap_or_default().trim();
        (format!("{}:{}: ", file.display(), place + 1), number.to_owned())
    });
    Ok(numbers.filter(|(_, number)| !number.is_empty()).collect())
}
