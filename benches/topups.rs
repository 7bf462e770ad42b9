//! Committed top-ups a second through the store, beside the same rows written by a bare driver in the same run:
//! `cargo bench --bench topups`. PostgreSQL is left out where there is none on the machine.
//!
//! The floor is what the disk and the database leave possible: rusqlite with one prepared INSERT a row, tokio-postgres with
//! one array statement a table (`INSERT … SELECT … FROM UNNEST(…)`, as is usual). It writes the rows of the store's tables
//! ready-made; it reads nothing, serialises nothing and hashes nothing. CPU is that of this process and of PostgreSQL's processes together, by the kernel's count.

#[path = "topups/bare_postgres.rs"]
mod bare_postgres;
#[path = "topups/bare_sqlite.rs"]
mod bare_sqlite;
#[path = "topups/cpu.rs"]
mod cpu;
#[path = "topups/rows.rs"]
mod rows;
#[path = "topups/server.rs"]
mod server;
#[path = "topups/tables.rs"]
mod tables;

use std::time::{Duration, Instant};

use cpu::Cpu;
use mbush::domain::Needs;
use mbush::store::{Store, StoreError, Writes};
use rows::Ledger;
use tables::Tables;
use testkit::postgres;

/// Accounts that are there before anything is measured.
const ACCOUNTS: usize = 10_000;

/// Batches and how many top-ups are measured with each.
const BATCHES: [(usize, usize); 3] = [(1, 600), (16, 9_600), (256, 51_200)];
/// Each measurement is taken so often, in turns with its floor; the best counts, because whatever
/// else the machine does only ever slows one down.
const ROUNDS: usize = 3;

/// What writing so many top-ups took.
#[derive(Debug, Clone, Copy)]
struct Measured {
    time: Duration,
    cpu: Duration,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!(
        "{:<12}{:>7}{:>9}{:>14}{:>14}{:>8}{:>12}{:>12}",
        "database", "batch", "writers", "top-ups/s", "floor/s", "ratio", "CPU µs", "floor µs"
    );
    // `cargo bench --bench topups -- sqlite` measures one of them.
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|asked| asked == name);
    if wanted("sqlite") {
        runtime.block_on(sqlite());
    }
    if wanted("postgres") {
        runtime.block_on(postgresql());
    }
}

async fn sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    let (store, mut ledger) = filled(&url("store.db")).await;
    filled(&url("floor.db")).await.0.close().await;
    let mut bare = bare_sqlite::Bare::open(&folder.path().join("floor.db"));
    for (batch, count) in BATCHES {
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let batches = ledger.batches(count, batch);
            let tables = tables::tables(&batches);
            let cpu = Cpu::of(None);
            ours.push(measured(&cpu, through(&store, &batches)).await);
            floor.push(measured(&cpu, async { bare.write_all(&tables) }).await);
        }
        print("SQLite", batch, 1, count, &ours, &floor);
    }
    store.close().await;
}

async fn postgresql() {
    let Some(own_server) = postgres::Postgres::start() else { return };
    let Some(floor_server) = postgres::Postgres::start() else { return };
    let (store, mut ledger) = filled(&own_server.url).await;
    filled(&floor_server.url).await.0.close().await;
    let mut bare = Vec::new();
    for _ in 0..store.writers() {
        bare.push(bare_postgres::Bare::connect(&floor_server.url).await);
    }
    let (own, own_floor) =
        (server::postmaster(&server::connect(&own_server.url).await).await, bare[0].postmaster().await);
    let shapes = BATCHES.map(|(batch, count)| (batch, count, 1)).into_iter();
    for (batch, count, writers) in shapes.chain([(256, 51_200, store.writers())]) {
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let shards: Vec<Vec<Writes>> =
                (0..writers).map(|shard| ledger.shard(count / writers, batch, shard, writers)).collect();
            let tables: Vec<Vec<Tables>> = shards.iter().map(|batches| tables::tables(batches)).collect();
            let each = shards.iter().map(|batches| through(&store, batches));
            ours.push(measured(&Cpu::of(Some(own)), futures_util::future::join_all(each)).await);
            let each = bare.iter().zip(&tables).map(|(bare, tables)| bare.write_all(tables));
            floor.push(measured(&Cpu::of(Some(own_floor)), futures_util::future::join_all(each)).await);
        }
        print("PostgreSQL", batch, writers, count, &ours, &floor);
    }
    store.close().await;
}

/// A database with some accounts in it, each with one entry.
async fn filled(url: &str) -> (Store, Ledger) {
    let store = Store::open(url).await.unwrap();
    let mut ledger = Ledger::default();
    let opened: Vec<Writes> = ledger.open_up_to(ACCOUNTS).collect();
    through(&store, &opened).await;
    through(&store, &ledger.batches(ACCOUNTS, 500)).await;
    (store, ledger)
}

async fn through(store: &Store, batches: &[Writes]) {
    for writes in batches {
        while let Err(error) = apply(store, writes).await {
            assert!(error.is_transient(), "{error}");
        }
    }
}

/// What the processor does with a batch, but for the decisions.
async fn apply(store: &Store, writes: &Writes) -> Result<(), StoreError> {
    let mut batch = store.begin().await?;
    let keys: Vec<&str> = writes.inbox.iter().map(|row| row.message.key.as_str()).collect();
    let accounts = writes.accounts.iter().map(|account| account.key.clone()).collect();
    let fingerprints = writes.requests.iter().map(|carried| carried.fingerprint).collect();
    let needs = Needs { accounts, fingerprints, ..Needs::default() };
    assert!(batch.load_with_answers(&needs, &keys).await?.1.is_empty());
    batch.write(writes).await?;
    batch.commit().await
}

async fn measured<T>(cpu: &Cpu, work: impl Future<Output = T>) -> Measured {
    let (begun, used) = (Instant::now(), cpu.used());
    work.await;
    Measured { time: begun.elapsed(), cpu: cpu.used().saturating_sub(used) }
}

fn print(database: &str, batch: usize, writers: usize, count: usize, ours: &[Measured], floor: &[Measured]) {
    let (ours, floor) = (best(ours), best(floor));
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let rate = |measured: Measured| f64::from(count) / measured.time.as_secs_f64();
    let each = |measured: Measured| measured.cpu.as_secs_f64() * 1e6 / f64::from(count);
    println!(
        "{database:<12}{batch:>7}{writers:>9}{:>14.0}{:>14.0}{:>7.0}%{:>12.1}{:>12.1}",
        rate(ours),
        rate(floor),
        100.0 * rate(ours) / rate(floor),
        each(ours),
        each(floor)
    );
}

fn best(measured: &[Measured]) -> Measured {
    let time = measured.iter().map(|measured| measured.time).min();
    let cpu = measured.iter().map(|measured| measured.cpu).min();
    Measured { time: time.unwrap_or_default(), cpu: cpu.unwrap_or_default() }
}
