//! `mbush simulate esme`: a bank that binds to a server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use secrecy::SecretString;

use super::super::exit::Exit;
use super::super::style::{lines, object};
use super::{ErrorArgs, status, statuses};
use crate::links::smpp::tls::ClientTls;
use crate::simulator::{EsmeSettings, Faults, LongStyle, Text, play};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Server to bind to
    #[arg(long, default_value = "127.0.0.1:2775", value_name = "HOST:PORT")]
    server: String,
    /// Name (system ID) to bind with
    #[arg(long, default_value = "bank", value_name = "NAME")]
    system_id: String,
    /// Password to bind with
    #[arg(long, default_value = "secret", env = "MBUSH_SIMULATE_PASSWORD", hide_env_values = true)]
    password: SecretString,
    /// File of texts to submit, JSON lines of {"from", "to", "text"}; - is standard input
    #[arg(long, value_name = "FILE")]
    submit: PathBuf,
    /// Maximum number of submissions without an answer
    #[arg(long, default_value_t = 10, value_name = "COUNT")]
    window: usize,
    /// Delay before a delivered reply is answered
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    delay_ms: u64,
    /// Status of the answer to the next delivered reply, as 0x64; may be repeated, once for each reply
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Vec<u32>,
    #[command(flatten)]
    errors: ErrorArgs,
    /// Format of texts that need more than one part
    #[arg(long, default_value = "udh8", value_name = "STYLE")]
    long: LongStyle,
    /// Ask for delivery receipts
    #[arg(long)]
    receipts: bool,
    /// Time to wait for replies after the last answer
    #[arg(long, default_value_t = 1, value_name = "SECONDS")]
    linger_seconds: u64,
    /// TLS: certificates of the authorities that may have issued the server's certificate
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// TLS: certificate of this side
    #[arg(long, value_name = "FILE", requires_all = ["ca", "key"])]
    cert: Option<PathBuf>,
    /// TLS: private key of that certificate
    #[arg(long, value_name = "FILE", requires_all = ["ca", "cert"])]
    key: Option<PathBuf>,
}

pub(super) async fn run(args: Args, sender: &str) -> anyhow::Result<ExitCode> {
    let texts = texts(&args.submit, sender).await?;
    let tls = args.ca.map(|ca| ClientTls { ca, cert: args.cert, key: args.key, server_name: None });
    let settings = EsmeSettings {
        system_id: args.system_id,
        password: args.password,
        window: args.window,
        long: args.long,
        receipts: args.receipts,
        tls,
        ..EsmeSettings::new(args.server)
    };
    let faults = Faults {
        submit_statuses: statuses(&args.status),
        errors: args.errors.rate(),
        submit_delay: Duration::from_millis(args.delay_ms),
        ..Faults::default()
    };
    let report = play(settings, faults, Duration::from_secs(args.linger_seconds), texts).await?;
    lines(&serde_json::to_string_pretty(&report)?)?;
    object(&report)?;
    Ok(Exit::from(report.is_well()).into())
}

async fn texts(file: &Path, sender: &str) -> anyhow::Result<Vec<Text>> {
    let content = if file.as_os_str() == "-" {
        tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin())).await??
    } else {
        tokio::fs::read_to_string(file).await.with_context(|| format!("--submit {}", file.display()))?
    };
    let lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |line: &str| Text::from_line(line.as_bytes(), sender);
    lines.map(|(number, line)| read(line).with_context(|| format!("line {} of the texts", number + 1))).collect()
}
