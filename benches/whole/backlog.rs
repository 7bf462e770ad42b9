//! Replies that wait: the SMSC is away while top-ups arrive over HTTP, each with an SMS to be sent; then it is back.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use testkit::free_ports;

use crate::database::Server;
use crate::load;
use crate::processes::{peak_mib, rss_mib};
use crate::rungs::as_f64;
use crate::serve::Mbush;
use crate::smsc::{FIRST_SENDER, Seen, Smsc};
use crate::spread::{number, print_table};
use crate::stack::{Kind, Running, Stack};

/// New messages that arrive meanwhile.
const NEW_PER_SECOND: u32 = 50;
/// The end, where nothing more arrives for so long.
const SILENCE_MAX: Duration = Duration::from_secs(40);
const CONNECTIONS: u32 = 256;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Drained {
    pub(crate) stack: String,
    pub(crate) replies: u64,
    pub(crate) fill_per_second: f64,
    /// From the bind to the first of them.
    pub(crate) first_after_ms: f64,
    pub(crate) replies_per_second: f64,
    /// The greatest distance between a reply's place in the order of arrival and in that of its commit.
    pub(crate) displaced_max: usize,
    /// Resident memory in MiB: at the start, with all replies waiting, and the most.
    pub(crate) rss_mib: [f64; 3],
    pub(crate) new_messages: usize,
    /// Milliseconds until the answer and until the reply of new messages: median, 99 %, longest.
    pub(crate) new_answer_ms: [f64; 3],
    pub(crate) new_reply_ms: [f64; 3],
    pub(crate) faults: Vec<String>,
}

pub(crate) fn run(load_tool: &Path, server: Option<&Server>, stack: &Stack, is_quick: bool) -> Option<Drained> {
    let Stack::Mbush { program, database, .. } = stack else { return None };
    let replies: u64 = if is_quick { 10_000 } else { 100_000 };
    let database = if *database == Kind::Postgres { server.map(Server::create) } else { None };
    let [port] = free_ports();
    let confirm = "confirm_link = \"smsc\"\nconfirm_sender = \"50005\"\n";
    let mbush = Mbush::start(program, database, port, confirm);
    let before = rss_mib(mbush.id());
    let (address, secret) = mbush.http()?;
    let address = format!("http://{address}");
    let arguments = ["http", "--server", &address, "--token", secret, "--count", &replies.to_string()];
    let connections = ["--connections".to_owned(), CONNECTIONS.to_string()];
    let filled = load::run(load_tool, &arguments.map(str::to_owned).into_iter().chain(connections).collect::<Vec<_>>());
    let waiting = mbush.recipients("WHERE state = 'open' ORDER BY created_at, id");
    let full = rss_mib(mbush.id());
    let (smsc, bound) = Smsc::serve(port, NEW_PER_SECOND);
    wait(&smsc, &waiting);
    let peak = peak_mib(mbush.id());
    let mut drained = smsc.with(|seen| of(seen, &waiting, bound));
    let applied = Box::new(mbush).stop();
    drop(smsc);
    drained.stack = stack.name();
    drained.replies = replies;
    drained.fill_per_second = filled.replies_per_second;
    drained.rss_mib = [before, full, peak];
    let all = replies + as_u64(drained.new_messages);
    if as_u64(waiting.len()) != replies {
        drained.faults.push(format!("{} of {replies} replies waited", waiting.len()));
    }
    if applied.transfers != all || applied.replies_unsent > 0 || !applied.is_sound {
        drained.faults.push(format!("{all} top-ups were ordered, and the database has {applied:?}"));
    }
    Some(drained)
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Until all waiting replies have arrived, then the replies to new messages; or until nothing arrives any more.
fn wait(smsc: &Smsc, waiting: &[String]) {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        thread::sleep(Duration::from_millis(50));
        let (submitted, delivered) = smsc.with(|seen| (seen.submitted.len(), seen.delivered.len()));
        if submitted >= waiting.len() {
            smsc.stop_delivering();
        }
        if submitted > last {
            (last, since) = (submitted, Instant::now());
        }
        let is_done = submitted >= waiting.len() + delivered && since.elapsed() > Duration::from_secs(1);
        if is_done || since.elapsed() > SILENCE_MAX {
            smsc.stop_delivering();
            return;
        }
    }
}

