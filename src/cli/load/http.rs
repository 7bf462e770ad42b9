//! `mbush load http`: a bank's machine that orders top-ups.

use std::process::ExitCode;

use anyhow::{Context, bail};
use secrecy::SecretString;

use super::{LoadArgs, new_run};
use crate::load::{LoadHttp, Plan, Right};

/// Port of a server whose address names none.
const PORT: u16 = 80;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Server that top-ups are posted to
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    server: String,
    /// Secret of the client that orders the top-ups
    #[arg(long, env = "MBUSH_LOAD_TOKEN", hide_env_values = true, value_name = "SECRET")]
    token: SecretString,
    /// Number of connections; each has one request at a time
    #[arg(long, default_value_t = 8, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    /// State and amount of the right response: {amount} with two decimals, * for any characters; may be repeated
    #[arg(long, default_values = ["applied {amount}"], value_name = "TEMPLATE")]
    expect: Vec<String>,
    #[command(flatten)]
    load: LoadArgs,
}

pub(super) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { server, token, connections, expect, load } = args;
    let address = address(&server)?;
    load.admit_server(&address).await?;
    let sessions = usize::try_from(connections).unwrap_or(usize::MAX);
    let plan = Plan { sessions, ..load.plan(load.texts("{amount}", Right::Templates(expect))?) };
    let control = load.control()?;
    let client = LoadHttp { server: address, token, run: new_run() };
    let report = client.run(plan, control).await.with_context(|| format!("--server {server}"))?;
    load.print(&report)
}

/// The host and port of a URL.
fn address(url: &str) -> anyhow::Result<String> {
    let Some(host) = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/')) else {
        bail!("--server {url}: it has to begin with http://; a proxy with TLS cannot be measured");
    };
    if host.is_empty() || host.contains('/') {
        bail!("--server {url}: write http://HOST:PORT, without a path");
    }
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    Ok(if has_port { host.to_owned() } else { format!("{host}:{PORT}") })
}
