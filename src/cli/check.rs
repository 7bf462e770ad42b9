//! `mbush check`: reports everything that would prevent a start, without starting.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::demo::top_ups;
use super::exit::Exit;
use super::prepare::{Draft, Findings, database, listeners};
use super::style::{complain, counted, is_seen, line, lines, object, with_causes};
use super::{bank_pins, resources, storage};
use crate::config::{Config, Examined, Link};
use crate::domain::ShortCode;
use crate::grammar::GrammarSet;
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Exit with 1 also if there is a warning
    #[arg(long)]
    deny: bool,
}

/// The report, for people and for programs.
struct Report {
    facts: Map<String, Value>,
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let examined = resources::examine(config)?;
    let mut draft = Draft::of(&examined);
    let mut findings = std::mem::take(&mut draft.findings);
    let (config, mut report) = (&examined.config, Report { facts: Map::new() });
    report.configuration(config, examined.problems.is_empty())?;
    listeners::try_out(&examined.named.listeners, &mut findings);
    report.draft(config, &draft)?;
    report.jobs(config, &draft)?;
    report.database(&examined, &draft, &mut findings).await?;
    report.end(&findings)?;
    let is_quiet = !args.deny || findings.warnings.is_empty();
    Ok(Exit::from(findings.errors.is_empty() && is_quiet).into())
}

impl Report {
    fn put(&mut self, key: &str, value: Value) {
        self.facts.insert(key.to_owned(), value);
    }

    fn configuration(&mut self, config: &Config, is_good: bool) -> anyhow::Result<()> {
        let (links, clients) =
            (counted(config.links.len() as u64, "link"), counted(config.clients.len() as u64, "client"));
        let verdict = if is_good { "ok" } else { "NOT OK" };
        line(&format!("configuration  {verdict}, {links}, {clients}"))?;
        for (name, link) in &config.links {
            let what = match link {
                Link::Smsc(smsc) => format!("smsc, {} as {}", smsc.hosts.join(", "), smsc.system_id),
                Link::Esme(esme) => format!("esme, {} binds to {}", esme.system_id, config.smpp_server.listen),
                Link::Http(http) if http.gateway == "json" => {
                    format!("http, gateway json: /v1/sms, replies to {}", http.shown_url())
                }
                Link::Http(http) => {
                    format!(
                        "http, gateway {}: /v1/gateways/{name}/messages, replies to {}",
                        http.gateway,
                        http.shown_url()
                    )
                }
            };
            line(&format!("  {name}: {what}"))?;
        }
        for (name, client) in &config.clients {
            let interfaces =
                [client.acquirer_id.as_ref().map(|id| format!("ISO 8583 as {id}")), http_interface(client)];
            let interfaces: Vec<String> = interfaces.into_iter().flatten().collect();
            let dealer = client.dealer.as_ref().map(|dealer| format!(", sells for {dealer}")).unwrap_or_default();
            let (bank, channel, interfaces) = (&client.bank, client.channel, interfaces.join(" and "));
            line(&format!("  {name}: client of {bank}{dealer}, {channel}, by {interfaces}"))?;
        }
        self.put("links", config.links.iter().map(|(name, link)| link_json(name, link)).collect());
        let client = |(name, client): (&String, &crate::config::client::Client)| {
            json!({
                "name": name, "bank": client.bank, "dealer": client.dealer.as_ref().map(ToString::to_string),
                "channel": client.channel.to_string(), "acquirer_id": client.acquirer_id,
            })
        };
        self.put("clients", config.clients.iter().map(client).collect());
        Ok(())
    }

    fn draft(&mut self, config: &Config, draft: &Draft) -> anyhow::Result<()> {
        if let Ok(plan) = &draft.plan {
            let operators = plan.operators().count();
            line(&format!("numbering      ok, {}", counted(operators as u64, "operator")))?;
            self.put("operators", json!(operators));
        }
        if let Ok(grammars) = &draft.grammars {
            self.grammars(config, grammars)?;
        }
        if let Ok(menus) = &draft.menus {
            let codes: Vec<&str> = menus.short_codes().collect();
            let screens = counted(menus.screens() as u64, "screen");
            let on = if codes.is_empty() { String::new() } else { format!(" on {}", codes.join(", ")) };
            line(&format!("menus          ok, {screens}{on}"))?;
            self.put("menus", json!({ "screens": menus.screens(), "short_codes": codes }));
        }
        if let Ok(templates) = &draft.templates {
            let languages: Vec<String> = templates.languages().map(|language| language.to_string()).collect();
            line(&format!("replies        ok, in {}; each fits at its longest", languages.join(", ")))?;
        }
        Ok(())
    }

