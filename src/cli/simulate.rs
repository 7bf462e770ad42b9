//! `mbush simulate`: plays a peer over a real socket.

mod atm;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use secrecy::SecretString;
use tokio::io::{AsyncBufRead, AsyncWrite, BufReader};
use tokio_util::sync::CancellationToken;

use super::exit::Exit;
use super::serve::Signals;
use super::style::{complain, console as terminal, is_json, lines, object};
use crate::links::smpp::tls::ClientTls;
use crate::simulator::{
    DEFAULT_SENDER, ErrorRate, EsmeSettings, Faults, Load, LongStyle, ReceiptMark, ReceiptStyle, Smsc, SmscSettings,
    Text, console, load,
};
use crate::smpp::CommandStatus;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Simulate the operator's SMSC: deliver texts to the peers that bind, and print their answers and replies
    ///
    /// With --json it prints one object at the end, with counts and times.
    Smsc(SmscArgs),
    /// Simulate a bank: bind to a server, submit texts, and count the answers and replies
    Esme(EsmeArgs),
    /// Simulate a bank's cash machines: top up over ISO 8583, lose answers, reverse
    Atm(atm::Args),
}

#[derive(Debug, clap::Args)]
pub(super) struct SmscArgs {
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
    /// Texts per second; 0 for as many as the window allows
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    rate: u32,
    /// Percentage of texts whose answer is ignored, and which are delivered again
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = percent())]
    redeliver_percent: u32,
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
    /// Status for the requests that `--error-percent` selects
    #[arg(long, default_value = "0x58", value_name = "STATUS", value_parser = status)]
    error_status: u32,
    /// Percentage of requests, spread evenly, that are answered with `--error-status`
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = percent())]
    error_percent: u32,
    /// Format of texts that need more than one part
    #[arg(long, default_value = "udh8", value_name = "STYLE")]
    long: LongStyle,
    /// Never answer a submitted message
    #[arg(long)]
    silent: bool,
    /// Close the connection after this many deliveries
    #[arg(long, value_name = "COUNT")]
    drop_after: Option<u32>,
    /// Send a receipt before the answer to its submission
    #[arg(long)]
    receipts_first: bool,
    /// Mark by which a message is a delivery receipt
    #[arg(long, value_enum, default_value_t)]
    receipt_mark: ReceiptMark,
    /// Delay from the answer to a submission until its receipt
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    receipt_delay_ms: u64,
    /// Format of the identifiers in receipts; answers use hexadecimal
    #[arg(long, default_value = "same", value_name = "STYLE")]
    receipt_ids: ReceiptStyle,
}

impl SmscArgs {
    fn faults(&self) -> Faults {
        Faults {
            submit_statuses: statuses(&self.status),
            errors: errors(self.error_percent, self.error_status),
            submit_delay: Duration::from_millis(self.delay_ms),
            receipt_delay: Duration::from_millis(self.receipt_delay_ms),
            receipt_first: self.receipts_first,
            receipt_mark: self.receipt_mark,
            silent: self.silent,
            cut_after_deliveries: self.drop_after,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct EsmeArgs {
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
    /// Texts per second; 0 for as many as the window allows
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    rate: u32,
    /// Percentage of texts whose answer is ignored, and which are submitted again
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = percent())]
    redeliver_percent: u32,
    /// Close the connection after every this many submissions
    #[arg(long, value_name = "COUNT")]
    drop_after: Option<u64>,
    /// Delay before a delivered reply is answered
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    delay_ms: u64,
    /// Status of the answer to the next delivered reply, as 0x64; may be repeated, once for each reply
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Vec<u32>,
    /// Status for the requests that `--error-percent` selects
    #[arg(long, default_value = "0x58", value_name = "STATUS", value_parser = status)]
    error_status: u32,
    /// Percentage of requests, spread evenly, that are answered with `--error-status`
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = percent())]
    error_percent: u32,
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

/// `0x58` or `88`.
fn status(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.strip_prefix("0x").map_or_else(|| text.parse(), |hexadecimal| u32::from_str_radix(hexadecimal, 16))
}

fn percent() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=100)
}

fn errors(percent: u32, status: u32) -> Option<ErrorRate> {
    (percent > 0).then(|| ErrorRate::new(percent, CommandStatus(status)))
}

fn statuses(codes: &[u32]) -> std::collections::VecDeque<CommandStatus> {
    codes.iter().copied().map(CommandStatus).collect()
}

pub(super) async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Smsc(args) => smsc(args).await,
        Command::Esme(args) => esme(args).await,
        Command::Atm(args) => atm::run(args).await,
    }
}

async fn smsc(args: SmscArgs) -> anyhow::Result<ExitCode> {
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
    let plan = console::Plan {
        rate: args.rate,
        redeliver_percent: args.redeliver_percent,
        linger: args.linger_seconds.map(Duration::from_secs),
        reports: is_json(),
    };
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

async fn esme(args: EsmeArgs) -> anyhow::Result<ExitCode> {
    let texts = texts(&args.submit).await?;
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
        errors: errors(args.error_percent, args.error_status),
        submit_delay: Duration::from_millis(args.delay_ms),
        ..Faults::default()
    };
    let load = Load {
        rate: args.rate,
        redeliver_percent: args.redeliver_percent,
        drop_after: args.drop_after,
        faults,
        linger: Duration::from_secs(args.linger_seconds),
    };
    let report = load::run(settings, load, texts).await?;
    lines(&serde_json::to_string_pretty(&report)?)?;
    object(&report)?;
    Ok(Exit::from(report.is_well()).into())
}

async fn texts(file: &Path) -> anyhow::Result<Vec<Text>> {
    let content = if file.as_os_str() == "-" {
        tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin())).await??
    } else {
        tokio::fs::read_to_string(file).await.with_context(|| format!("--submit {}", file.display()))?
    };
    let lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |line: &str| Text::from_line(line.as_bytes(), DEFAULT_SENDER);
    lines.map(|(number, line)| read(line).with_context(|| format!("line {} of the texts", number + 1))).collect()
}
