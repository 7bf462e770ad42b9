//! The private PostgreSQL that mbush and the incumbent share in turns, each run with a new database; and what databases hold
//! after a run.

use std::cell::Cell;

use testkit::postgres::Postgres;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

/// As an operator would set a server of this size; commits wait for the disk.
pub(crate) const SETTINGS: [&str; 7] = [
    "shared_buffers=1GB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
    "max_connections=100",
    "synchronous_commit=on",
    "deadlock_timeout=1s",
    "autovacuum_naptime=1min",
];

pub(crate) struct Server {
    postgres: Postgres,
    runtime: Runtime,
    made: Cell<u32>,
}

impl Server {
    /// `None` where there is no PostgreSQL on this machine.
    pub(crate) fn start() -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Some(Self { postgres: Postgres::as_in_production(&SETTINGS)?, runtime, made: Cell::new(0) })
    }

    pub(crate) fn process(&self) -> u32 {
        self.postgres.process().expect("it is ours")
    }

    /// A new database, and nothing left to be written of the one before.
    pub(crate) fn create(&self) -> Database<'_> {
        self.made.set(self.made.get() + 1);
        let name = format!("run_{}", self.made.get());
        self.execute(&self.postgres.url, &format!("CREATE DATABASE {name}"));
        self.execute(&self.postgres.url, "CHECKPOINT");
        Database { server: self, url: self.postgres.url.replacen("/postgres?", &format!("/{name}?"), 1), name }
    }

    fn with<T>(&self, url: &str, work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>) -> T {
        self.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server is up");
            let connection = tokio::spawn(connection);
            let done = work(&client).await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
            drop(client);
            drop(connection.await);
            done
        })
    }

    fn execute(&self, url: &str, sql: &str) {
        self.with(url, async |client| client.batch_execute(sql).await);
    }
}

/// Dropped with everything in it.
pub(crate) struct Database<'a> {
    server: &'a Server,
    name: String,
    pub(crate) url: String,
}

impl Database<'_> {
    pub(crate) fn server(&self) -> u32 {
        self.server.process()
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.server.execute(&self.url, sql);
    }

    /// With nothing left to be cleaned up, and statistics of what is there.
    pub(crate) fn settle(&self) {
        self.execute("VACUUM ANALYZE");
        self.execute("CHECKPOINT");
    }

    pub(crate) fn count(&self, sql: &str) -> u64 {
        let count: i64 = self.server.with(&self.url, async |client| Ok(client.query_one(sql, &[]).await?.get(0)));
        u64::try_from(count).expect("a count is not negative")
    }

    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.server.with(&self.url, async |client| client.query(sql, &[]).await);
        rows.iter().map(|row| row.get(0)).collect()
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        self.server.execute(&self.server.postgres.url, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}
