//! `mbush load esme`: a bank that binds to a server.

use std::process::ExitCode;

use anyhow::Context;
use secrecy::SecretString;

use super::{LoadArgs, SmppArgs, new_run};
use crate::load::{Identity, LoadEsme};
use crate::text::templates::Templates;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Server to bind to
    #[arg(long, default_value = "127.0.0.1:2775", value_name = "HOST:PORT")]
    server: String,
    /// Name (system ID) to bind with
    #[arg(long, default_value = "bank", value_name = "NAME")]
    system_id: String,
    /// Password to bind with
    #[arg(long, default_value = "secret", env = "MBUSH_LOAD_PASSWORD", hide_env_values = true)]
    password: SecretString,
    #[command(flatten)]
    smpp: SmppArgs,
    #[command(flatten)]
    load: LoadArgs,
}

pub(super) async fn run(args: Args, templates: &Templates) -> anyhow::Result<ExitCode> {
    let Args { server, system_id, password, smpp, load } = args;
    load.admit_server(&server).await?;
    let plan = smpp.plan(&load, templates)?;
    let control = load.control()?;
    let identity = Identity { system_id, password, short_code: smpp.to, run: new_run() };
    let bank = LoadEsme { server: server.clone(), identity };
    let report = bank.run(plan, control).await.with_context(|| format!("--server {server}"))?;
    load.print(&report)
}
