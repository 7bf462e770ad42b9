//! `mbush check`: everything that a start would refuse, without starting.

use std::path::Path;
use std::process::ExitCode;

use super::demo::top_ups;
use super::style::{counted, line};
use super::{app, audit_key, reach, resources};
use crate::config::Link;
use crate::store::StoreError;

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) async fn run(_args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    line(&format!("configuration  ok, {}", counted(config.links.len() as u64, "link")))?;
    for (name, link) in &config.links {
        let what = match link {
            Link::Smpp(smpp) => format!("smpp, {} as {}", smpp.hosts.join(", "), smpp.system_id),
            Link::Esme(esme) => format!("esme, {} binds to {}", esme.system_id, config.smpp_server.listen),
            Link::Http(http) => format!("http, replies to {}", http.url),
        };
        line(&format!("  {name}: {what}"))?;
    }
    for weak in config.weak_secrets() {
        line(&format!("  WARNING {weak}"))?;
    }
    let plan = resources::plan(&config)?;
    line(&format!("numbering      ok, {}", counted(plan.operators().count() as u64, "operator")))?;
    let grammars = resources::grammars(&config, &plan)?;
    line(&format!("grammars       ok, {}, set {}", resources::grammars_place(&config), grammars.id()))?;
    for bank in grammars.banks() {
        let codes: Vec<&str> = bank.short_codes.iter().map(crate::domain::ShortCode::as_str).collect();
        line(&format!("  {} on {}, {}: {}", bank.name, codes.join(", "), bank.evidence.as_str(), bank.source))?;
    }
    for overlap in grammars.overlaps() {
        let (first, second) = (&overlap.first, &overlap.second);
        line(&format!("  {}: `{first}` goes before `{second}`, for texts like `{}`", overlap.bank, overlap.witness))?;
    }
    for danger in reach::forgeable(&config, &grammars) {
        line(&format!("  WARNING {danger}"))?;
    }
    for unknown in app::unknown_banks(&config, &grammars) {
        line(&format!("  WARNING {unknown}"))?;
    }
    let menus = resources::menus(&config, &grammars)?;
    let codes: Vec<&str> = menus.short_codes().collect();
    line(&format!("menus          ok, {} on {}", counted(menus.screens() as u64, "screen"), codes.join(", ")))?;
    app::templates()?;
    line("replies        ok, each fits one segment at its longest in every language")?;
    line(&match audit_key::read(&config.audit)? {
        Some(key) => format!("days           sealed with the key {}", hex::encode(key.public())),
        None => "days           not sealed: [audit] signing_key is not configured".to_owned(),
    })?;
    line(&match &config.life.warn_link {
        Some(link) => format!("warnings       {:?} days before the end, by {link}", config.life.warn_days),
        None => "warnings       none: [life] warn_link is not configured".to_owned(),
    })?;
    let keys = config.vouchers.keys().map_err(|problem| anyhow::anyhow!(problem))?;
    line(&format!("voucher keys   ok, {}", keys.iter().count()))?;
    match app::open_existing(&config).await {
        Ok(store) => {
            let totals = store.totals().await?;
            let (messages, transfers) = (counted(totals.messages, "message"), counted(totals.transfers, "transfer"));
            line(&format!("database       ok: {messages}, {}; {transfers}", top_ups(&totals)))?;
            let needed = app::voucher_keys(&config, &store).await;
            store.close().await;
            needed?;
        }
        // A start makes what is missing.
        Err(error) if app::is_missing(&config) || is_behind(&error) => line(&format!("database       {error}"))?,
        Err(error) => {
            line(&format!("database       NOT OK: {error}"))?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn is_behind(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::Behind { .. }))
}
