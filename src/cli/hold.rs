//! `mbush hold`: money that stays on an account and cannot be spent.

use std::path::Path;
use std::process::ExitCode;

use anyhow::anyhow;
use chrono::{TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::staff::{Counter, Signature, tell};
use super::style::{line, local, object};
use crate::domain::{Amount, parse_cents};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Keep credit from being spent
    Place {
        /// The number, or an account's name
        number: String,
        /// Euros, as 5.00
        #[arg(value_parser = amount)]
        amount: Amount,
        /// Days after which it is let go; `staff.hold_days` of the configuration where none are given
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=366))]
        days: Option<u16>,
        #[command(flatten)]
        signature: Signature,
    },
    /// Take what a hold keeps, or less of it
    Post {
        /// The hold, as `list` shows it
        id: Uuid,
        /// Euros; the rest is free again
        #[arg(long, value_name = "EUROS", value_parser = amount)]
        amount: Option<Amount>,
        #[command(flatten)]
        signature: Signature,
    },
    /// Let go what a hold keeps
    Void {
        /// The hold, as `list` shows it
        id: Uuid,
        #[command(flatten)]
        signature: Signature,
    },
    /// The holds that are pending, the oldest first
    List {
        /// The number, or an account's name; all where none is given
        number: Option<String>,
        /// Most lines
        #[arg(long, default_value_t = 50, value_name = "LINES")]
        limit: u32,
    },
}

fn amount(written: &str) -> Result<Amount, String> {
    Amount::from_cents(parse_cents(written)?).map_err(|error| error.to_string())
}

pub(super) async fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let counter = Counter::open(config).await?;
    let result = carry_out(command, &counter).await;
    counter.store.close().await;
    result
}

async fn carry_out(command: &Command, counter: &Counter) -> anyhow::Result<ExitCode> {
    match command {
        Command::Place { number, amount, days, signature } => {
            let account = counter.account(number)?;
            let days = days.unwrap_or(counter.config.staff.hold_days);
            let until = Utc::now() + TimeDelta::days(i64::from(days));
            let done = counter.desk.place_hold(&account, *amount, until, &signature.why()).await?;
            line(&format!("hold      {} until {}", done.action, local(until)))?;
            // The object of what was done has the hold's identifier as `action`.
            tell(&done, "held")
        }
        Command::Post { id, amount, signature } => {
            tell(&counter.desk.post_hold(*id, *amount, &signature.why()).await?, "taken")
        }
        Command::Void { id, signature } => tell(&counter.desk.void_hold(*id, &signature.why()).await?, "let go"),
        Command::List { number, limit } => {
            let account = number.as_deref().map(|number| counter.account(number)).transpose()?;
            let holds = counter.store.pending_holds(account.as_ref(), *limit).await.map_err(|error| anyhow!(error))?;
            for hold in &holds {
                let (placed, until) = (local(hold.placed_at), local(hold.expires_at));
                let (amount, reason) = (hold.amount, hold.reason);
                object(&json!({
                    "hold": hold.id, "account": hold.account.to_string(), "amount_cents": amount.cents(),
                    "reason": reason.as_str(), "placed_at": hold.placed_at, "expires_at": hold.expires_at,
                }))?;
                line(&format!("{}  {placed}  {}  {amount} EUR  {reason}  until {until}", hold.id, hold.account))?;
            }
            line(&format!("{} pending", holds.len()))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
