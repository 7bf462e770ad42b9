//! The time that each kind of question to `mbush find` takes: `scripts/find`, or `cargo bench --bench find -- sqlite 1000000`.
//!
//! A new database is filled with messages, of which one in twenty moved nothing, for a tenth as many accounts. What they are
//! searched by is written as a server does it, which leaves up to 8,192 rows that are not; then the questions are asked, of
//! numbers and references all over the tables, one after the other.

#[path = "topups/rows.rs"]
mod rows;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use mbush::domain::{Body, Clock, Msisdn, NumberingPlan, Outcome, Reason, Receipt, Rejection};
use mbush::find::{Finder, Kind, Names, Page, Query, SEGMENT_ROWS, SearchIndexer};
use mbush::store::{InboxRow, Store, Writes};
use rows::Ledger;
use testkit::postgres;
use tokio_util::sync::CancellationToken;

/// Messages of one commit.
const BATCH: usize = 2_000;
/// One message of so many moves nothing.
const UNAPPLIED: usize = 20;
/// Messages for each account.
const EACH: usize = 10;
/// Questions of each kind.
const QUESTIONS: usize = 400;
/// Messages, if no other number is asked for.
const SIZE: usize = 1_000_000;
/// Time between two messages: ten millions are a day.
const APART: TimeDelta = TimeDelta::milliseconds(8);

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut sizes: Vec<usize> = asked.iter().filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.push(SIZE);
    }
    let both = !asked.iter().any(|name| name == "sqlite" || name == "postgres");
    let wanted = |name: &str| both || asked.iter().any(|asked| asked == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for size in sizes {
        if wanted("sqlite") {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}", folder.path().join("find.db").display());
            runtime.block_on(measure("SQLite", &url, size));
        }
        if wanted("postgres") {
            let Some(server) = postgres::Postgres::start() else { return };
            runtime.block_on(measure("PostgreSQL", &server.url, size));
        }
    }
}

async fn measure(name: &str, url: &str, size: usize) {
    let store = Store::open(url).await.unwrap();
    let samples = fill(&store, size).await;
    let plan = Arc::new(NumberingPlan::kosovo().unwrap());
    // All rows are old enough.
    let clock = Clock::new(|| Utc::now() + TimeDelta::hours(1));
    let begun = Instant::now();
    let indexer = SearchIndexer::new(store.clone(), plan.clone(), clock.clone(), SEGMENT_ROWS);
    let segments = indexer.index(&CancellationToken::new()).await.unwrap();
    let each = begun.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(size).unwrap());
    println!("{name}, {size} messages: {segments} segments, {each:.1} µs for each message");
    let names = Names { links: vec!["ipko".into()], clients: vec!["bkt-atm".into()], banks: vec!["ekonomike".into()] };
    let finder = Finder::new(store.clone(), plan.clone(), names, clock);
    println!("  {:<28}{:>10}{:>10}", "question", "p50 ms", "p95 ms");
    for (what, kind, questions) in samples.questions() {
        let queries = questions.iter().map(|text| Query::read(text, kind, &plan).unwrap());
        let mut times = Vec::new();
        for query in queries {
            let begun = Instant::now();
            ask(&finder, &query, kind == Some(Kind::Words)).await;
            times.push(begun.elapsed());
        }
        println!("  {what:<28}{:>10}{:>10}", at(&mut times, 50), at(&mut times, 95));
    }
    store.close().await;
}

/// As `mbush find` does: the results, and the story of the first one, or what is known without one.
async fn ask(finder: &Finder, query: &Query, is_bounded: bool) {
    let from = is_bounded.then(|| start() + TimeDelta::minutes(1));
    let page = Page { limit: 20, from, ..Page::default() };
    let found = finder.find(query, &page).await.unwrap();
    match found.hits.first() {
        Some(hit) => drop(finder.timeline(&hit.cursor.subject.parse().unwrap()).await.unwrap()),
        None => drop(finder.absence(query, &page).await.unwrap()),
    }
}

fn at(times: &mut [Duration], percent: usize) -> String {
    times.sort_unstable();
    format!("{:.1}", times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3)
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_368_000, 0).unwrap()
}

