//! `mbush send`: sends one SMS to a running server, as its SMSC or as its HTTP gateway, and shows the reply.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::timeout;
use uuid::Uuid;

use super::exit::Exit;
use super::resources;
use super::style::{line, lines, object};
use crate::config::{Config, Link};
use crate::domain::NumberingPlan;
use crate::simulator::{Smsc, SmscSettings, Text};

#[derive(Debug, clap::Args)]
#[command(after_help = "As an HTTP gateway of the configuration, to a server that runs with it:\n  \
    mbush send --link gateway --from 049111222 50005 '049123456 5'\n\n\
    As the SMSC that a link binds to; it waits for the bind:\n  \
    mbush send --smsc 127.0.0.1:2776 --system-id mbush --password secret --from 049111222 50005 '5'")]
pub(super) struct Args {
    /// The short code
    short_code: String,
    /// The text
    text: String,
    /// The phone that sends the text
    #[arg(long, value_name = "NUMBER")]
    from: String,
    /// Name of an HTTP link in the configuration; the message is posted to /v1/sms with the link's secret. It
    /// may be left out if there is only one
    #[arg(long, value_name = "NAME", conflicts_with = "smsc")]
    link: Option<String>,
    /// Identifier of the message, for --link; a second message with the same identifier is a repetition of the first
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Act as the SMSC on this address: wait for a server to bind, deliver the message and wait for the reply
    #[arg(long, value_name = "ADDRESS")]
    smsc: Option<SocketAddr>,
    /// Name that the server binds with, for --smsc
    #[arg(long, default_value = "mbush", value_name = "NAME")]
    system_id: String,
    /// Password that the server binds with, for --smsc
    #[arg(long, default_value = "secret", env = "MBUSH_SEND_PASSWORD", hide_env_values = true)]
    password: SecretString,
    /// Maximum time to wait for the bind, and for the reply
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    timeout_seconds: u64,
}

pub(super) async fn run(args: &Args, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let Some(address) = args.smsc else {
        let config = resources::config(config)?;
        let link = args.link.clone().map_or_else(|| only_gateway(&config), Ok)?;
        return as_gateway(args, &link, &config).await;
    };
    let plan = resources::plan(&resources::config(config)?)?;
    as_smsc(args, address, &plan).await
}

fn only_gateway(config: &Config) -> anyhow::Result<String> {
    let gateways = config.links.iter().filter(|(_, link)| matches!(link, Link::Http(_)));
    let names: Vec<&str> = gateways.map(|(name, _)| name.as_str()).collect();
    match names[..] {
        [name] => Ok(name.to_owned()),
        [] => bail!("the configuration has no link with kind = \"http\": configure one, or give --smsc ADDRESS"),
        _ => bail!("give --link NAME, one of {}; or --smsc ADDRESS", names.join(", ")),
    }
}

async fn as_smsc(args: &Args, address: SocketAddr, plan: &NumberingPlan) -> anyhow::Result<ExitCode> {
    let wait = Duration::from_secs(args.timeout_seconds);
    let settings = SmscSettings {
        listen: address,
        system_id: args.system_id.clone(),
        password: args.password.clone(),
        ..SmscSettings::default()
    };
    let smsc = Smsc::start(settings).await.with_context(|| format!("--smsc {address}: take a free port"))?;
    let mut submitted = smsc.submitted();
    timeout(wait, smsc.receiver_bound())
        .await
        .map_err(|_| anyhow!("no server has bound to {address} in {} seconds", args.timeout_seconds))?;
    let text = Text { from: args.from.clone(), to: args.short_code.clone(), text: args.text.clone() };
    let status = smsc.deliver(&text).await?;
    if !status.is_ok() {
        line(&format!("the server refused the message: {status}"))?;
        object(&json!({ "status": status.0 }))?;
        smsc.stop().await;
        return Ok(Exit::No.into());
    }
    let reply = async {
        loop {
            let message = submitted.recv().await?;
            if is_same_phone(plan, &message.to, &args.from) {
                return anyhow::Ok(message);
            }
        }
    };
    let reply = timeout(wait, reply)
        .await
        .map_err(|_| anyhow!("the message was accepted, but no reply arrived in {} seconds", args.timeout_seconds))??;
    line(&reply.text)?;
    object(&json!({ "status": status.0, "reply": reply.text }))?;
    smsc.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Returns whether two addresses are the same phone: by number if the plan can parse both, and otherwise by their
/// characters.
fn is_same_phone(plan: &NumberingPlan, one: &str, other: &str) -> bool {
    match (plan.phone(one, None), plan.phone(other, None)) {
        (Some(one), Some(other)) => one == other,
        _ => one.trim_start_matches('+') == other.trim_start_matches('+'),
    }
}

async fn as_gateway(args: &Args, name: &str, config: &Config) -> anyhow::Result<ExitCode> {
    let Some(Link::Http(gateway)) = config.links.get(name) else {
        bail!("--link {name}: the configuration has no links.{name} with kind = \"http\"");
    };
    if gateway.gateway != "json" {
        bail!(
            "--link {name}: its messages come in the format of gateway {}; send one through the gateway, or try a captured \
             request with `mbush gateway try {name} FILE`",
            gateway.gateway
        );
    }
    let secret = gateway.secret().map_err(|problem| anyhow!("links.{name}.{problem}"))?;
    let id = args.id.clone().unwrap_or_else(|| Uuid::now_v7().to_string());
    let url = format!("http://{}/v1/sms", config.http.listen);
    let response = reqwest::Client::new()
        .post(&url)
        .timeout(Duration::from_secs(args.timeout_seconds))
        .bearer_auth(secret.expose_secret())
        .json(&json!({ "id": id, "from": args.from, "to": args.short_code, "text": args.text }))
        .send()
        .await
        .with_context(|| format!("{url}: is `mbush serve` running with this configuration?"))?;
    let taken = response.status().is_success();
    let answer: serde_json::Value = response.json().await?;
    lines(&serde_json::to_string_pretty(&answer)?)?;
    object(&answer)?;
    Ok(Exit::from(taken).into())
}
