//! The rungs that are measured end to end, and one run of a stack on one of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use testkit::free_ports;

use crate::backlog::{self, Drained};
use crate::database::Server;
use crate::load::{self, Report, Times};
use crate::machine;
use crate::processes;
use crate::stack::{Applied, Running, SYSTEM_ID, Stack, WINDOW};

/// Messages without a reply that the SMSC allows at full load.
const IN_FLIGHT: u32 = 2_000;
/// Connections of the client at full load.
const CONNECTIONS: u32 = 256;

/// Messages in a database that is filled before.
const FILLED: u32 = 10_000;
/// A million customers, each of whom tops up a number of its own.
const SENDERS: &str = "38344{n:6}";
const TEXT: &str = "049{n:6} {amount}";
/// A reply is right if it has the number and the amount.
const REPLY: &str = "Numri 049{n:6} u mbush me {amount} EUR. *";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rung {
    /// Over SMPP, as fast as replies come.
    Full,
    /// Over SMPP, so many a second.
    Slow,
    Fast,
    /// Over SMPP, one message at a time.
    Alone,
    /// `POST /v1/topups`, as fast as answers come.
    Http,
}

impl Rung {
    pub(crate) const ALL: [Self; 5] = [Self::Full, Self::Slow, Self::Fast, Self::Alone, Self::Http];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Slow => "1250",
            Self::Fast => "5000",
            Self::Alone => "alone",
            Self::Http => "http",
        }
    }

    pub(crate) fn title(self) -> String {
        match self {
            Self::Full => format!("SMPP, full load: {IN_FLIGHT} messages without a reply at any moment"),
            Self::Slow | Self::Fast => format!("SMPP, {} messages a second", self.rate()),
            Self::Alone => "SMPP, one message at a time".to_owned(),
            Self::Http => format!("HTTP, full load: POST /v1/topups over {CONNECTIONS} connections"),
        }
    }

    const fn rate(self) -> u32 {
        match self {
            Self::Slow => 1_250,
            Self::Fast => 5_000,
            Self::Full | Self::Alone | Self::Http => 0,
        }
    }

    /// Messages of one run. The slower stack gets fewer, so that a run takes about as long.
    fn count(self, is_quick: bool, is_mbush: bool) -> u32 {
        match (self, is_quick, is_mbush) {
            (Self::Full | Self::Http, false, true) => 100_000,
            (Self::Full | Self::Http, true, true) => 30_000,
            (Self::Full | Self::Http, false, false) => 20_000,
            (Self::Full | Self::Http, true, false) => 6_000,
            (Self::Slow | Self::Fast, false, _) => self.rate() * 20,
            (Self::Slow | Self::Fast, true, _) => self.rate() * 6,
            (Self::Alone, false, _) => 300,
            (Self::Alone, true, _) => 100,
        }
    }

    /// Messages at the start of these that are not part of times and rates.
    const fn warm_up(self) -> u32 {
        match self {
            Self::Alone => 20,
            Self::Full | Self::Http => 2_000,
            Self::Slow | Self::Fast => 500,
        }
    }

    /// The incumbent has one way in, and does not reach the higher rate.
    pub(crate) const fn is_for(self, stack: &Stack) -> bool {
        stack.is_mbush() || matches!(self, Self::Full | Self::Slow | Self::Alone)
    }

    /// Arguments of `mbush load`, for the customers from `first` on.
    fn load(self, count: u32, first: u32, smsc: u16, http: Option<(&str, &str)>) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut add = |more: &[&str]| arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        if self == Self::Http {
            let (address, secret) = http.expect("the stack has an HTTP server");
            add(&[
                "http",
                "--server",
                &format!("http://{address}"),
                "--token",
                secret,
                "--connections",
                &CONNECTIONS.to_string(),
            ]);
        } else {
            add(&["smsc", "--listen", &format!("127.0.0.1:{smsc}"), "--system-id", SYSTEM_ID, "--window"]);
            add(&[&WINDOW.to_string(), "--from", SENDERS, "--text", TEXT, "--expect", REPLY]);
        }
        match self {
            Self::Full => add(&["--in-flight", &IN_FLIGHT.to_string()]),
            Self::Alone => add(&["--in-flight", "1"]),
            Self::Slow | Self::Fast => add(&["--rate", &self.rate().to_string()]),
            Self::Http => {}
        }
        add(&["--count", &count.to_string(), "--warm-up", &self.warm_up().to_string()]);
        add(&["--first", &first.to_string()]);
        arguments
    }
}

