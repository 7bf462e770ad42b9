//! `mbush load`: measures a server under load.

mod esme;
mod http;
mod smsc;

use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::exit::Exit;
use super::resources;
use super::serve::Signals;
use super::simulate::{ErrorArgs, percent};
use super::style::{complain, lines, object};
use crate::domain::locale::Currency;
use crate::load::{Control, Numbers, Pace, Plan, Report, Right, Texts, Watched};
use crate::simulator::Faults;
use crate::text::gloss::Confirmations;
use crate::text::templates::Templates;

/// Messages of a run for which neither a number nor a time is given.
const COUNT: u32 = 1_000;
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Be the operator's SMSC: wait for binds, deliver texts, and take the replies
    Smsc(smsc::Args),
    /// Be a bank: bind to a server, submit texts, and take the replies
    Esme(esme::Args),
    /// Be a bank's machine: order top-ups over HTTP, and read the responses
    Http(http::Args),
}

/// Options of every side.
#[derive(Debug, clap::Args)]
struct LoadArgs {
    /// Number of messages [default: 1000, or as many as fit in --seconds]
    #[arg(long, value_name = "COUNT")]
    count: Option<u32>,
    /// Send messages for this time
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    seconds: Option<f64>,
    /// Open loop: send so many messages a second, however fast the replies are; a latency counts from the instant
    /// at which the message was due. Without --rate and --in-flight, messages are sent as fast as the window allows
    #[arg(long, value_name = "COUNT", value_parser = positive, conflicts_with = "in_flight")]
    rate: Option<f64>,
    /// Closed loop: at most so many messages without their reply
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    in_flight: Option<u32>,
    /// Number of messages at the start that are not part of times and rates
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    warm_up: u32,
    /// Numbers of the customers: digits and {n:WIDTH}; may be repeated, each adds its numbers to the pool. A
    /// customer has one message in flight at a time
    #[arg(long, default_values = ["38349{n:6}", "38344{n:6}"], value_name = "TEMPLATE")]
    from: Vec<String>,
    /// Place of the first customer in the pool
    #[arg(long, default_value_t = 0, value_name = "PLACE")]
    first: u32,
    /// Number of customers [default: the rest of the pool]
    #[arg(long, value_name = "COUNT")]
    subscribers: Option<u32>,
    /// Amounts in the currency of the configured country, for one message after the other
    #[arg(long, default_value = "1,2,3,5,10,20,40", value_delimiter = ',', value_name = "AMOUNTS")]
    amounts: Vec<String>,
    /// End with code 1 unless every message got exactly one reply, and the right one
    #[arg(long)]
    strict: bool,
    /// End when nothing has been sent, answered or replied to for this time
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS", value_parser = positive)]
    drain_seconds: f64,
    /// Time for which replies that come twice are awaited at the end
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS", value_parser = not_negative)]
    linger_seconds: f64,
    /// Print a line on standard error each second
    #[arg(long)]
    progress: bool,
    /// Measure CPU time and memory of this process and its descendants (Linux); may be repeated
    #[arg(long, value_name = "NAME=PID", value_parser = watched)]
    watch: Vec<Watched>,
    /// Allow addresses of other machines. Never aim this command at a system that others depend on
    #[arg(long)]
    anywhere: bool,
}

/// Options of both sides of SMPP.
#[derive(Debug, clap::Args)]
struct SmppArgs {
    /// Short code that the texts are sent to
    #[arg(long, default_value = "50005", value_name = "NUMBER")]
    to: String,
    /// Text of a message: {amount}, and {n:WIDTH} as in --from
    #[arg(long, default_value = "{amount}", value_name = "TEMPLATE")]
    text: String,
    /// Text of the right reply: {amount} with all decimals, {n:WIDTH}, * for any characters; may be repeated.
    /// By default the confirmations of a top-up in each language of the configured country
    #[arg(long, value_name = "TEMPLATE")]
    expect: Vec<String>,
    /// Maximum number of messages of a session without an answer
    #[arg(long, default_value_t = 64, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    window: u32,
    /// Number of sessions
    #[arg(long, default_value_t = 1, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    binds: u32,
    /// Send an identifier with each message, in the parameter with this tag
    #[arg(long, value_name = "TAG")]
    message_id_tlv: Option<u16>,
    /// Percentage of messages, spread evenly, that are sent again after they were answered
    #[arg(long, default_value_t = 0, value_name = "PERCENT", value_parser = percent())]
    redeliver_percent: u32,
    /// Cut the connection after every so many sends; messages without an answer are sent again on the next one
    #[arg(long, value_name = "COUNT")]
    cut_after: Option<u64>,
    /// Number of cuts
    #[arg(long, default_value_t = 1, value_name = "COUNT", requires = "cut_after")]
    cuts: u32,
    /// Delay before a reply is answered
    #[arg(long, default_value_t = 0, value_name = "MILLISECONDS")]
    answer_delay_ms: u64,
    #[command(flatten)]
    errors: ErrorArgs,
}

