//! `mbush quarantine`: messages that could not be parsed, and their settlement by staff.

mod replay;
mod since;

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use chrono::Utc;
use serde_json::{Map, Value, json};

use super::consent::Consent;
use super::exit::Absent;
use super::staff::named;
use super::style::{line, local, object, shown_of, title};
use super::{resources, storage};
use crate::domain::{Applied, Body, CURRENCY, InboundSms, NumberingPlan, Outcome, Receipt, Withheld, format_minor};
use crate::store::{Quarantined, Settled, Settlement, Store};

/// Number of characters of a text that a list shows.
const SHOWN_MAX: usize = 40;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the messages that wait for staff, the newest first
    List {
        /// Maximum number of lines
        #[arg(long, default_value_t = 50, value_name = "LINES")]
        limit: u32,
    },
    /// Show one message, and how far each form could read it
    Show {
        /// Key of the message, as `list` shows it
        key: String,
    },
    /// Read a message again with the current grammars and carry it out, while its sender still waits
    ///
    /// Transfers that the sender made since the message came are shown first, and so are credits of the same amount to
    /// the same account, whoever paid them, because the sender may have been served by another message.
    Replay {
        /// Key of the message, as `list` shows it
        key: String,
        /// Name of the member of staff
        #[arg(long, env = "USER", value_name = "NAME")]
        by: String,
        #[command(flatten)]
        consent: Consent,
        /// Carry it out although it may have been served; as a marked repetition, if the sender made the same request
        #[arg(long)]
        again: bool,
    },
    /// Settle a message without carrying it out
    Discard {
        /// Key of the message, as `list` shows it
        key: String,
        /// Name of the member of staff
        #[arg(long, env = "USER", value_name = "NAME")]
        by: String,
        /// Reason
        #[arg(long, value_name = "TEXT")]
        note: String,
        #[command(flatten)]
        consent: Consent,
    },
}

pub(super) async fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    if let Command::Replay { by, .. } | Command::Discard { by, .. } = command {
        named(by)?;
    }
    let config = resources::config(config)?;
    let plan = resources::plan(&config)?;
    let store = storage::open_existing(&config).await?;
    let result = match command {
        Command::List { limit } => list(&store, &plan, *limit).await,
        Command::Show { key } => show(&store, &plan, key).await,
        Command::Replay { key, by, again, consent } => {
            Box::pin(replay::replay(&config, &store, key, (by, *again), *consent)).await
        }
        Command::Discard { key, by, note, consent } => discard(&store, key, (by, note), *consent).await,
    };
    store.close().await;
    result
}

async fn list(store: &Store, plan: &NumberingPlan, limit: u32) -> anyhow::Result<ExitCode> {
    let (waiting, total) = (store.quarantine(limit).await?, store.quarantine_count().await?);
    for item in &waiting {
        let mut listed = as_json(item);
        listed["total"] = total.into();
        object(&listed)?;
        let message = &item.message;
        let (at, reason, text) = (local(message.received_at), words(&item.outcome), text_of(message));
        let from = since::sender(plan, item);
        line(&format!("{}  {at}  {from} > {}  {reason}  {text}", message.key, message.to))?;
    }
    line(&shown_of(waiting.len(), total, "waiting"))?;
    Ok(ExitCode::SUCCESS)
}

/// The beginning of a message's text.
fn text_of(message: &InboundSms) -> String {
    match &message.body {
        Body::Text(text) | Body::Masked { text, .. } => {
            text.chars().take(SHOWN_MAX).map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
        }
        Body::Order(line) => line.chars().take(SHOWN_MAX).collect(),
        Body::Undecodable { .. } => "(no text)".to_owned(),
        Body::Newer(body) => stored(body).chars().take(SHOWN_MAX).collect(),
    }
}

/// Content of a kind that this version does not know.
fn stored(body: &Map<String, Value>) -> String {
    Value::Object(body.clone()).to_string()
}

/// The lines that announce the effect of a command on a message.
fn intent(what: &str, message: &InboundSms) -> Vec<String> {
    let (at, text) = (local(message.received_at), text_of(message));
    vec![format!("{what:<9} {}: {} > {}, {at}, by {}: {text}", message.key, message.from, message.to, message.link)]
}

async fn find(store: &Store, key: &str) -> anyhow::Result<Quarantined> {
    store.quarantined(key).await?.ok_or_else(|| {
        Absent(format!("`{key}` is not in quarantine; `mbush quarantine list` shows the messages that are")).into()
    })
}

