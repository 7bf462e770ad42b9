//! Statements that every message runs never read a whole table on PostgreSQL, whatever the server knows of the tables.
//! It counts the scans of each table itself.

use chrono::TimeDelta;
use mbush::domain::limits::{Period, UsageKey};
use mbush::domain::voucher::{CodeHash, Lookup};
use mbush::domain::{Needs, Service};
use mbush::store::{Delivery, DeliveryReceipt, Lease, Store};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, fingerprint, msisdn, now, number};

/// Top-ups of one batch.
const BATCH: u64 = 200;

/// Statistics that the server has of the tables.
#[derive(Debug, Clone, Copy)]
enum Statistics {
    Missing,
    Stale,
    Fresh,
}

/// Every kind of row that a decision may need; most do not exist.
fn everything(of: u64) -> Needs {
    let lookup = Lookup { sender: format!("+383491{of}"), at: now(), hashes: vec![CodeHash([1; 32])] };
    let usage = |period| UsageKey { subject: format!("payer:{of}"), period };
    let (id, today) = (Uuid::now_v7(), now().date_naive());
    Needs {
        accounts: vec![number(of)],
        ended_before: Some(now() + TimeDelta::days(400)),
        fingerprints: vec![fingerprint(of)],
        usage: vec![usage(Period::Day(today)), usage(Period::Recent)],
        lookups: vec![lookup],
        pins: vec![number(of)],
        reversed: vec![id],
        holds: vec![id],
        actions: vec![id],
        courtesies: vec![msisdn(of)],
    }
}

/// What the program does for messages and their replies, some of them twice.
async fn work(store: &Store, from: u64) {
    let top_ups = |run: u64| -> Vec<TopUp> {
        (from..from + BATCH).map(|n| TopUp::new(&format!("ipko:{run}-{n}"), n, n / 2 + run * 1_000_000)).collect()
    };
    apply(store, &top_ups(1)).await;
    apply(store, &top_ups(2)).await;
    apply(store, &top_ups(2)).await;
    let mut batch = store.begin().await.unwrap();
    batch.enrolments(&[(msisdn(from), Service::Mobile)]).await.unwrap();
    batch.orders(&[fingerprint(from)]).await.unwrap();
    batch.load_with_answers(&everything(from), &["ipko:none"]).await.unwrap();
    batch.commit().await.unwrap();
    let lease = Lease { id: Uuid::now_v7(), now: now(), until: now() + TimeDelta::seconds(60) };
    let leased = store.lease_outbox("ipko", lease, 1_000).await.unwrap();
    assert_eq!(leased.len(), 2 * usize::try_from(BATCH).unwrap());
    let ids = |n: usize| (0..=n % 2).map(|part| Some(format!("r{from}-{n}-{part}"))).collect();
    let ended = leased.iter().enumerate();
    let ended: Vec<_> =
        ended.map(|(n, reply)| (reply.sms.id, reply.lease, Delivery::Sent { remote_ids: ids(n) })).collect();
    store.finish_outbox(&ended, now()).await.unwrap();
    let receipt = |n| DeliveryReceipt {
        link: "ipko".into(),
        remote_ids: vec![format!("r{from}-{n}-0")],
        phone: String::new(),
        undeliverable: None,
    };
    let found = store.receive_receipts(&[receipt(0), receipt(1)], now(), now()).await.unwrap();
    assert_eq!(found, [true, true]);
}

/// The tables of which more was read than was written, and how often they were read as a whole, since the counters were
/// reset. A lookup by a key reads a row; one that reads the whole index reads thousands. The row of `ledger` is read once, by
/// the start, whose connection reports it later.
async fn overread(database: &Database) -> Vec<(String, i64, i64)> {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    let reads = "SELECT t.relname::text, t.seq_scan, sum(i.idx_tup_read)::bigint
        FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid)
        WHERE t.relname <> 'ledger'
        GROUP BY t.relname, t.seq_scan, t.n_tup_ins, t.n_tup_upd
        HAVING t.seq_scan > 0 OR sum(i.idx_tup_read) > 10 * (t.n_tup_ins + t.n_tup_upd + 100) ORDER BY 1";
    let found = sqlx::query_as(reads).fetch_all(&mut connection).await.unwrap();
    sqlx::query("SELECT pg_stat_reset()").execute(&mut connection).await.unwrap();
    found
}

#[tokio::test]
async fn no_statement_of_the_hot_path_reads_a_whole_table() {
    for statistics in [Statistics::Missing, Statistics::Stale, Statistics::Fresh] {
        let Some(database) = Database::new(Kind::Postgres) else { return };
        database.open().await.close().await;
        for setting in ["ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()"] {
            execute(&database, Kind::Postgres, setting).await;
        }
        let mut from = 0;
        if matches!(statistics, Statistics::Stale) {
            // The server believes from then on that the tables are empty.
            execute(&database, Kind::Postgres, "VACUUM ANALYZE").await;
        }
        for round in 0..2 {
            if matches!(statistics, Statistics::Fresh) {
                execute(&database, Kind::Postgres, "ANALYZE").await;
            }
            // Opening reads the small table of migrations; a closed connection has reported what it read.
            let store = database.open().await;
            overread(&database).await;
            for _ in 0..8 {
                work(&store, from).await;
                from += BATCH;
            }
            store.close().await;
            assert_eq!(overread(&database).await, [], "statistics: {statistics:?}, round {round}");
        }
    }
}
