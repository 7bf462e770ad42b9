//! `mbush audit`: proves the ledger of a live database; `seal` and `keygen` handle the heads of days.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::anyhow;
use chrono::{NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use super::exit::Exit;
use super::style::{counted, line, object, progress};
use super::{audit_key, resources, storage};
use crate::config::Config;
use crate::config::jobs::Audit as Settings;
use crate::domain::{CURRENCY, Clock, Floor, format_minor};
use crate::jobs::DaySealer;
use crate::store::{Audit, Progress, PublicKey, SealedDays, Stage, last_over};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Seal the days that are over; a running server does this by itself some time after midnight
    Seal,
    /// Make a key that signs days, in a file that only its owner can read, and print its public key
    Keygen {
        /// The file to write; it must not exist
        file: PathBuf,
    },
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match &args.command {
        Some(Command::Keygen { file }) => keygen(file),
        Some(Command::Seal) => seal(&resources::config(config)?).await,
        None => prove(&resources::config(config)?).await,
    }
}

fn keygen(file: &Path) -> anyhow::Result<ExitCode> {
    let public = hex::encode(audit_key::generate(file)?);
    object(&json!({ "wrote": file.display().to_string(), "public_key": public }))?;
    line(&format!("wrote {}; its public key is", file.display()))?;
    line(&public)?;
    line(
        "Enter the file under [audit] signing_key_file. To audit elsewhere, enter the public key in audit.trusted_keys.",
    )?;
    Ok(ExitCode::SUCCESS)
}

fn seal_after(settings: &Settings) -> TimeDelta {
    TimeDelta::minutes(i64::from(settings.seal_after_minutes))
}

async fn seal(config: &Config) -> anyhow::Result<ExitCode> {
    let key = audit_key::read(&config.audit)?;
    let key =
        key.ok_or_else(|| anyhow!("[audit] signing_key_file is not configured; `mbush audit keygen FILE` makes one"))?;
    let store = storage::open_existing(config).await?;
    let sealer = DaySealer::new(store.clone(), key, seal_after(&config.audit), Clock::new(Utc::now), Floor::default());
    let heads = sealer.seal().await;
    store.close().await;
    let heads = heads?;
    for head in &heads {
        let (transfers, sum) = (counted(head.transfers, "transfer"), format_minor(head.sum_minor));
        object(&json!({
            "day": head.day, "transfers": head.transfers, "sum_minor": head.sum_minor, "hash": hex::encode(head.hash()),
        }))?;
        line(&format!("{}  {transfers}, {sum} {CURRENCY}  {}", head.day, hex::encode(head.hash())))?;
    }
    line(&format!("{} sealed", counted(heads.len() as u64, "day")))?;
    Ok(ExitCode::SUCCESS)
}