    fn grammars(&mut self, config: &Config, grammars: &GrammarSet) -> anyhow::Result<()> {
        let place = resources::grammars_place(config);
        line(&format!("grammars       ok, {place}, set {}", grammars.id()))?;
        let mut banks = Vec::new();
        for bank in grammars.banks() {
            let codes: Vec<&str> = bank.short_codes.iter().map(ShortCode::as_str).collect();
            let evidence = bank.evidence.as_str();
            line(&format!("  {} on {}, {evidence}: {}", bank.name, codes.join(", "), bank.source))?;
            banks.push(json!({ "bank": bank.id, "name": bank.name, "short_codes": codes, "evidence": evidence, "source": bank.source }));
        }
        for overlap in grammars.overlaps() {
            let (first, second) = (&overlap.first, &overlap.second);
            line(&format!(
                "  {}: `{first}` has priority over `{second}`, for texts like `{}`",
                overlap.bank, overlap.witness
            ))?;
        }
        self.put("grammars", json!({ "place": place, "set": grammars.id(), "banks": banks }));
        self.requests(config, grammars)
    }

    /// The requests that forms hand on, and who does them.
    fn requests(&mut self, config: &Config, grammars: &GrammarSet) -> anyhow::Result<()> {
        let names: BTreeSet<&str> =
            grammars.banks().flat_map(|bank| bank.forms).filter_map(|form| form.forward).collect();
        let mut requests = Vec::new();
        for name in names {
            let webhook = config.forward.get(name).and_then(|section| section.webhook().ok().flatten());
            let url = webhook.as_ref().map(|webhook| webhook.url.as_str());
            line(&format!("  request {name}: {}", url.unwrap_or("waits for staff (`mbush forward list`)")))?;
            requests.push(json!({ "name": name, "url": url }));
        }
        self.put("requests", json!(requests));
        Ok(())
    }

    fn jobs(&mut self, config: &Config, draft: &Draft) -> anyhow::Result<()> {
        if let Ok(key) = &draft.audit_key {
            let key = key.as_ref().map(|key| hex::encode(key.public()));
            line(&key.as_ref().map_or_else(
                || "days           not sealed: [audit] signing_key_file is not configured".to_owned(),
                |key| format!("days           sealed with the key {key}"),
            ))?;
            self.put("audit_key", json!(key));
        }
        line(&match &config.life.warn_link {
            Some(link) => {
                let days: Vec<String> = config.life.warn_days.iter().map(ToString::to_string).collect();
                format!("warnings       {} days before the end, by {link}", days.join(", "))
            }
            None => "warnings       none: [life] warn_link is not configured".to_owned(),
        })?;
        let asking = draft.grammars.as_ref().map(bank_pins::of_subscribers).unwrap_or_default();
        let asking =
            if asking.is_empty() { String::new() } else { format!(", and forms with a PIN of {}", asking.join(", ")) };
        line(&match &config.pins.key_file {
            Some(_) => "PINs           ok".to_owned(),
            None => format!(
                "PINs           none: [pins] key_file is not configured; dealers and credit transfer{asking} are refused"
            ),
        })?;
        for bank in config.pin_checks.keys() {
            line(&format!("PINs           those of {bank} are verified by the bank"))?;
        }
        if let Ok(keys) = &draft.voucher_keys {
            line(&format!("voucher keys   ok, {}", keys.iter().count()))?;
            self.put("voucher_keys", json!(keys.iter().map(crate::domain::voucher::Key::id).collect::<Vec<_>>()));
        }
        Ok(())
    }

