//! What a committed top-up costs among ten thousand accounts, and among ten million: `scripts/scale`, or
//! `cargo bench --bench scale -- sqlite 10000 10000000`.
//!
//! For each size a new database is filled with accounts, and the same top-ups are measured, of accounts all over the table,
//! in batches of 256 through the store, after as many that are not measured; the sizes take turns. CPU is that of this
//! process and of PostgreSQL's together, which has cleaned up and written down what it was filled with. The last columns are what each costs beside the smallest size.

#[path = "topups/cpu.rs"]
mod cpu;
#[path = "topups/rows.rs"]
mod rows;
#[path = "topups/server.rs"]
mod server;

use std::time::{Duration, Instant};

use cpu::Cpu;
use indicatif::{ProgressBar, ProgressStyle};
use mbush::domain::Needs;
use mbush::store::{Store, Writes};
use rows::Ledger;
use testkit::postgres;

const BATCH: usize = 256;
/// Top-ups of one measurement.
const COUNT: usize = 51_200;
/// Measurements at each size; the best counts, because whatever else the machine does only ever slows one down.
const ROUNDS: usize = 10;
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
    if wanted("sqlite") {
        let folders: Vec<_> = sizes.iter().map(|_| tempfile::tempdir().unwrap()).collect();
        let urls = folders.iter().map(|folder| format!("sqlite://{}", folder.path().join("scale.db").display()));
        print("SQLite", &sizes, &runtime.block_on(measure(&sizes, urls)));
    }
    if wanted("postgres") {
        let servers: Option<Vec<_>> = sizes.iter().map(|_| postgres::Postgres::start()).collect();
        let Some(servers) = servers else { return };
        let urls = servers.iter().map(|server| server.url.clone());
        print("PostgreSQL", &sizes, &runtime.block_on(measure(&sizes, urls)));
    }
}

fn print(database: &str, sizes: &[usize], costs: &[Cost]) {
    for (size, cost) in sizes.iter().zip(costs) {
        println!(
            "{database:<12}{size:>12}{:>12.1}{:>12.1}{:>13.0}%{:>13.0}%",
            cost.time,
            cost.cpu,
            100.0 * cost.time / costs[0].time,
            100.0 * cost.cpu / costs[0].cpu
        );
    }
}

/// A database of one size.
struct Filled {
    store: Store,
    ledger: Ledger,
    cpu: Cpu,
    costs: Vec<Cost>,
}

/// All are filled first and then measured in turns, so that whatever else the machine does slows each of them down.
async fn measure(sizes: &[usize], urls: impl Iterator<Item = String>) -> Vec<Cost> {
    let mut databases = Vec::new();
    for (size, url) in sizes.iter().zip(urls) {
        databases.push(filled(&url, *size).await);
    }
    for _ in 0..=ROUNDS {
        for database in &mut databases {
            let batches = database.ledger.batches(COUNT, BATCH);
            database.costs.push(cost(&database.store, &database.cpu, &batches).await);
        }
    }
    let least = |costs: &[Cost], of: fn(&Cost) -> f64| costs.iter().skip(1).map(of).fold(f64::INFINITY, f64::min);
    let mut costs = Vec::new();
    for database in databases {
        database.store.close().await;
        let (time, cpu) = (least(&database.costs, |cost| cost.time), least(&database.costs, |cost| cost.cpu));
        costs.push(Cost { time, cpu });
    }
    costs
}

async fn filled(url: &str, size: usize) -> Filled {
    let store = Store::open(url).await.unwrap();
    let mut ledger = Ledger::default();
    fill(&store, &mut ledger, size).await;
    let postmaster = if url.starts_with("sqlite:") { None } else { Some(settled(url).await) };
    Filled { store, ledger, cpu: Cpu::of(postmaster), costs: Vec::new() }
}

/// Makes the database as one that was not filled just now, with nothing left to be cleaned up. Returns the server's first
/// process.
async fn settled(url: &str) -> u32 {
    let client = server::connect(url).await;
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    client.batch_execute("CHECKPOINT").await.unwrap();
    server::postmaster(&client).await
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
    let accounts = writes.accounts.iter().map(|account| account.key.clone()).collect();
    let fingerprints = writes.requests.iter().map(|carried| carried.fingerprint).collect();
    let needs = Needs { accounts, fingerprints, ..Needs::default() };
    assert!(batch.load_with_answers(&needs, &keys).await.unwrap().1.is_empty());
    batch.write(writes).await.unwrap();
    batch.commit().await.unwrap();
}
