//! `mbush hold`: amounts of an account that are held and cannot be spent.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use chrono::{TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::consent::Consent;
use super::staff::{Counter, Signature, foretold, identifier, moves, tell};
use super::style::{line, local, object, shown_of};
use super::sum::Sum;
use crate::domain::{Amount, CURRENCY, format_minor};
use crate::processor::Done;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Place a hold on credit, so that it cannot be spent
    Place {
        /// The number, or the name of an account
        number: String,
        /// Amount, as 5.00
        amount: Sum,
        /// Days after which the hold is released; by default `staff.hold_days` of the configuration
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=366))]
        days: Option<u16>,
        #[command(flatten)]
        signature: Signature,
    },
    /// Capture the amount of a hold, or a part of it
    Post {
        /// Identifier of the hold, as `list` shows it
        #[arg(value_parser = identifier)]
        id: Uuid,
        /// Amount; the rest is released
        #[arg(long, value_name = "AMOUNT")]
        amount: Option<Sum>,
        #[command(flatten)]
        signature: Signature,
        #[command(flatten)]
        consent: Consent,
    },
    /// Void a hold, so that its amount can be spent again
    Void {
        /// Identifier of the hold, as `list` shows it
        #[arg(value_parser = identifier)]
        id: Uuid,
        #[command(flatten)]
        signature: Signature,
        #[command(flatten)]
        consent: Consent,
    },
    /// List the pending holds, the oldest first
    List {
        /// The number, or the name of an account; by default all accounts
        number: Option<String>,
        /// Maximum number of lines
        #[arg(long, default_value_t = 50, value_name = "LINES")]
        limit: u32,
    },
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
            let account = counter.account(number).await?;
            let days = days.unwrap_or(counter.config.staff.hold_days);
            let until = Utc::now() + TimeDelta::days(i64::from(days));
            let done = counter.orders.place_hold(&account, amount.amount()?, until, &signature.why()).await?;
            line(&format!("hold      {} until {}", done.action, local(until)))?;
            // The result object has the identifier of the hold as `action`.
            tell(&done, "held", None)
        }
        Command::Post { id, amount, signature, consent } => {
            let (why, amount) = (signature.why(), amount.as_ref().map(Sum::amount).transpose()?);
            let trial = async || counter.orders.trial().post_hold(*id, amount, &why).await;
            if let Some(end) = consent.given(async || intent(counter, "capture", *id, trial().await?).await).await? {
                return Ok(end);
            }
            tell(&counter.orders.post_hold(*id, amount, &why).await?, "captured", None)
        }
        Command::Void { id, signature, consent } => {
            let why = signature.why();
            let trial = async || counter.orders.trial().void_hold(*id, &why).await;
            if let Some(end) = consent.given(async || intent(counter, "release", *id, trial().await?).await).await? {
                return Ok(end);
            }
            tell(&counter.orders.void_hold(*id, &why).await?, "released", None)
        }
        Command::List { number, limit } => {
            list(counter, number.as_deref(), *limit).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Prints the pending holds of one account, or of all.
async fn list(counter: &Counter, number: Option<&str>, limit: u32) -> anyhow::Result<()> {
    let account = match number {
        Some(number) => Some(counter.account(number).await?),
        None => None,
    };
    let holds = counter.store.pending_holds(account.as_ref(), limit).await?;
    let total = counter.store.pending_holds_count(account.as_ref()).await?;
    for hold in &holds {
        let (placed, until) = (local(hold.placed_at), local(hold.expires_at));
        object(&json!({
            "hold": hold.id, "account": hold.account.to_string(), "amount_minor": hold.amount.minor(),
            "reason": hold.reason, "placed_at": hold.placed_at, "expires_at": hold.expires_at,
            "total": total,
        }))?;
        let kept = kept(&hold.account, hold.amount, &hold.reason);
        line(&format!("{}  {placed}  {kept}  until {until}", hold.id))?;
    }
    line(&shown_of(holds.len(), total, "pending"))?;
    Ok(())
}

/// The lines that announce the capture or the void of a hold.
async fn intent(counter: &Counter, what: &str, id: Uuid, done: Done) -> anyhow::Result<Vec<String>> {
    let amount = format_minor(done.amount_minor);
    let mut lines = vec![format!("{what:<9} {amount} {CURRENCY} of the hold {id}")];
    let hold = counter.store.hold(id).await?;
    lines.extend(hold.map(|hold| format!("hold      {}", kept(&hold.account, hold.amount, &hold.reason))));
    lines.extend(done.moved.iter().map(moves));
    lines.extend(foretold(&done));
    Ok(lines)
}

fn kept(account: &impl Display, amount: Amount, reason: &impl Display) -> String {
    format!("{account}  {amount} {CURRENCY}  {reason}")
}
