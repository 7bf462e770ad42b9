//! `mbush smpp`: the SMPP sessions of a running server.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use secrecy::ExposeSecret;

use super::resources;
use super::style::{counted, line, local, marked, object};
use crate::links::smpp::meter::SessionReport;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the bound sessions with their counters and their last error
    Sessions(SessionsArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct SessionsArgs {
    /// HTTP address of the server; by default that of the configuration
    #[arg(long, value_name = "ADDRESS")]
    http: Option<String>,
}

pub(super) async fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match command {
        Command::Sessions(args) => sessions(args, config).await,
    }
}

async fn sessions(args: &SessionsArgs, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = resources::config(config)?;
    let secret = config.http.admin_secret().map_err(|problem| anyhow!("http.{problem}"))?;
    let secret =
        secret.context("http.admin_secret is not set: set it or http.admin_secret_file, and restart the server")?;
    let url =
        format!("http://{}/v1/smpp/sessions", args.http.clone().unwrap_or_else(|| config.http.listen.to_string()));
    let response = reqwest::Client::new()
        .get(&url)
        .timeout(Duration::from_secs(config.http.timeout_seconds))
        .bearer_auth(secret.expose_secret())
        .send()
        .await
        .with_context(|| format!("{url}: is `mbush serve` running with this configuration?"))?;
    if !response.status().is_success() {
        bail!("{url}: the server answered {}; does it run with this admin secret?", response.status());
    }
    let sessions: Vec<SessionReport> = response.json().await?;
    if sessions.is_empty() {
        line("no session is bound")?;
    }
    for session in &sessions {
        object(session)?;
        show(session)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(session: &SessionReport) -> std::io::Result<()> {
    let SessionReport { link, address, mode, peer_is, .. } = session;
    marked("", link, &format!("  {mode}, {peer_is} {address}, since {}", local(session.bound_at)))?;
    line(&format!(
        "  in   {}, {} answered ok, {} refused, {} unreadable",
        counted(session.requests_received, "request"),
        session.answered_ok,
        session.answered_otherwise,
        session.malformed
    ))?;
    line(&format!(
        "  out  {}, {} accepted, {} refused, {} unanswered",
        counted(session.requests_sent, "request"),
        session.accepted,
        session.refused,
        session.unanswered
    ))?;
    match &session.last_error {
        Some(error) => line(&format!("  last {error}")),
        None => Ok(()),
    }
}
