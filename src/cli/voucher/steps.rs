//! The steps of a batch or a card.

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use chrono::Utc;

use super::super::style::line;
use crate::domain::voucher::{Batch, Serial, State};
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
    /// The batch's number
    batch: u32,
    /// The print file that the printer has
    #[arg(long)]
    file: PathBuf,
    /// Who does it
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
    /// Why, or with what order number
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DistributeArgs {
    /// The batch's number
    batch: u32,
    /// Who has the cards
    #[arg(long, value_name = "DISTRIBUTOR")]
    to: String,
    /// Who does it
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
}

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Activate {
    /// Propose it: not who had the batch generated
    Propose(ActivateArgs),
    /// Agree: neither who proposed it nor who had the batch generated
    Approve(ActivateArgs),
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ActivateArgs {
    /// The batch's number
    batch: u32,
    /// Who does it
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
    /// Why
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct StopArgs {
    /// A batch's number, or a card's serial
    #[arg(value_name = "BATCH|SERIAL")]
    which: Which,
    /// Why
    #[arg(long, value_name = "TEXT")]
    note: String,
    /// Who does it
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExpireArgs {
    /// Who does it
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
}

fn step(by: &str, note: &str) -> Step {
    Step { by: by.to_owned(), note: note.to_owned(), at: Utc::now() }
}

fn told(batch: &Batch) -> anyhow::Result<ExitCode> {
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
            line(&format!("proposed; somebody else now: mbush voucher activate approve {} --by NAME", batch.number))?;
            Ok(ExitCode::SUCCESS)
        }
        Activate::Approve(args) => told(&vouchers::approve(store, args.batch, &step(&args.by, &args.note)).await?),
    }
}

pub(super) async fn stop(store: &Store, args: &StopArgs, to: State) -> anyhow::Result<ExitCode> {
    let step = step(&args.by, &args.note);
    match args.which {
        Which::Batch(number) => told(&vouchers::move_batch(store, number, to, &step).await?),
        Which::Card(serial) => {
            vouchers::move_card(store, serial, to, &step).await?;
            line(&format!("card {serial} is {to}"))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

pub(super) async fn expire(store: &Store, args: &ExpireArgs) -> anyhow::Result<ExitCode> {
    let expired = vouchers::expire(store, &step(&args.by, "its date has passed")).await?;
    for number in &expired {
        line(&format!("batch {number} is expired"))?;
    }
    line(&format!("{} batches", expired.len()))?;
    Ok(ExitCode::SUCCESS)
}
