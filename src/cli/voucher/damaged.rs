//! `mbush voucher damaged`: credits an unreadable card; one person proposes, another approves.

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use uuid::Uuid;

use super::super::adjust::as_json;
use super::super::consent::Consent;
use super::super::staff::{Counter, identifier};
use super::super::style::{line, object};
use super::super::{adjust, numbers};
use crate::domain::voucher::Serial;
use crate::domain::{CURRENCY, ReasonCode, format_minor};
use crate::processor::Why;

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Command {
    /// Propose to credit a number with the amount of a card
    Propose {
        /// The card's serial
        serial: Serial,
        /// The customer's number
        number: String,
        /// Name of the member of staff who proposes
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Reason in free text
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Approve the proposal of another person: mark the card as used and credit the number
    Approve {
        /// Identifier of the proposal; `mbush adjust list` shows those that wait
        #[arg(value_parser = identifier)]
        id: Uuid,
        /// Name of the member of staff who approves
        #[arg(long, value_name = "NAME")]
        by: String,
        #[command(flatten)]
        consent: Consent,
    },
}

pub(in crate::cli) async fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let counter = Counter::open(config).await?;
    let result = carry_out(command, &counter).await;
    counter.store.close().await;
    result
}

async fn carry_out(command: &Command, counter: &Counter) -> anyhow::Result<ExitCode> {
    match command {
        Command::Propose { serial, number, by, note } => {
            // The account need not exist: as with a dialled card, it is opened if the settings allow.
            let account = numbers::key(&counter.plan, number)?;
            let why = Why { by: by.clone(), reason: ReasonCode::NotDelivered, note: note.clone() };
            let action = counter.orders.propose_card(*serial, &account, &why).await?;
            let amount = format_minor(action.amount_minor);
            object(&as_json(&action))?;
            line(&format!("proposed: card {serial}, {amount} {CURRENCY}, for {account}"))?;
            line(&format!("another person approves it with: mbush voucher damaged approve {} --by NAME", action.id))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Approve { id, by, consent } => {
            if counter.store.action(*id).await?.is_some_and(|action| action.card.is_none()) {
                bail!("{id} is not a proposal about a card; use `mbush adjust approve ID --by NAME`");
            }
            adjust::approve(counter, *id, by, *consent, "credited").await
        }
    }
}
