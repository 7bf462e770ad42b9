//! The rung below: top-ups that this process commits through the store, with no SMSC and no text to be read.

use std::time::Instant;

use mbush::domain::Needs;
use mbush::store::{Store, Writes};
use serde::Serialize;

use crate::database::Server;
use crate::machine;
use crate::processes::{Parts, own_seconds};
use crate::rows::Ledger;
use crate::rungs::as_f64;
use crate::stack::Kind;

const BATCH: usize = 256;
const ACCOUNTS: usize = 10_000;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Stored {
    pub(crate) database: &'static str,
    pub(crate) top_ups_per_second: f64,
    /// For 1,000 top-ups, the database's included.
    pub(crate) cpu_ms: f64,
    pub(crate) others_before: f64,
}

/// Commits in batches of 256, with all writers that the database allows.
pub(crate) fn run(server: Option<&Server>, kind: Kind, is_quick: bool) -> Stored {
    let others_before = machine::quiet();
    let count = if is_quick { 25_600 } else { 102_400 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = if kind == Kind::Postgres { server.map(Server::create) } else { None };
    let sqlite = || format!("sqlite://{}", folder.path().join("store.db").display());
    let url = database.as_ref().map_or_else(sqlite, |database| database.url.clone());
    let mut parts = Parts::default();
    if let Some(database) = &database {
        parts.add("PostgreSQL", database.server());
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let cpu = || own_seconds() + parts.cpu().values().sum::<f64>();
    let (seconds, used) = runtime.block_on(measured(&url, count, cpu));
    let count = as_f64(count as u64);
    let name = if kind == Kind::Sqlite { "SQLite" } else { "PostgreSQL" };
    Stored { database: name, top_ups_per_second: count / seconds, cpu_ms: used * 1e6 / count, others_before }
}

/// Seconds, and CPU seconds.
async fn measured(url: &str, count: usize, cpu: impl Fn() -> f64) -> (f64, f64) {
    let store = Store::open(url).await.expect("a new database");
    let mut ledger = Ledger::default();
    let opened: Vec<Writes> = ledger.open_up_to(ACCOUNTS).collect();
    through(&store, &opened).await;
    through(&store, &ledger.batches(ACCOUNTS, BATCH)).await;
    let writers = store.writers();
    let shards: Vec<Vec<Writes>> =
        (0..writers).map(|shard| ledger.shard(count / writers, BATCH, shard, writers)).collect();
    let (begun, used) = (Instant::now(), cpu());
    futures_util::future::join_all(shards.iter().map(|batches| through(&store, batches))).await;
    let measured = (begun.elapsed().as_secs_f64(), cpu() - used);
    store.close().await;
    measured
}

async fn through(store: &Store, batches: &[Writes]) {
    for writes in batches {
        while let Err(error) = apply(store, writes).await {
            assert!(error.is_transient(), "{error}");
        }
    }
}

/// What the processor does with a batch, but for the decisions.
async fn apply(store: &Store, writes: &Writes) -> Result<(), mbush::store::StoreError> {
    let mut batch = store.begin().await?;
    let keys: Vec<&str> = writes.inbox.iter().map(|row| row.message.key.as_str()).collect();
    let accounts = writes.accounts.iter().map(|account| account.key.clone()).collect();
    let fingerprints = writes.requests.iter().map(|carried| carried.fingerprint).collect();
    let needs = Needs { accounts, fingerprints, ..Needs::default() };
    assert!(batch.load_with_answers(&needs, &keys).await?.1.is_empty());
    batch.write(writes).await?;
    batch.commit().await
}
