//! What a committed top-up costs among ten thousand accounts, and among ten million: `scripts/scale`, or
//! `cargo bench --bench scale -- sqlite 10000 10000000`.
//!
//! For each size a new database is filled with accounts, and the same top-ups are measured, of accounts all over the table,
//! in batches of 256 through the store, after as many that are not measured. CPU is that of this process and of
//! PostgreSQL's together. The last columns are what each costs beside the smallest size.

#[path = "topups/bare_postgres.rs"]
#[allow(dead_code, reason = "there is no floor here")]
mod bare_postgres;
#[path = "topups/cpu.rs"]
mod cpu;
#[path = "../tests/common/postgres.rs"]
#[allow(dead_code, reason = "the benchmark crashes no server")]
mod postgres;
#[path = "topups/rows.rs"]
#[allow(dead_code, reason = "there is no floor here")]
mod rows;

use std::time::{Duration, Instant};

use cpu::Cpu;
use indicatif::{ProgressBar, ProgressStyle};
use mbush::domain::Needs;
use mbush::store::{Store, Writes};
use rows::Ledger;

const BATCH: usize = 256;
/// Top-ups of one measurement.
const COUNT: usize = 51_200;
/// Measurements at each size; the best counts, because whatever else the machine does only ever slows one down.
const ROUNDS: usize = 5;
/// Where nothing else is asked for.
const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// What one top-up takes, in microseconds.
#[derive(Debug, Clone, Copy)]
struct Cost {
    time: f64,
    cpu: f64,
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut sizes: Vec<usize> = asked.iter().filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.extend(SIZES);
    }
    sizes.sort_unstable();
    let both = !asked.iter().any(|name| name == "sqlite" || name == "postgres");
    let wanted = |name: &str| both || asked.iter().any(|asked| asked == name);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!(
        "{:<12}{:>12}{:>12}{:>12}{:>14}{:>14}",
        "database", "accounts", "µs", "CPU µs", "beside first", "CPU beside"
    );
    let mut first = None;
    for size in sizes.iter().filter(|_| wanted("sqlite")) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("scale.db").display());
        let cost = runtime.block_on(measure(&url, *size));
        print("SQLite", *size, cost, *first.get_or_insert(cost));
    }
    first = None;
    for size in sizes.iter().filter(|_| wanted("postgres")) {
        let Some(server) = postgres::Postgres::start() else { return };
        let cost = runtime.block_on(measure(&server.url, *size));
        print("PostgreSQL", *size, cost, *first.get_or_insert(cost));
    }
}

fn print(database: &str, size: usize, cost: Cost, first: Cost) {
    println!(
        "{database:<12}{size:>12}{:>12.1}{:>12.1}{:>13.0}%{:>13.0}%",
        cost.time,
        cost.cpu,
        100.0 * cost.time / first.time,
        100.0 * cost.cpu / first.cpu
    );
}

async fn measure(url: &str, size: usize) -> Cost {
    let store = Store::open(url).await.unwrap();
    let postmaster = if url.starts_with("sqlite:") { None } else { Some(bare_postgres::postmaster(url).await) };
    let mut ledger = Ledger::default();
    fill(&store, &mut ledger, size).await;
    let (mut costs, cpu) = (Vec::new(), Cpu::of(postmaster));
    for _ in 0..=ROUNDS {
        let batches = ledger.batches(COUNT, BATCH);
        costs.push(cost(&store, &cpu, &batches).await);
    }
    store.close().await;
    let least = |of: fn(&Cost) -> f64| costs.iter().skip(1).map(of).fold(f64::INFINITY, f64::min);
    Cost { time: least(|cost| cost.time), cpu: least(|cost| cost.cpu) }
}

/// Accounts are opened, a few thousand with each commit.
async fn fill(store: &Store, ledger: &mut Ledger, accounts: usize) {
    let bar = ProgressBar::new(accounts as u64);
    bar.set_style(
        ProgressStyle::with_template("opening accounts [{wide_bar}] {human_pos} of {human_len}, {eta} left").unwrap(),
    );
    for writes in ledger.open_up_to(accounts) {
        let mut batch = store.begin().await.unwrap();
        batch.write(&writes).await.unwrap();
        batch.commit().await.unwrap();
        bar.inc(writes.accounts.len() as u64);
    }
    bar.finish_and_clear();
}

async fn cost(store: &Store, cpu: &Cpu, batches: &[Writes]) -> Cost {
    let (begun, used) = (Instant::now(), cpu.used());
    for writes in batches {
        apply(store, writes).await;
    }
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(u32::try_from(COUNT).unwrap_or(u32::MAX));
    Cost { time: each(begun.elapsed()), cpu: each(cpu.used().saturating_sub(used)) }
}

/// What the processor does with a batch, but for the decisions.
async fn apply(store: &Store, writes: &Writes) {
    let mut batch = store.begin().await.unwrap();
    let keys: Vec<&str> = writes.inbox.iter().map(|row| row.message.key.as_str()).collect();
    assert!(batch.answered(&keys).await.unwrap().is_empty());
    let accounts = writes.accounts.iter().map(|account| account.key.clone()).collect();
    let fingerprints = writes.requests.iter().map(|carried| carried.fingerprint).collect();
    batch.load(&Needs { accounts, fingerprints, ..Needs::default() }).await.unwrap();
    batch.write(writes).await.unwrap();
    batch.commit().await.unwrap();
}