async fn prove(config: &Config) -> anyhow::Result<ExitCode> {
    let trusted = audit_key::trusted(&config.audit)?;
    let store = storage::open_existing(config).await?;
    let audit = store.audit(&mut show).await;
    progress("");
    let audit = audit?;
    store.close().await;
    let (transfers, accounts) = (counted(audit.transfers, "transfer"), counted(audit.accounts, "account"));
    let (messages, holds) = (counted(audit.messages, "applied message"), counted(audit.holds, "hold"));
    let actions = counted(audit.actions, "action");
    line(&format!("{transfers}, {accounts}, {messages}, {holds} and {actions} of staff examined"))?;
    if let Some(offence) = &audit.offence {
        line(&format!("NOT SOUND: {offence}"))?;
        object(&as_json(&audit, false))?;
        return Ok(Exit::No.into());
    }
    let are_good = days(&audit.days, &trusted, &config.audit)?;
    object(&as_json(&audit, are_good))?;
    if !are_good {
        return Ok(Exit::No.into());
    }
    line("sound: money is conserved, each balance is the sum of its transfers, no chain is broken,")?;
    line("each transfer has one cause, a message or an action of staff, which names it and is unchanged;")?;
    line(&format!("{} carried out and recorded; held amounts match the holds", counted(audit.requests, "request")))?;
    if audit.without_cause > 0 {
        line(&format!(
            "{} of a version that did not hash causes: the contents of their messages and actions, and their requests, \
             are not proven",
            counted(audit.without_cause, "transfer")
        ))?;
    }
    if audit.cards > 0 {
        line(&format!(
            "{} examined: each was paid once, with its amount, from its batch's liability",
            counted(audit.cards, "used scratch card")
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The proof for the JSON output; `sound` is true if all checks pass, including those of sealed days.
fn as_json(audit: &Audit, sound: bool) -> Value {
    let days = &audit.days;
    let signers: Vec<String> = days.signers.keys().map(hex::encode).collect();
    json!({
        "sound": sound, "offence": audit.offence.as_ref().map(ToString::to_string), "transfers": audit.transfers,
        "accounts": audit.accounts, "messages": audit.messages, "holds": audit.holds, "actions": audit.actions,
        "cards": audit.cards, "requests": audit.requests, "without_cause": audit.without_cause,
        "days": {
            "sealed": days.heads, "last": days.last.as_ref().map(|head| head.day),
            "head": days.last.as_ref().map(|head| hex::encode(head.hash())), "late": days.late, "signed_by": signers,
            "transfers_not_sealed": days.unsealed, "first_not_sealed": days.first_unsealed,
        },
    })
}

/// Reports the sealed days and their signers. Returns `false` if a signer is not trusted or if sealed days are missing.
fn days(days: &SealedDays, trusted: &BTreeSet<PublicKey>, settings: &Settings) -> anyhow::Result<bool> {
    let over = last_over(Utc::now(), seal_after(settings));
    let Some(last) = &days.last else { return none_sealed(days.first_unsealed, over, settings) };
    let (heads, hash) = (counted(days.heads, "day"), hex::encode(last.hash()));
    line(&format!("{heads} sealed, up to {}; compare its head with the one in the log: {hash}", last.day))?;
    if !days.late.is_empty() {
        let late = counted(i64::try_from(days.late.len()).unwrap_or(i64::MAX), "day");
        line(&format!(
            "{late} sealed late ({}): make sure that this was ordered and that no heads were replaced",
            spans(&days.late)
        ))?;
    }
    if let (Some(first), Some(over)) = (last.day.succ_opt(), over) {
        if first < over {
            return unsealed(first, over);
        }
        if first == over {
            line(&format!("{over} is over; a running server will seal it soon"))?;
        }
    }
    line(&format!("{} of days that are not sealed yet", counted(days.unsealed, "transfer")))?;
    signers(days, trusted)
}

/// Reports a ledger without a sealed day. Returns `false` if there should be one.
fn none_sealed(first: Option<NaiveDate>, over: Option<NaiveDate>, settings: &Settings) -> anyhow::Result<bool> {
    if let (Some(_), Some(first), Some(over)) = (&settings.signing_key_file, first, over)
        && first < over
    {
        return unsealed(first, over);
    }
    line(match settings.signing_key_file {
        Some(_) => "no day is sealed yet",
        None => {
            "no day is sealed: there is no [audit] signing_key_file, so a ledger rewritten as a whole is not detected"
        }
    })?;
    Ok(true)
}

/// Reports signers that are not trusted. Returns `false` if trusted keys are configured and one is not among them.
fn signers(days: &SealedDays, trusted: &BTreeSet<PublicKey>) -> anyhow::Result<bool> {
    for (key, first) in days.signers.iter().filter(|(key, _)| !trusted.contains(*key)) {
        let key = hex::encode(key);
        if trusted.is_empty() {
            line(&format!("signed by {key}: no trusted key is configured here; see audit.trusted_keys"))?;
        } else {
            line(&format!("NOT SOUND: day_heads {first}: signed with {key}, which is not in audit.trusted_keys"))?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// The days in order, with consecutive days joined to spans.
fn spans(days: &[NaiveDate]) -> String {
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((_, last)) if last.succ_opt() == Some(*day) => *last = *day,
            _ => spans.push((*day, *day)),
        }
    }
    let shown = |(first, last): &(NaiveDate, NaiveDate)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    };
    spans.iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// A running server seals each day by itself. If several are not sealed, heads may have been removed.
fn unsealed(first: NaiveDate, last: NaiveDate) -> anyhow::Result<bool> {
    line(&format!(
        "NOT PROVEN: the days from {first} to {last} are over and not sealed: no server ran, the key is new, or heads were \
         removed; compare the last head with the log, then seal these days with `mbush audit seal`"
    ))?;
    Ok(false)
}

fn show(so_far: Progress) {
    let what = match so_far.stage {
        Stage::Transfers => "transfers",
        Stage::Accounts => "accounts",
        Stage::Messages => "messages",
        Stage::Holds => "holds",
        Stage::Actions => "actions",
    };
    progress(&format!("{what:<12} {} of {}", so_far.done, so_far.total));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_follow_each_other_are_one_span() {
        let days = |days: &[&str]| spans(&days.iter().map(|day| day.parse().unwrap()).collect::<Vec<_>>());
        assert_eq!(days(&["2026-11-20"]), "2026-11-20");
        let several = ["2026-11-29", "2026-11-30", "2026-12-01", "2026-12-05", "2026-12-07", "2026-12-08"];
        assert_eq!(days(&several), "2026-11-29 to 2026-12-01, 2026-12-05, 2026-12-07 to 2026-12-08");
    }
}
