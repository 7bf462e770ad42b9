//! `mbush simulate`: another's part played over a real socket.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use secrecy::SecretString;
use tokio::io::{AsyncBufRead, AsyncWrite, BufReader};
use tokio_util::sync::CancellationToken;

use super::serve::until_told_to_stop;
use crate::simulator::{Smsc, SmscSettings, console};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// The operator's SMSC: deliver texts to whoever binds, and show what comes back
    Smsc(SmscArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct SmscArgs {
    /// Address and port; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:2775", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Name that clients bind with
    #[arg(long, default_value = "mbush", value_name = "NAME")]
    system_id: String,
    /// Password that they bind with
    #[arg(long, default_value = "secret", env = "MBUSH_SIMULATE_PASSWORD", hide_env_values = true)]
    password: SecretString,
    /// Texts to deliver, JSON lines of {"from", "to", "text"}; - is standard input
    #[arg(long, value_name = "FILE")]
    deliver: Option<PathBuf>,
    /// Deliveries that wait for an answer at once
    #[arg(long, default_value_t = 10, value_name = "COUNT")]
    window: usize,
    /// End when all texts are answered and nothing was submitted for so many seconds
    #[arg(long, value_name = "SECONDS")]
    linger_seconds: Option<u64>,
    /// Write what happened to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Smsc(args) => smsc(args).await,
    }
}

async fn smsc(args: SmscArgs) -> anyhow::Result<ExitCode> {
    let settings = SmscSettings {
        listen: args.listen,
        system_id: args.system_id,
        password: args.password,
        window: args.window,
        ..SmscSettings::for_testing()
    };
    let smsc = Smsc::start(settings).await.with_context(|| format!("--listen {}: take a free port", args.listen))?;
    let texts: Box<dyn AsyncBufRead + Unpin> = match &args.deliver {
        None => Box::new(tokio::io::empty()),
        Some(file) if file.as_os_str() == "-" => Box::new(BufReader::new(tokio::io::stdin())),
        Some(file) => {
            let opened = tokio::fs::File::open(file).await.with_context(|| format!("--deliver {}", file.display()))?;
            Box::new(BufReader::new(opened))
        }
    };
    let out: Box<dyn AsyncWrite + Unpin> = match &args.report {
        None => Box::new(tokio::io::stdout()),
        Some(file) => {
            Box::new(tokio::fs::File::create(file).await.with_context(|| format!("--report {}", file.display()))?)
        }
    };
    let stop = CancellationToken::new();
    let signal = tokio::spawn(until_told_to_stop(stop.clone()));
    console::run(smsc, texts, out, args.linger_seconds.map(Duration::from_secs), stop).await?;
    signal.abort();
    Ok(ExitCode::SUCCESS)
}
