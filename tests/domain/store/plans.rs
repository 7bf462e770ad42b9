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
    let ended: Vec<_> = ended
        .map(|(n, reply)| (reply.sms.id, reply.lease, Delivery::Sent { remote_ids: ids(n) }))
        .collect();
    store.finish_outbox(&ended, now()).await.unwrap();
    let receipt = |n| DeliveryReceipt {
        link: "ipko".into(),
        remote_ids: vec![format!("r{from}-{n}-0")],
        phone: String::new(),
        undeliverable: None,
    };
    let found = store.receive_receipts(&[receipt(0), receipt(1), receipt(9_999)], now(), now()).await.unwrap();
    assert_eq!(found, [true, true, false]);
}

/// The tables that were read as a whole since the counters were reset.
async fn scanned(database: &Database) -> Vec<(String, i64)> {
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    let scans = "SELECT relname::text, seq_scan FROM pg_stat_user_tables WHERE seq_scan > 0 ORDER BY 1";
    let found = sqlx::query_as(scans).fetch_all(&mut connection).await.unwrap();
    sqlx::query("SELECT pg_stat_reset()").execute(&mut connection).await.unwrap();
    found
}

#[tokio::test]
async fn no_statement_of_the_hot_path_reads_a_whole_table() {
    let Some(database) = Database::new(Kind::Postgres) else { return };
    database.open().await.close().await;
    execute(&database, Kind::Postgres, "ALTER SYSTEM SET autovacuum = off").await;
    execute(&database, Kind::Postgres, "SELECT pg_reload_conf()").await;
    let mut from = 0;
    for statistics in [Statistics::Missing, Statistics::Stale, Statistics::Fresh] {
        match statistics {
            Statistics::Missing => {}
            Statistics::Stale => drop(execute(&database, Kind::Postgres, "VACUUM ANALYZE").await),
            Statistics::Fresh => drop(execute(&database, Kind::Postgres, "ANALYZE").await),
        }
        // Opening reads the small table of migrations; a closed connection has reported its scans.
        let store = database.open().await;
        scanned(&database).await;
        for _ in 0..8 {
            work(&store, from).await;
            from += BATCH;
        }
        store.close().await;
        assert_eq!(scanned(&database).await, [], "statistics: {statistics:?}");
    }
}