/// What the SMSC has seen; `waiting` is in the order of the commits.
fn of(seen: &Seen, waiting: &[String], bound: Instant) -> Drained {
    let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (place, recipient) in waiting.iter().enumerate() {
        places.entry(recipient).or_default().push_back(place);
    }
    let mut new: BTreeMap<u32, Instant> = BTreeMap::new();
    let (mut arrived, mut repeated, mut displaced_max) = (Vec::new(), 0_usize, 0);
    for (recipient, at) in &seen.submitted {
        if let Some(place) = places.get_mut(recipient.as_str()).and_then(VecDeque::pop_front) {
            displaced_max = displaced_max.max(place.abs_diff(arrived.len()));
            arrived.push(*at);
        } else {
            let number = recipient.parse::<u64>().ok().and_then(|sender| sender.checked_sub(FIRST_SENDER));
            let number = number
                .and_then(|number| u32::try_from(number).ok())
                .filter(|number| seen.delivered.contains_key(number));
            repeated += usize::from(number.is_none_or(|number| new.insert(number, *at).is_some()));
        }
    }
    let first = arrived.first().copied().unwrap_or(bound);
    let seconds = arrived.last().map_or(0.0, |last| last.duration_since(first).as_secs_f64());
    let since = |at: &BTreeMap<u32, Instant>| {
        let times = at.iter().filter_map(|(number, at)| Some(at.duration_since(*seen.delivered.get(number)?)));
        times.map(|time| time.as_secs_f64() * 1e3).collect::<Vec<f64>>()
    };
    let answered: BTreeMap<u32, Instant> = seen.answered.iter().map(|(number, at)| (*number, *at)).collect();
    let missing = (waiting.len() - arrived.len()) + (seen.delivered.len() - new.len());
    let faults = [(missing, "replies missing"), (repeated, "replies repeated or unexpected")];
    let faults = faults.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    Drained {
        stack: String::new(),
        replies: 0,
        fill_per_second: 0.0,
        first_after_ms: first.duration_since(bound).as_secs_f64() * 1e3,
        replies_per_second: as_f64(as_u64(arrived.len())) / seconds,
        displaced_max,
        rss_mib: [0.0; 3],
        new_messages: seen.delivered.len(),
        new_answer_ms: quantiles(since(&answered)),
        new_reply_ms: quantiles(since(&new)),
        faults: faults.collect(),
    }
}

fn quantiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    let at = |percent: usize| values.get((values.len() * percent / 100).min(values.len().saturating_sub(1)));
    [50, 99, 100].map(|percent| at(percent).copied().unwrap_or(f64::NAN))
}

pub(crate) fn print(all: &[Drained]) {
    if all.is_empty() {
        return;
    }
    println!(
        "\nbacklog: replies wait for an SMSC that is away; then it is back, and {NEW_PER_SECOND} new messages a second arrive"
    );
    let headings = [
        "",
        "waiting",
        "drained/s",
        "first after ms",
        "displaced by at most",
        "RSS MiB before / waiting / peak",
        "new",
        "their answer ms p50 / p99 / max",
        "their reply ms p50 / p99 / max",
    ];
    let row = |drained: &Drained| {
        vec![
            drained.stack.clone(),
            number(as_f64(drained.replies)),
            number(drained.replies_per_second),
            number(drained.first_after_ms),
            drained.displaced_max.to_string(),
            drained.rss_mib.map(number).join(" / "),
            drained.new_messages.to_string(),
            drained.new_answer_ms.map(number).join(" / "),
            drained.new_reply_ms.map(number).join(" / "),
        ]
    };
    print_table(&[vec![headings.map(str::to_owned).to_vec()], all.iter().map(row).collect()].concat());
    for drained in all.iter().filter(|drained| !drained.faults.is_empty()) {
        println!("\nERROR: backlog, {}: {}", drained.stack, drained.faults.join("; "));
    }
}
