//! The steps of a batch or a card.

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use chrono::Utc;
use serde_json::json;

use super::super::consent::Consent;
use super::super::style::{counted, line, object};
use crate::domain::voucher::{CardBatch, Serial, State};
use crate::domain::{CURRENCY, format_minor};
use crate::store::Store;
use crate::vouchers::{self, Step};

/// A batch, or one of its cards.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) enum Which {
    Batch(u32),
    Card(Serial),
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(number) if text.len() <= 5 => Ok(Self::Batch(number)),
            _ => text.parse().map(Self::Card).map_err(|error| format!("{error}; or write a batch's number, like 12")),
        }
    }
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct PrintArgs {
    /// Number of the batch
    batch: u32,
    /// The print file that the printer has received
    #[arg(long)]
    file: PathBuf,
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
    /// Reason, or an order number
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DistributeArgs {
    /// Number of the batch
    batch: u32,
    /// The distributor who has the cards
    #[arg(long, value_name = "DISTRIBUTOR")]
    to: String,
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Activate {
    /// Propose the activation; refused for the person who had the batch generated
    Propose(ActivateArgs),
    /// Approve the activation; refused for the proposer and for the person who had the batch generated
    Approve {
        #[command(flatten)]
        args: ActivateArgs,
        #[command(flatten)]
        consent: Consent,
    },
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ActivateArgs {
    /// Number of the batch
    batch: u32,
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
    /// Reason
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct StopArgs {
    /// Number of a batch, or serial of a card
    #[arg(value_name = "BATCH|SERIAL")]
    which: Which,
    /// Reason
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExpireArgs {
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
}

fn step(by: &str, note: &str) -> Step {
    Step { by: by.to_owned(), note: note.to_owned(), at: Utc::now() }
}

fn told(batch: &CardBatch) -> anyhow::Result<ExitCode> {
    object(&json!({ "batch": batch.number, "state": batch.state.as_str() }))?;
    line(&format!("batch {} is {}", batch.number, batch.state))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn print(store: &Store, args: &PrintArgs) -> anyhow::Result<ExitCode> {
    told(&vouchers::print(store, args.batch, &args.file, &step(&args.by, &args.note)).await?)
}

pub(super) async fn distribute(store: &Store, args: &DistributeArgs) -> anyhow::Result<ExitCode> {
    let step = step(&args.by, &format!("to {}", args.to));
    told(&vouchers::move_batch(store, args.batch, State::Distributed, &step).await?)
}

pub(super) async fn activate(store: &Store, command: &Activate) -> anyhow::Result<ExitCode> {
    match command {
        Activate::Propose(args) => {
            let batch = vouchers::propose(store, args.batch, &step(&args.by, &args.note)).await?;
            object(&json!({ "batch": batch.number, "state": batch.state.as_str(), "proposed_by": batch.proposed_by }))?;
            line(&format!(
                "proposed; another approves it with: mbush voucher activate approve {} --by NAME",
                batch.number
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Activate::Approve { args, consent } => {
            let step = step(&args.by, &args.note);
            let intent = async || {
                let batch = vouchers::approvable(store, args.batch, &step).await?;
                Ok(vec![format!("activate  {}: its cards can be redeemed from now on", described(&batch, &step))])
            };
            if let Some(end) = consent.given(intent).await? {
                return Ok(end);
            }
            told(&vouchers::approve(store, args.batch, &step).await?)
        }
    }
}

/// A batch and its total value.
fn described(batch: &CardBatch, step: &Step) -> String {
    let sum = format_minor(batch.amount.minor().saturating_mul(i64::from(batch.count)));
    let state = State::of_card(None, batch.state, batch.expires_at, step.at);
    let cards = counted(batch.count, "card");
    format!("batch {}, {cards} of {} {CURRENCY}, {sum} {CURRENCY} in all, {state}", batch.number, batch.amount)
}

/// The line that announces the block or void of a batch or a card.
async fn stopped(store: &Store, which: Which, to: State, step: &Step) -> anyhow::Result<String> {
    let what = match which {
        Which::Batch(number) => described(&vouchers::movable_batch(store, number, to, step).await?, step),
        Which::Card(serial) => {
            let card = vouchers::movable_card(store, serial, to, step).await?.card(serial);
            format!("card {serial} of {} {CURRENCY}, {}", card.amount, card.state(step.at))
        }
    };
    let until = if to == State::Void { "any more" } else { "until two people activate it again" };
    Ok(format!("{to:<9} {what}: it cannot be redeemed {until}"))
}

pub(super) async fn stop(store: &Store, args: &StopArgs, to: State) -> anyhow::Result<ExitCode> {
    let step = step(&args.by, &args.note);
    if let Some(end) = args.consent.given(async || Ok(vec![stopped(store, args.which, to, &step).await?])).await? {
        return Ok(end);
    }
    match args.which {
        Which::Batch(number) => told(&vouchers::move_batch(store, number, to, &step).await?),
        Which::Card(serial) => {
            vouchers::move_card(store, serial, to, &step).await?;
            line(&format!("card {serial} is {to}"))?;
            object(&json!({ "serial": serial.to_string(), "state": to.as_str() }))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

pub(super) async fn expire(store: &Store, args: &ExpireArgs) -> anyhow::Result<ExitCode> {
    let expired = vouchers::expire(store, &step(&args.by, "its date has passed")).await?;
    for number in &expired {
        line(&format!("batch {number} is expired"))?;
        object(&json!({ "batch": number, "state": State::Expired.as_str() }))?;
    }
    line(&counted(expired.len() as u64, "batch"))?;
    Ok(ExitCode::SUCCESS)
}
