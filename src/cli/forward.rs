//! `mbush forward`: requests that are handed to another system or wait for staff.

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;
use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::consent::Consent;
use super::exit::Absent;
use super::staff::named;
use super::style::{line, local, object, shown_of, title};
use super::{resources, storage};
use crate::config::Config;
use crate::domain::{Draft, ForwardState, Msisdn, OutboundSms, Way};
use crate::store::{Forward, Store};
use crate::text::own_reply;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the requests that wait or have failed, the newest first
    List {
        /// Only requests of this state: `waiting`, `done`, `failed`, `settled`
        #[arg(long, value_name = "STATE")]
        state: Option<ForwardState>,
        /// Only requests of this name, as `forward` of their form has it
        #[arg(long, value_name = "NAME", default_value = "")]
        name: String,
        /// Maximum number of lines
        #[arg(long, default_value_t = 50, value_name = "LINES")]
        limit: u32,
    },
    /// Show one request, with its values and what the other system answered
    Show {
        /// Identifier of the request, as `list` shows it
        #[arg(value_parser = identifier)]
        id: Uuid,
    },
    /// Record that a request was done, or will not be, and tell the customer
    Settle {
        /// Identifier of the request, as `list` shows it
        #[arg(value_parser = identifier)]
        id: Uuid,
        /// Name of the member of staff
        #[arg(long, env = "USER", value_name = "NAME")]
        by: String,
        /// The result
        #[arg(long, value_name = "TEXT")]
        note: String,
        /// Answer to the customer, which is sent by SMS
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Hand a failed request to the other system again
    Retry {
        /// Identifier of the request, as `list` shows it
        #[arg(value_parser = identifier)]
        id: Uuid,
        /// Name of the member of staff
        #[arg(long, env = "USER", value_name = "NAME")]
        by: String,
    },
}

fn identifier(written: &str) -> Result<Uuid, String> {
    written.parse().map_err(|_| {
        "this is no identifier: it has 32 digits and letters from a to f in five groups, and `mbush forward list` shows \
         it whole"
            .to_owned()
    })
}

pub(super) async fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    if let Command::Settle { by, .. } | Command::Retry { by, .. } = command {
        named(by)?;
    }
    let config = resources::config(config)?;
    let store = storage::open_existing(&config).await?;
    let result = match command {
        Command::List { state, name, limit } => list(&store, *state, name, *limit).await,
        Command::Show { id } => show(&store, *id).await,
        Command::Settle { id, by, note, text, consent } => {
            settle(&config, &store, *id, (by, note), text.as_deref(), *consent).await
        }
        Command::Retry { id, by } => retry(&config, &store, *id, by).await,
    };
    store.close().await;
    result
}

async fn list(store: &Store, state: Option<ForwardState>, name: &str, limit: u32) -> anyhow::Result<ExitCode> {
    let (listed, total) = (store.forwards(state, name, limit).await?, store.forward_total(state, name).await?);
    for forward in &listed {
        let mut shown = as_json(forward);
        shown["total"] = total.into();
        object(&shown)?;
        let (id, at, whom) = (forward.id, local(forward.created_at), sender(forward));
        line(&format!(
            "{id}  {at}  {whom} > {}  {}  {}{}",
            forward.short_code,
            forward.name,
            forward.state,
            values(forward)
        ))?;
    }
    line(&shown_of(listed.len(), total, state.map_or("open", ForwardState::as_str)))?;
    Ok(ExitCode::SUCCESS)
}

fn sender(forward: &Forward) -> String {
    forward.phone.map_or_else(|| "a machine".to_owned(), Msisdn::digits)
}

fn values(forward: &Forward) -> String {
    let values = forward.fields.iter().map(|field| format!("  {}={}", field.name, field.value));
    values.collect::<Vec<_>>().concat()
}

async fn find(store: &Store, id: Uuid) -> anyhow::Result<Forward> {
    store.forward(id).await?.ok_or_else(|| {
        Absent(format!("there is no request {id}; `mbush forward list` shows those that wait or have failed")).into()
    })
}

