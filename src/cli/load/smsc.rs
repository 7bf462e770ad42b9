//! `mbush load smsc`: the operator's SMSC.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use secrecy::SecretString;

use super::super::style::complain;
use super::{LoadArgs, SmppArgs, new_run};
use crate::load::{Identity, LoadSmsc};
use crate::text::templates::Templates;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Address and port to listen on; the default is the one that mbush.example.toml binds to, port 0 takes a free port
    #[arg(long, default_value = "127.0.0.1:2776", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Name (system ID) that peers must bind with
    #[arg(long, default_value = "mbush", value_name = "NAME")]
    system_id: String,
    /// The password that peers must bind with
    #[arg(long, default_value = "secret", env = "MBUSH_LOAD_PASSWORD", hide_env_values = true)]
    password: SecretString,
    #[command(flatten)]
    smpp: SmppArgs,
    #[command(flatten)]
    load: LoadArgs,
}

pub(super) async fn run(args: Args, templates: &Templates) -> anyhow::Result<ExitCode> {
    let Args { listen, system_id, password, smpp, load } = args;
    load.admit("--listen", listen.ip())?;
    let plan = smpp.plan(&load, templates)?;
    let control = load.control()?;
    let identity = Identity { system_id, password, short_code: smpp.to, run: new_run() };
    let smsc = LoadSmsc::listen(listen, identity).await;
    let smsc = smsc.with_context(|| format!("--listen {listen}: take a free port"))?;
    complain(&format!("listening on {}", smsc.address()?));
    let report = smsc.run(plan, control).await?;
    load.print(&report)
}