async fn show(store: &Store, plan: &NumberingPlan, key: &str) -> anyhow::Result<ExitCode> {
    let item = find(store, key).await?;
    let withheld = store.withheld(key).await?;
    let mut shown = as_json(&item);
    shown["withheld"] = json!(withheld.map(Withheld::as_str));
    object(&shown)?;
    let message = &item.message;
    let from = since::sender(plan, &item);
    title(&format!("{from} > {}, {}, by {}", message.to, local(message.received_at), message.link))?;
    match &message.body {
        Body::Text(text) | Body::Masked { text, .. } => line(&format!("text      {text}"))?,
        Body::Order(order) => line(&format!("order     {order}"))?,
        Body::Undecodable { hex, data_coding, why } => {
            line(&format!("octets    {hex}, data_coding {data_coding:#04x}: {why}"))?;
        }
        Body::Newer(body) => line(&format!("stored    {}, by a newer version of mbush", stored(body)))?,
    }
    line(&format!("reason    {}, with the grammars {}", words(&item.outcome), item.grammars))?;
    if let Some(trace) = &item.trace {
        // Indented, so that none of its lines looks like one of this program.
        trace.lines().try_for_each(|text| line(&format!("          {text}")))?;
    }
    line(&format!("reply     {}", told(&item, withheld)))?;
    match &item.settled {
        Some(settled) => line(&format!("settled   {}", done(settled)))?,
        None => line("settled   no")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The reply to the sender, or the reason why there was none.
fn told(item: &Quarantined, withheld: Option<Withheld>) -> String {
    match (&item.reply, withheld) {
        (Some(reply), _) => reply.clone(),
        (None, Some(why)) => format!("withheld: {}", why_withheld(why)),
        (None, None) => "none: the sender cannot receive an SMS".to_owned(),
    }
}

const fn why_withheld(why: Withheld) -> &'static str {
    match why {
        Withheld::SameText => "the same text was answered often enough ([replies] same_text_max)",
        Withheld::TooMany => "the phone has reached the limit of such replies ([replies] courtesies_max)",
    }
}

async fn discard(store: &Store, key: &str, (by, note): (&str, &str), consent: Consent) -> anyhow::Result<ExitCode> {
    let item = find(store, key).await?;
    unsettled(&item)?;
    if let Some(end) = consent.given(async || Ok(intent("discard", &item.message))).await? {
        return Ok(end);
    }
    settle(store, key, Settlement::Discarded, by, note).await
}

fn unsettled(item: &Quarantined) -> anyhow::Result<()> {
    match &item.settled {
        Some(settled) => bail!("it is settled already: {}", done(settled)),
        None => Ok(()),
    }
}

async fn settle(store: &Store, key: &str, how: Settlement, by: &str, note: &str) -> anyhow::Result<ExitCode> {
    let settled = Settled { how, by: by.to_owned(), note: note.to_owned(), at: Utc::now() };
    if !store.settle_quarantined(key, &settled).await? {
        bail!("another person has settled it in the meantime; `mbush quarantine show {key}` shows who");
    }
    line(&done(&settled))?;
    object(&json!({ "key": key, "settled": settled_json(&settled) }))?;
    Ok(ExitCode::SUCCESS)
}

/// One message as an object.
fn as_json(item: &Quarantined) -> Value {
    let message = &item.message;
    let (text, hex, data_coding) = match &message.body {
        Body::Text(text) | Body::Masked { text, .. } | Body::Order(text) => (Some(text), None, None),
        Body::Undecodable { hex, data_coding, .. } => (None, Some(hex), Some(data_coding)),
        Body::Newer(_) => (None, None, None),
    };
    json!({
        "key": message.key, "link": message.link, "from": message.from, "to": message.to, "received_at": message.received_at,
        "text": text, "hex": hex, "data_coding": data_coding, "reason": reason(&item.outcome), "grammars": item.grammars,
        "trace": item.trace, "reply": item.reply, "settled": item.settled.as_ref().map(settled_json),
    })
}

fn settled_json(settled: &Settled) -> Value {
    json!({ "how": settled.how.as_str(), "by": settled.by, "note": settled.note, "at": settled.at })
}

fn done(settled: &Settled) -> String {
    format!("{} by {}, {}: {}", settled.how.as_str(), settled.by, local(settled.at), settled.note)
}

fn reason(outcome: &Outcome) -> &str {
    outcome.reason().unwrap_or_default()
}

/// One message as text.
fn words(outcome: &Outcome) -> String {
    reason(outcome).replace('_', " ")
}

/// One top-up as text.
fn topped_up(applied: &Applied) -> String {
    let (receipt, balance) = (Receipt::of(applied.transfer), format_minor(applied.balance_minor));
    format!("{} {CURRENCY} for {}, balance {balance}, receipt {receipt}", applied.amount, applied.beneficiary)
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Applied(applied) => {
            let each: Vec<String> = applied.each().map(|one| topped_up(&one)).collect();
            format!("applied: {}", each.join("; "))
        }
        Outcome::Duplicate { amount: None, of, .. } => format!("duplicate of the request {}", of.transfer),
        Outcome::Duplicate { of, .. } => format!("duplicate of {}", Receipt::of(of.transfer)),
        Outcome::Informed { topic } => format!("answered: {}", topic.as_str()),
        Outcome::Refused(_) | Outcome::Quarantined(_) | Outcome::Newer(_) => {
            let why = outcome.reason().map(|_| format!(": {}", words(outcome))).unwrap_or_default();
            format!("{}{why}", outcome.kind())
        }
    }
}