async fn show(store: &Store, id: Uuid) -> anyhow::Result<ExitCode> {
    let forward = find(store, id).await?;
    object(&as_json(&forward))?;
    let (at, whom) = (local(forward.created_at), sender(&forward));
    title(&format!("{} of {whom} > {}, {at}, by {}", forward.name, forward.short_code, forward.link))?;
    line(&format!("form      {} of {}, message {}", forward.form, forward.bank, forward.message_key))?;
    for field in forward.fields.iter() {
        line(&format!("value     {}: {}", field.name, field.value))?;
    }
    line(&format!("state     {}", state(&forward)))?;
    line(&format!("answer    {}", forward.answer.as_deref().unwrap_or("none")))?;
    if let (Some(by), note) = (&forward.by, &forward.note) {
        line(&format!("staff     {by}{}", note.as_ref().map(|note| format!(": {note}")).unwrap_or_default()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn state(forward: &Forward) -> String {
    let attempts = forward.attempts;
    match (forward.state, forward.ended_at) {
        (ForwardState::Waiting, _) if attempts == 0 => "waiting".to_owned(),
        (ForwardState::Waiting, _) => format!("waiting, attempt {} at {}", attempts + 1, local(forward.next_at)),
        (state, Some(at)) => format!("{state} at {}, attempts {attempts}", local(at)),
        (state, None) => state.to_string(),
    }
}

async fn settle(
    config: &Config,
    store: &Store,
    id: Uuid,
    signed: (&str, &str),
    text: Option<&str>,
    consent: Consent,
) -> anyhow::Result<ExitCode> {
    let forward = find(store, id).await?;
    open(&forward)?;
    let sms = match text {
        Some(text) => Some(answer(config, &forward, text)?),
        None => None,
    };
    let told = sms.as_ref().map_or_else(|| "gets no SMS".to_owned(), |sms| format!("reads: {}", sms.text));
    let intent =
        async || Ok(vec![format!("settle    {} of {}", forward.name, sender(&forward)), format!("customer  {told}")]);
    if let Some(end) = consent.given(intent).await? {
        return Ok(end);
    }
    if !store.settle_forward(id, signed, sms.as_ref(), Utc::now()).await? {
        bail!("it has ended in the meantime; `mbush forward show {id}` shows how");
    }
    line(&format!("settled   {} of {}", forward.name, sender(&forward)))?;
    line(&format!("customer  {told}"))?;
    changed(store, id).await
}

/// The SMS goes by the way of the message.
fn answer(config: &Config, forward: &Forward, text: &str) -> anyhow::Result<OutboundSms> {
    let Some(phone) = forward.phone else { bail!("--text: a machine asked, which gets no SMS") };
    let text = own_reply::of_another(text).map_err(|problem| anyhow::anyhow!("--text: {problem}"))?;
    let draft = Draft {
        id: Uuid::now_v7(),
        message_key: forward.message_key.clone(),
        from: &forward.short_code,
        to: phone.digits(),
        source: forward.source.clone().map(|source| (forward.link.as_str(), source)),
        text: Some(text),
    };
    let way = Way::Routed(&config.rules.routes, &forward.link);
    OutboundSms::queued(draft, way, Utc::now()).ok_or_else(|| anyhow::anyhow!("--text: it is empty"))
}

fn open(forward: &Forward) -> anyhow::Result<()> {
    if matches!(forward.state, ForwardState::Waiting | ForwardState::Failed) {
        return Ok(());
    }
    bail!("it is {} already; `mbush forward show {}` shows how", forward.state, forward.id)
}

async fn retry(config: &Config, store: &Store, id: Uuid, by: &str) -> anyhow::Result<ExitCode> {
    let forward = find(store, id).await?;
    open(&forward)?;
    let name = &forward.name;
    let section = config.forward.get(name).map(crate::config::forward::Forward::webhook).transpose();
    if !matches!(section, Ok(Some(Some(_)))) {
        bail!("there is no [forward.{name}] with a `url` to hand it to: settle it, or add the section");
    }
    if !store.retry_forward(id, by, Utc::now()).await? {
        bail!("it is being posted now; `mbush forward show {id}` shows the result");
    }
    line(&format!("retry     {name} of {}: a server posts it now", sender(&forward)))?;
    changed(store, id).await
}

async fn changed(store: &Store, id: Uuid) -> anyhow::Result<ExitCode> {
    object(&as_json(&find(store, id).await?))?;
    Ok(ExitCode::SUCCESS)
}

/// One request as an object.
fn as_json(forward: &Forward) -> Value {
    json!({
        "id": forward.id, "name": forward.name, "state": forward.state, "bank": forward.bank, "form": forward.form,
        "key": forward.message_key, "link": forward.link, "to": forward.short_code,
        "number": forward.phone, "language": forward.language, "fields": forward.fields,
        "attempts": forward.attempts, "next_at": forward.next_at, "answer": forward.answer,
        "created_at": forward.created_at, "ended_at": forward.ended_at, "by": forward.by, "note": forward.note,
    })
}