fn number(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "it is not a number".to_owned())?;
    if (0.0..=1e9).contains(&number) { Ok(number) } else { Err("it is not from 0 to 1000000000".to_owned()) }
}

fn not_negative(text: &str) -> Result<f64, String> {
    number(text)
}

fn positive(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if number >= 0.001 { Ok(number) } else { Err("it is not at least 0.001".to_owned()) }
}

fn watched(text: &str) -> Result<Watched, String> {
    let read = |(name, pid): (&str, &str)| Some(Watched { name: name.to_owned(), pid: pid.parse().ok()? });
    text.split_once('=').and_then(read).ok_or_else(|| "it is not NAME=PID, such as server=4711".to_owned())
}

impl LoadArgs {
    fn plan(&self, texts: Texts) -> Plan {
        let pace = match (self.rate, self.in_flight) {
            (Some(rate), _) => Pace::Rate(rate),
            (None, Some(most)) => Pace::InFlight(usize::try_from(most).unwrap_or(usize::MAX)),
            (None, None) => Pace::Window,
        };
        Plan {
            texts,
            count: self.count.or(self.seconds.is_none().then_some(COUNT)),
            seconds: self.seconds.map(Duration::from_secs_f64),
            pace,
            window: 1,
            sessions: 1,
            warm_up: self.warm_up,
            redeliver_percent: 0,
            cut_after: None,
            cuts: 0,
            faults: Faults::default(),
            drain: Duration::from_secs_f64(self.drain_seconds),
            linger: Duration::from_secs_f64(self.linger_seconds),
            message_id_tlv: None,
            watched: self.watch.clone(),
        }
    }

    fn texts(&self, text: &str, right: Right) -> anyhow::Result<Texts> {
        let numbers = Numbers::new(&self.from, self.first, self.subscribers).context("--from")?;
        let decimals = Currency::ledger().decimals().into();
        Texts::new(numbers, &self.amounts, decimals, text, right).context("--text, --expect, --amounts")
    }

    /// Refuses an address of another machine.
    fn admit(&self, option: &str, address: IpAddr) -> anyhow::Result<()> {
        if self.anywhere || address.to_canonical().is_loopback() {
            return Ok(());
        }
        bail!(
            "{option}: {address} is not an address of this machine alone. A load test harms a system that others \
             depend on; to use this address nevertheless, add --anywhere"
        )
    }

    /// Refuses a server on another machine.
    async fn admit_server(&self, server: &str) -> anyhow::Result<()> {
        let found = tokio::net::lookup_host(server).await.with_context(|| format!("--server {server}"))?;
        found.into_iter().try_for_each(|address| self.admit("--server", address.ip()))
    }

    fn control(&self) -> anyhow::Result<Control<'static>> {
        let stop = CancellationToken::new();
        let (signals, told) = (Signals::listen()?, stop.clone());
        tokio::task::spawn_local(async move {
            signals.stop().await;
            told.cancel();
        });
        Ok(Control { progress: self.progress.then_some(&complain), stop })
    }

    fn print(&self, report: &Report) -> anyhow::Result<ExitCode> {
        lines(&report.to_string())?;
        object(report)?;
        let is_well = if self.strict { report.is_flawless() } else { report.replied > 0 };
        Ok(Exit::from(is_well).into())
    }
}

impl SmppArgs {
    fn plan(&self, load: &LoadArgs, templates: &Templates) -> anyhow::Result<Plan> {
        let right = if self.expect.is_empty() {
            Right::Confirmations(Confirmations::new(templates))
        } else {
            Right::Templates(self.expect.clone())
        };
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let faults = Faults {
            errors: self.errors.rate(),
            submit_delay: Duration::from_millis(self.answer_delay_ms),
            ..Faults::default()
        };
        Ok(Plan {
            window: size(self.window),
            sessions: size(self.binds),
            redeliver_percent: self.redeliver_percent,
            cut_after: self.cut_after,
            cuts: self.cuts,
            faults,
            message_id_tlv: self.message_id_tlv,
            ..load.plan(load.texts(&self.text, right)?)
        })
    }
}

/// The beginning of the identifiers of a run: another one in each run.
fn new_run() -> String {
    let (high, _) = Uuid::now_v7().as_u64_pair();
    format!("load-{high:016x}")
}

pub(super) fn run(command: Command, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    // The configuration tells the country. Its mistakes elsewhere are no concern of a measurement.
    let templates = resources::templates(&resources::examine(file)?.config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        match command {
            Command::Smsc(args) => smsc::run(args, &templates).await,
            Command::Esme(args) => esme::run(args, &templates).await,
            Command::Http(args) => http::run(args).await,
        }
    })
}
