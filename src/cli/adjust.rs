//! `mbush adjust`: one person proposes to adjust a balance, another approves.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use uuid::Uuid;

use super::consent::Consent;
use super::staff::{Counter, Signature, foretold, identifier, moves, tell};
use super::style::{line, local, object, shown_of};
use super::sum::Sum;
use crate::domain::{Action, ActionState, CURRENCY, format_minor};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Propose a credit to an account, or a debit
    Propose {
        /// The number, or the name of an account
        number: String,
        /// Amount, as 5.00; negative for a debit
        #[arg(allow_hyphen_values = true)]
        amount: Sum,
        #[command(flatten)]
        signature: Signature,
    },
    /// Approve the proposal of another person, and carry it out
    Approve {
        /// Identifier of the proposal, as `list` shows it
        #[arg(value_parser = identifier)]
        id: Uuid,
        /// Name of the member of staff who approves
        #[arg(long, value_name = "NAME")]
        by: String,
        #[command(flatten)]
        consent: Consent,
    },
    /// Reject the proposal of another person
    Reject {
        /// Identifier of the proposal, as `list` shows it
        #[arg(value_parser = identifier)]
        id: Uuid,
        /// Name of the member of staff who rejects
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// List the proposals that wait, or those that were carried out or rejected
    List {
        /// State of the proposals: proposed, done or rejected
        #[arg(long, default_value = "proposed", value_name = "STATE")]
        state: ActionState,
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
        Command::Propose { number, amount, signature } => {
            let account = counter.account(number).await?;
            let action = counter.orders.propose(&account, amount.minor()?, &signature.why()).await?;
            line(&shown(&action))?;
            object(&as_json(&action))?;
            line(&format!("another person approves it with: mbush adjust approve {} --by NAME", action.id))?;
        }
        Command::Approve { id, by, consent } => return approve(counter, *id, by, *consent, "adjusted").await,
        Command::Reject { id, by } => {
            let action = counter.orders.reject(*id, by).await?;
            line(&shown(&action))?;
            object(&as_json(&action))?;
        }
        Command::List { state, limit } => {
            let actions = counter.store.actions(*state, *limit).await?;
            let total = counter.store.actions_count(*state).await?;
            for action in &actions {
                let mut listed = as_json(action);
                listed["total"] = total.into();
                line(&shown(action))?;
                object(&listed)?;
            }
            line(&shown_of(actions.len(), total, state.as_str()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Carries out another person's proposal: an adjustment, or the credit of an unreadable card.
pub(super) async fn approve(
    counter: &Counter,
    id: Uuid,
    by: &str,
    consent: Consent,
    what: &str,
) -> anyhow::Result<ExitCode> {
    let intent = async || {
        let done = counter.orders.trial().approve(id, by).await?;
        let mut lines: Vec<String> = counter.store.action(id).await?.iter().map(shown).collect();
        lines.extend(done.moved.iter().map(moves));
        lines.extend(foretold(&done));
        Ok(lines)
    };
    if let Some(end) = consent.given(intent).await? {
        return Ok(end);
    }
    tell(&counter.orders.approve(id, by).await?, what, None)
}

pub(super) fn as_json<A: Display, R: Display>(action: &Action<A, R>) -> Value {
    let checked = action.checked.as_ref();
    json!({
        "id": action.id, "kind": action.kind.as_str(), "state": action.state.as_str(), "account": action.account.to_string(),
        "amount_minor": action.amount_minor, "reason": action.reason.to_string(), "note": action.note, "by": action.made.by,
        "at": action.made.at, "checked_by": checked.map(|checked| &checked.by), "checked_at": checked.map(|checked| checked.at),
        "card": action.card.map(|serial| serial.to_string()), "transfer": action.transfer,
    })
}

fn shown<A: Display, R: Display>(action: &Action<A, R>) -> String {
    let Action { id, kind, state, account, amount_minor, reason, note, made, checked, card, .. } = action;
    let checked = checked.as_ref().map(|checked| format!(", checked by {}", checked.by)).unwrap_or_default();
    let (amount, at) = (format_minor(*amount_minor), local(made.at));
    let card = card.map(|serial| format!("  card {serial}")).unwrap_or_default();
    let note = if note.is_empty() { String::new() } else { format!(": {note}") };
    format!("{id}  {at}  {kind} {state}  {account}  {amount} {CURRENCY}{card}  {reason}{note}  by {}{checked}", made.by)
}
