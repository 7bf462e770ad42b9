//! Replays a quarantined message with the current grammars.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use arc_swap::ArcSwap;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::super::consent::Consent;
use super::super::staff::moves;
use super::super::style::{aside, line, local};
use super::super::{bank_pins, resources, storage};
use super::{describe, find, intent, settle, since, unsettled};
use crate::config::Config;
use crate::domain::{
    AccountKey, Amount, Body, CURRENCY, InboundSms, NumberingPlan, Outcome, Receipt, Transfer, format_minor,
};
use crate::grammar::{GrammarSet, Incoming};
use crate::processor::{Processor, ProcessorServices, Rehearsal, rehearse};
use crate::store::{Settlement, Store};

/// Parses the message before it is carried out. A message that the current grammars cannot parse either stays in
/// quarantine. The key of the replay is derived from the message's, so that it is carried out once, however often it is
/// tried.
pub(super) async fn replay(
    config: &Config,
    store: &Store,
    key: &str,
    (by, again): (&str, bool),
    consent: Consent,
) -> anyhow::Result<ExitCode> {
    let item = find(store, key).await?;
    unsettled(&item)?;
    still_wanted(config, item.message.received_at)?;
    let plan = resources::plan(config)?;
    let parts = parts(config, store, &plan).await?;
    let grammars = parts.grammars.load_full();
    if let Some(picture) = unread(&grammars, &item.message) {
        picture.lines().try_for_each(|text| aside(&format!("  {text}")))?;
        bail!("the current grammars (set {}) cannot read it either", grammars.id());
    }
    let mut message = InboundSms { key: since::replay_of(key), ..item.message.clone() };
    let wanted = wanted(store, rehearse(&parts, message.clone()).await?).await?;
    if since::compare(store, &plan, &item, &wanted, again).await? {
        message.body = since::marked(&grammars, &message);
    }
    let foreseen = async || {
        let rehearsal = rehearse(&parts, message.clone()).await?;
        Ok([intent("replay", &item.message), foretold(&rehearsal)].concat())
    };
    if let Some(end) = consent.given(foreseen).await? {
        return Ok(end);
    }
    let result = carry_out(&parts, message).await?;
    settle(store, key, Settlement::Replayed, by, &result).await
}

/// Carries the message out, prints the result, and returns it.
async fn carry_out(parts: &ProcessorServices, message: InboundSms) -> anyhow::Result<String> {
    let (processor, applier) = Processor::start(parts, 1, 1);
    let answer = processor.accept(message).await?;
    drop(processor);
    applier.await?;
    let result = describe(&answer.outcome);
    line(&result)?;
    if let Some(reply) = &answer.reply {
        line(&format!("reply: {reply}"))?;
    }
    Ok(result)
}

/// The accounts that the message would credit, each with the amount: several of a list, none if it would move nothing. Of
/// a duplicate, it is the account and amount of the first request.
async fn wanted(store: &Store, rehearsal: Rehearsal) -> anyhow::Result<Vec<(AccountKey, Amount)>> {
    let mains: Vec<Transfer> = match rehearsal.answer.outcome {
        Outcome::Applied(applied) => {
            let ids: Vec<Uuid> = applied.each().map(|one| one.transfer).collect();
            rehearsal.moved.into_iter().filter(|transfer| ids.contains(&transfer.id)).collect()
        }
        Outcome::Duplicate { of, .. } => {
            store.transfers_of_receipt(&Receipt::of(of.transfer)).await?.pop().into_iter().collect()
        }
        Outcome::Informed { .. } | Outcome::Refused(_) | Outcome::Quarantined(_) | Outcome::Newer(_) => Vec::new(),
    };
    Ok(mains.into_iter().map(|main| (main.movement.credit, main.movement.amount)).collect())
}

/// The lines that announce the effect of a replay.
fn foretold(rehearsal: &Rehearsal) -> Vec<String> {
    let Rehearsal { answer, moved } = rehearsal;
    let mut lines: Vec<String> = moved.iter().map(moves).collect();
    match &answer.outcome {
        Outcome::Applied(applied) if !answer.replayed => {
            let several = !applied.others.is_empty();
            lines.extend(applied.each().map(|one| {
                let whose = if several { format!(" of {}", one.beneficiary) } else { String::new() };
                format!("balance   {} {CURRENCY} after it{whose}", format_minor(one.balance_minor))
            }));
        }
        outcome => lines.push(describe(outcome)),
    }
    lines.push(format!("customer  {}", if answer.reply.is_some() { "gets an SMS" } else { "gets no SMS" }));
    lines
}

/// The services for the replay: the server's rules, on its database.
async fn parts(config: &Config, store: &Store, plan: &Arc<NumberingPlan>) -> anyhow::Result<ProcessorServices> {
    Ok(ProcessorServices {
        store: store.clone(),
        grammars: Arc::new(ArcSwap::from_pointee(resources::grammars(config, plan)?)),
        plan: plan.clone(),
        templates: Arc::new(resources::templates(config)?),
        rules: config.rules.clone(),
        voucher_keys: storage::voucher_keys(config, store).await?,
        pin_key: resources::pin_key(config)?,
        bank_pins: bank_pins::banks(config).map_err(|problems| anyhow!(problems.join("\n")))?,
        clock: storage::clock(store).await.0,
    })
}

/// Refuses a message that is too old to be wanted.
fn still_wanted(config: &Config, received_at: DateTime<Utc>) -> anyhow::Result<()> {
    let age_max = TimeDelta::seconds(i64::from(config.quarantine.replay_age_max_seconds));
    if Utc::now() - received_at > age_max {
        bail!(
            "it came {}, longer ago than quarantine.replay_age_max_seconds = {}: its sender no longer waits; discard it",
            local(received_at),
            config.quarantine.replay_age_max_seconds
        );
    }
    Ok(())
}

fn unread(grammars: &GrammarSet, message: &InboundSms) -> Option<String> {
    match &message.body {
        Body::Text(text) => {
            let incoming = Incoming { from: &message.from, to: &message.to, text, link: Some(&message.link) };
            grammars.read(&incoming).err().map(|failure| failure.picture())
        }
        Body::Masked { .. } => Some("what may be a card's code is not stored; its sender must write again".to_owned()),
        Body::Order(_) => Some("it has no text: it is the order of a machine".to_owned()),
        Body::Undecodable { why, .. } => Some(format!("it has no text: {why}")),
        Body::Newer(_) => Some("only a newer version of mbush reads it: replay it with that one".to_owned()),
    }
}
