//! `mbush simulate smsc`: the operator's SMSC.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use secrecy::SecretString;
use tokio::io::{AsyncBufRead, AsyncWrite, BufReader};
use tokio_util::sync::CancellationToken;

use super::super::exit::Exit;
use super::super::serve::Signals;
use super::super::style::{complain, console as terminal, is_json};
use super::{ErrorArgs, status, statuses};
use crate::simulator::{Faults, LongStyle, ReceiptMark, ReceiptStyle, Smsc, SmscSettings, console};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Address and port to listen on; the default is the one that mbush.example.toml binds to, port 0 takes a free port
    #[arg(long, default_value = "127.0.0.1:2776", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Name (system ID) that peers must bind with
    #[arg(long, default_value = "mbush", value_name = "NAME")]
    system_id: String,
    /// The password that peers must bind with
    #[arg(long, default_value = "secret", env = "MBUSH_SIMULATE_PASSWORD", hide_env_values = true)]
    password: SecretString,
    /// File of texts to deliver, JSON lines of {"from", "to", "text"}; - is standard input
    #[arg(long, value_name = "FILE")]
    deliver: Option<PathBuf>,
    /// Maximum number of deliveries without an answer
    #[arg(long, default_value_t = 10, value_name = "COUNT")]
    window: usize,
    /// Exit when all texts are answered and nothing was submitted for this many seconds
    #[arg(long, value_name = "SECONDS")]
    linger_seconds: Option<u64>,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Delay before a submitted message is answered
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    delay_ms: u64,
    /// Status of the answer to the next submitted message, as 0x58; may be repeated, once for each message
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Vec<u32>,
    #[command(flatten)]
    errors: ErrorArgs,
    /// Format of texts that need more than one part
    #[arg(long, default_value = "udh8", value_name = "STYLE")]
    long: LongStyle,
    /// Never answer a submitted message
    #[arg(long)]
    silent: bool,
    /// Send a receipt before the answer to its submission
    #[arg(long)]
    receipts_first: bool,
    /// Mark by which a message is a delivery receipt
    #[arg(long, value_enum, default_value_t, value_name = "MARK")]
    receipt_mark: ReceiptMark,
    /// Delay from the answer to a submission until its receipt
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    receipt_delay_ms: u64,
    /// Format of the identifiers in receipts; answers use hexadecimal
    #[arg(long, default_value = "same", value_name = "STYLE")]
    receipt_ids: ReceiptStyle,
}

impl Args {
    fn faults(&self) -> Faults {
        Faults {
            submit_statuses: statuses(&self.status),
            errors: self.errors.rate(),
            submit_delay: Duration::from_millis(self.delay_ms),
            receipt_delay: Duration::from_millis(self.receipt_delay_ms),
            receipt_first: self.receipts_first,
            receipt_mark: self.receipt_mark,
            silent: self.silent,
            ..Faults::default()
        }
    }
}

pub(super) async fn run(args: Args, sender: String) -> anyhow::Result<ExitCode> {
    let faults = args.faults();
    let settings = SmscSettings {
        listen: args.listen,
        system_id: args.system_id,
        password: args.password,
        window: args.window,
        receipts: args.receipt_ids,
        long: args.long,
        ..SmscSettings::default()
    };
    let smsc = Smsc::start(settings).await.with_context(|| format!("--listen {}: take a free port", args.listen))?;
    smsc.set_faults(faults);
    let texts = deliveries(args.deliver.as_deref()).await?;
    let out = report(args.report.as_deref()).await?;
    let stop = CancellationToken::new();
    let (signals, told) = (Signals::listen()?, stop.clone());
    let signal = tokio::spawn(async move {
        signals.stop().await;
        told.cancel();
    });
    let linger = args.linger_seconds.map(Duration::from_secs);
    let plan = console::Plan { linger, reports: is_json(), sender };
    if is_json() {
        // Standard output is for the report.
        complain(&format!("listening on {}", smsc.address()));
    }
    let is_well = match console::run(smsc, plan, texts, out, stop).await {
        // The reader of the report has gone.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => true,
        ended => ended?.is_well(),
    };
    signal.abort();
    Ok(Exit::from(is_well).into())
}

/// The texts to deliver: none without a file.
async fn deliveries(file: Option<&Path>) -> anyhow::Result<Box<dyn AsyncBufRead + Unpin>> {
    Ok(match file {
        None => Box::new(tokio::io::empty()),
        Some(file) if file.as_os_str() == "-" => Box::new(BufReader::new(tokio::io::stdin())),
        Some(file) => {
            let opened = tokio::fs::File::open(file).await.with_context(|| format!("--deliver {}", file.display()))?;
            Box::new(BufReader::new(opened))
        }
    })
}

/// The file for the report, or the terminal.
async fn report(file: Option<&Path>) -> anyhow::Result<Box<dyn AsyncWrite + Unpin>> {
    Ok(match file {
        None => Box::new(terminal()),
        Some(file) => {
            Box::new(tokio::fs::File::create(file).await.with_context(|| format!("--report {}", file.display()))?)
        }
    })
}