/// One run of a stack on a rung.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Run {
    pub(crate) rung: Rung,
    pub(crate) stack: String,
    pub(crate) round: u32,
    pub(crate) report: Report,
    /// Each part's CPU, in milliseconds for 1,000 messages.
    pub(crate) cpu_ms: BTreeMap<&'static str, f64>,
    pub(crate) rss_peak_mib: BTreeMap<&'static str, f64>,
    pub(crate) applied: Applied,
    /// Cores that others used before the run, and during it.
    pub(crate) others_before: f64,
    pub(crate) others_cores: f64,
    /// A sync of the disk, just before the run or just after it, whichever took less.
    pub(crate) sync_ms: f64,
    pub(crate) faults: Vec<String>,
}

impl Run {
    /// Messages a second that were replied to; over HTTP, the response is the reply.
    pub(crate) fn rate(&self) -> f64 {
        self.report.replies_per_second
    }

    pub(crate) const fn reply(&self) -> Times {
        if matches!(self.rung, Rung::Http) { self.report.answer_ms } else { self.report.reply_ms }
    }
}

/// Runs each of these on its own database.
pub(crate) struct Runner<'a> {
    /// Whether a database holds earlier messages, and statistics of them, before anything is measured.
    pub(crate) is_filled: bool,
    /// `mbush`, which is also the load tool for all stacks.
    pub(crate) load_tool: &'a Path,
    pub(crate) server: Option<&'a Server>,
    pub(crate) is_quick: bool,
}

impl Runner<'_> {
    pub(crate) fn run(&self, rung: Rung, stack: &Stack, round: u32) -> Run {
        let count = rung.count(self.is_quick, stack.is_mbush());
        let others_before = machine::quiet();
        let sync_ms = machine::sync_ms();
        let [smsc] = free_ports();
        let running = stack.start(self.server, smsc);
        let filled = if self.is_filled { self.fill(running.as_ref(), smsc) } else { 0 };
        let (report, used) = self.measured(rung, running.as_ref(), [count, filled], smsc);
        let rss_peak_mib = running.parts().rss_peak_mib();
        let mut applied = running.stop();
        let sync_ms = sync_ms.min(machine::sync_ms());
        applied.transfers = applied.transfers.saturating_sub(u64::from(filled));
        let all = u64::from(count);
        let cpu_ms = used.parts.into_iter().map(|(name, seconds)| (name, seconds * 1e6 / as_f64(all))).collect();
        let faults = faults(&report, &applied, all, rung);
        let (stack, others_cores) = (stack.name(), used.others_cores);
        Run { rung, stack, round, report, cpu_ms, rss_peak_mib, applied, others_before, others_cores, sync_ms, faults }
    }

    /// `None` for the incumbent, which keeps replies in memory.
    pub(crate) fn backlog(&self, stack: &Stack) -> Option<Drained> {
        backlog::run(self.load_tool, self.server, stack, self.is_quick)
    }

    /// Messages of other customers. Returns how many.
    fn fill(&self, running: &dyn Running, smsc: u16) -> u32 {
        let filled = load::run(self.load_tool, &Rung::Full.load(FILLED, 0, smsc, None));
        assert_eq!(filled.faults(), Vec::<String>::new(), "messages before the measured ones");
        running.settle();
        FILLED
    }

    /// `counts` is of the messages to be measured, and of those before them.
    fn measured(&self, rung: Rung, running: &dyn Running, counts: [u32; 2], smsc: u16) -> (Report, Used) {
        let parts = running.parts();
        let (before, busy, own, begun) =
            (parts.cpu(), machine::busy_seconds(), processes::own_seconds(), Instant::now());
        let report = load::run(self.load_tool, &rung.load(counts[0], counts[1], smsc, running.http()));
        let busy = machine::busy_seconds() - busy;
        let parts: BTreeMap<_, _> =
            parts.cpu().into_iter().map(|(name, after)| (name, after - before.get(name).unwrap_or(&0.0))).collect();
        let known = parts.values().sum::<f64>() + processes::own_seconds() - own;
        let others_cores = ((busy - known) / begun.elapsed().as_secs_f64()).max(0.0);
        (report, Used { parts, others_cores })
    }
}

/// What a run used of the machine.
struct Used {
    /// CPU seconds.
    parts: BTreeMap<&'static str, f64>,
    others_cores: f64,
}

/// Compares what the load tool saw with what the database holds.
fn faults(report: &Report, applied: &Applied, all: u64, rung: Rung) -> Vec<String> {
    let mut faults = report.faults();
    if report.sent != all || applied.transfers != all {
        let (sent, transfers) = (report.sent, applied.transfers);
        faults.push(format!("of {all} messages {sent} were sent, and the database has {transfers} transfers"));
    }
    if applied.replies_unsent > 0 && rung != Rung::Http {
        faults.push(format!("{} replies are not marked as sent", applied.replies_unsent));
    }
    if !applied.is_sound {
        faults.push("the ledger is not sound".to_owned());
    }
    faults
}

pub(crate) fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