/// Values that questions are asked about.
#[derive(Default)]
struct Samples {
    numbers: Vec<String>,
    keys: Vec<String>,
    receipts: Vec<String>,
    references: Vec<String>,
}

impl Samples {
    fn questions(&self) -> Vec<(&'static str, Option<Kind>, Vec<String>)> {
        let of = |all: &[String]| all.iter().step_by((all.len() / QUESTIONS).max(1)).cloned().collect::<Vec<_>>();
        let unknown = (0..QUESTIONS).map(|n| format!("0445{n:05}")).collect();
        let traces = (0..QUESTIONS).map(|n| format!("{n:06}")).collect();
        vec![
            ("a number", None, of(&self.numbers)),
            ("a number without messages", None, unknown),
            ("a receipt", None, of(&self.receipts)),
            ("a message's key", None, of(&self.keys)),
            ("a reference in a text", None, of(&self.references)),
            ("a key of a client", Some(Kind::Key), of(&self.references)),
            ("a trace number", Some(Kind::Stan), traces),
            ("words", Some(Kind::Words), vec!["pagesa ime".to_owned(); 20]),
        ]
    }
}

/// Messages as a server stores them, in the order of time.
async fn fill(store: &Store, size: usize) -> Samples {
    let (mut ledger, mut samples) = (Ledger::default(), Samples::default());
    for writes in ledger.open_up_to((size / EACH).max(BATCH)) {
        write(store, &writes).await;
    }
    let bar = ProgressBar::new(size as u64);
    bar.set_style(
        ProgressStyle::with_template("messages [{wide_bar}] {human_pos} of {human_len}, {eta} left").unwrap(),
    );
    let mut made = 0;
    while made < size {
        for mut writes in ledger.batches(BATCH, BATCH) {
            for (row, number) in writes.inbox.iter_mut().zip(made..) {
                row.message.received_at = start() + APART * i32::try_from(number).unwrap();
            }
            let times: Vec<DateTime<Utc>> = writes.inbox.iter().map(|row| row.message.received_at).collect();
            writes.transfers.iter_mut().zip(&times).for_each(|(transfer, at)| transfer.at = *at);
            writes.outbox.iter_mut().zip(&times).for_each(|(sms, at)| sms.created_at = *at);
            samples.numbers.extend(writes.inbox.iter().take(2).map(|row| row.message.from.clone()));
            samples.keys.extend(writes.inbox.iter().take(2).map(|row| row.message.key.clone()));
            samples.receipts.extend(writes.transfers.iter().take(2).map(|it| Receipt::of(it.id).to_string()));
            let refused: Vec<InboxRow> = writes.inbox.iter().step_by(UNAPPLIED).map(refused).collect();
            samples.references.extend(refused.iter().take(1).map(|row| reference(&row.message.key)));
            writes.inbox.extend(refused);
            write(store, &writes).await;
            made += writes.inbox.len();
            bar.set_position(made as u64);
        }
    }
    bar.finish_and_clear();
    samples
}

fn reference(key: &str) -> String {
    format!("TRX{}", key.trim_end_matches(":no").chars().rev().take(9).collect::<String>())
}

/// The same phone asks for more than is allowed.
fn refused(row: &InboxRow) -> InboxRow {
    let number: Msisdn = row.message.from.parse().unwrap();
    let key = format!("{}:no", row.message.key);
    let text = format!("0{} 75 ref {}", number.digits().split_off(3), reference(&key));
    let mut refused = row.clone();
    refused.outcome = Outcome::Refused(Rejection::new(Reason::AmountOutOfLimits));
    refused.message.body = Body::Text(text);
    refused.message.key = key;
    refused
}

async fn write(store: &Store, writes: &Writes) {
    let mut batch = store.begin().await.unwrap();
    let needs = mbush::domain::Needs {
        accounts: writes.accounts.iter().map(|account| account.key.clone()).collect(),
        fingerprints: writes.requests.iter().map(|carried| carried.fingerprint).collect(),
        ..mbush::domain::Needs::default()
    };
    batch.load(&needs).await.unwrap();
    batch.write(writes).await.unwrap();
    batch.commit().await.unwrap();
}