    /// A start creates a missing database and upgrades an old one.
    async fn database(&mut self, examined: &Examined, draft: &Draft, findings: &mut Findings) -> anyhow::Result<()> {
        let config = &examined.config;
        let state = match storage::open_existing(config).await {
            // The default path is not the database that was meant.
            _ if !examined.is_whole("store") => "not looked at: [store] is wrong".to_owned(),
            Ok(store) => opened(store, examined, draft, findings).await,
            Err(error) if storage::is_missing(config) => {
                let is_read = examined.is_whole("subscribers");
                findings.warnings.extend(is_read.then(|| database::nobody_yet(config)).flatten());
                match storage::file(config).map_or(Ok(()), |file| database::could_be_made(config, file)) {
                    Ok(()) => error.to_string(),
                    Err(problem) => refused(&anyhow::Error::msg(problem), findings),
                }
            }
            Err(error) if matches!(error.downcast_ref(), Some(StoreError::Behind { .. })) => error.to_string(),
            Err(error) => refused(&error, findings),
        };
        line(&format!("database       {state}"))?;
        self.put("database", json!(state));
        Ok(())
    }

    fn end(mut self, findings: &Findings) -> anyhow::Result<()> {
        for warning in &findings.warnings {
            line(&format!("  WARNING {warning}"))?;
        }
        for error in &findings.errors {
            lines(&format!("  ERROR   {}", error.replace('\n', "\n          ")))?;
        }
        let is_good = findings.errors.is_empty();
        let (errors, warnings) = (number(&findings.errors, "error"), number(&findings.warnings, "warning"));
        if !is_good && !is_seen() {
            // The report is redirected: errors are also shown on standard error.
            complain(&format!("mbush: the server would not start:\n{}", findings.errors.join("\n")));
        }
        line(&if is_good {
            format!("the server would start; {warnings}")
        } else {
            format!("the server would not start: {errors}, {warnings}")
        })?;
        self.put("ok", json!(is_good));
        self.put("errors", json!(findings.errors));
        self.put("warnings", json!(findings.warnings));
        object(&self.facts)?;
        Ok(())
    }
}

fn number<T>(of: &[T], what: &str) -> String {
    counted(of.len() as u64, what)
}

fn http_interface(client: &crate::config::client::Client) -> Option<String> {
    client.secret().ok().flatten().map(|_| "HTTP".to_owned())
}

fn link_json(name: &str, link: &Link) -> Value {
    match link {
        Link::Smsc(smsc) => {
            json!({ "name": name, "kind": "smsc", "hosts": smsc.hosts, "system_id": smsc.system_id })
        }
        Link::Esme(esme) => json!({ "name": name, "kind": "esme", "system_id": esme.system_id }),
        Link::Http(http) => {
            json!({ "name": name, "kind": "http", "gateway": http.gateway, "url": http.shown_url() })
        }
    }
}

/// The state of an existing database. What would prevent a start with it is added to the findings.
async fn opened(store: Store, examined: &Examined, draft: &Draft, findings: &mut Findings) -> String {
    let config = &examined.config;
    let state = contents(&store).await;
    let compared = database::compare(config, draft.voucher_keys.as_ref().ok(), &store).await;
    if examined.is_whole("subscribers") {
        findings.warnings.extend(database::nobody(config, &store).await.ok().flatten());
    }
    store.close().await;
    match (state, compared) {
        (Ok(state), Ok(compared)) => {
            findings.errors.extend(compared.errors);
            findings.warnings.extend(compared.warnings);
            if let Some(Err(problem)) = storage::file(config).map(|file| database::could_be_written(config, file)) {
                findings.errors.push(problem);
            }
            state
        }
        (Err(error @ StoreError::NotYet { .. }), _) | (_, Err(error @ StoreError::NotYet { .. })) => error.to_string(),
        (Err(error), _) | (_, Err(error)) => refused(&error.into(), findings),
    }
}

async fn contents(store: &Store) -> Result<String, StoreError> {
    let totals = store.totals().await?;
    let (messages, transfers) = (counted(totals.messages, "message"), counted(totals.transfers, "transfer"));
    Ok(format!("ok: {messages}, {}; {transfers}", top_ups(&totals)))
}

fn refused(error: &anyhow::Error, findings: &mut Findings) -> String {
    let problem = with_causes(error);
    findings.errors.push(problem.clone());
    format!("NOT OK: {problem}")
}
