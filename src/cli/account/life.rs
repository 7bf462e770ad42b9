//! The life of a number: its recorded changes and warnings, and the orders of staff that change it.

use std::process::ExitCode;

use chrono::Utc;
use serde_json::{Value, json};

use super::super::consent::Consent;
use super::super::style::{counted, line, local, local_day, object};
use super::super::{known, numbers, storage};
use crate::config::Config;
use crate::domain::validity::Life;
use crate::domain::{AccountKey, NumberingPlan};
use crate::jobs::staff::{Action, Order, act, foresee};
use crate::store::{AccountEvent, AccountWarning, Store, StoreError};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Suspend an account until it is reactivated: a number cannot be topped up, a dealer cannot sell or get stock
    Suspend {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        consent: Consent,
    },
    /// Reactivate a suspended account; a number whose validity is over can then receive, and be topped up
    Reactivate {
        #[command(flatten)]
        who: Who,
        /// Days of validity from now on, if the validity is over
        #[arg(long, default_value_t = 0)]
        days: u16,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Who {
    /// The number, in any spelling, or the name of another account: dealer:agron, `product:tv:arben.b`, `meter:04123456784`
    number: String,
    /// Name of the member of staff
    #[arg(long, env = "USER", value_name = "NAME")]
    by: String,
    /// Reason
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub(super) async fn run(command: &Command, config: &Config, plan: &NumberingPlan) -> anyhow::Result<ExitCode> {
    let store = storage::open_existing(config).await?;
    let result = carry_out(command, config, plan, &store).await;
    store.close().await;
    result
}

async fn carry_out(
    command: &Command,
    config: &Config,
    plan: &NumberingPlan,
    store: &Store,
) -> anyhow::Result<ExitCode> {
    let (who, action, consent) = match command {
        Command::Suspend { who, consent } => (who, Action::Suspend, Some(consent)),
        Command::Reactivate { who, days } => (who, Action::Reactivate { days: *days }, None),
    };
    let key = match numbers::key(plan, &who.number) {
        Ok(key) => key,
        Err(problem) => return Err(known::unreadable(config, store, &who.number, problem).await),
    };
    known::check(config, store, &key).await?;
    let (rules, order) = (&config.rules.validity, Order { action, by: &who.by, reason: &who.reason, now: Utc::now() });
    let intent = async || {
        let event = foresee(store, rules, &key, order).await?;
        Ok(vec![format!("suspend   {key}: it cannot be topped up until it is reactivated"), shown(&event)])
    };
    if let Some(consent) = consent
        && let Some(end) = consent.given(intent).await?
    {
        return Ok(end);
    }
    let done = act(store, rules, &key, order).await?;
    line(&shown(&done))?;
    object(&event_json(&done))?;
    Ok(ExitCode::SUCCESS)
}

/// Name of a state for the text output.
pub(super) const fn written(life: Life) -> &'static str {
    match life {
        Life::New => "new",
        Life::Active => "active",
        Life::ReceiveOnly => "receive-only",
        Life::Suspended => "suspended",
    }
}

fn shown(event: &AccountEvent) -> String {
    let (from, to) = (written(event.from), written(event.to));
    let valid = event.valid_until.map(|end| format!(", valid to {}", local_day(end))).unwrap_or_default();
    // The program's own reasons are words with underscores; those of staff are free text.
    let why = if event.by == "mbush" { event.why.replace('_', " ") } else { event.why.clone() };
    format!("{}  {from} > {to}{valid}  by {}: {why}", local(event.at), event.by)
}

fn event_json(event: &AccountEvent) -> Value {
    json!({
        "at": event.at, "from": event.from, "to": event.to, "why": event.why, "by": event.by,
        "valid_until": event.valid_until,
    })
}

/// The recorded events and warnings of a number.
pub(super) struct Record {
    events: Vec<AccountEvent>,
    warnings: Vec<AccountWarning>,
}

impl Record {
    pub(super) async fn read(store: &Store, key: &AccountKey, most: u32) -> Result<Self, StoreError> {
        let (events, warnings) = (store.account_events(key, most).await?, store.account_warnings(key, most).await?);
        Ok(Self { events, warnings })
    }

    pub(super) fn print(&self) -> anyhow::Result<()> {
        for event in &self.events {
            line(&shown(event))?;
        }
        for warning in &self.warnings {
            let (at, end) = (local(warning.at), local_day(warning.valid_until));
            line(&format!("{at}  warned of the end on {end}, {} before it", counted(warning.days, "day")))?;
        }
        Ok(())
    }

    pub(super) fn events_json(&self) -> Value {
        self.events.iter().map(event_json).collect()
    }

    pub(super) fn warnings_json(&self) -> Value {
        let warning = |warning: &AccountWarning| {
            json!({
                "at": warning.at, "days": warning.days, "valid_until": warning.valid_until, "outbox": warning.outbox,
            })
        };
        self.warnings.iter().map(warning).collect()
    }
}
