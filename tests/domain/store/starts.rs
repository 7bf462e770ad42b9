//! Starts: several nodes at once, and a server whose settings are not what a promise needs.

use futures_util::future::join_all;
use mbush::store::Store;

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound};

/// Whoever is first makes the tables, and the others wait for that: a lock of the migrations keeps them from making them, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_at_once_on_an_empty_database_all_come_up() {
    for _ in 0..3 {
        let Some(database) = Database::new(Kind::Postgres) else { return };
        let nodes = join_all((0..6).map(|_| {
            let url = database.url.clone();
            tokio::spawn(async move { Store::open(&url).await })
        }))
        .await;
        for node in nodes {
            node.unwrap().unwrap().close().await;
        }
        let store = database.open().await;
        apply(&store, &[TopUp::new("ipko:1", 1, 1)]).await;
        assert_sound(&store).await;
    }
}

/// The server would answer a commit before it is on disk; the program does not let it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_is_on_disk_whatever_the_servers_default_is() {
    let Some(mut database) = Database::new(Kind::Postgres) else { return };
    if !database.server().is_some_and(testkit::postgres::Postgres::is_private) {
        return;
    }
    for setting in ["synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'"] {
        execute(&database, Kind::Postgres, &format!("ALTER SYSTEM SET {setting}")).await;
    }
    execute(&database, Kind::Postgres, "SELECT pg_reload_conf()").await;
    let store = database.open().await;
    // The first ones may go to disk with what is made beside them.
    for number in 1..=20 {
        apply(&store, &[TopUp::new(&format!("ipko:{number}"), number, number)]).await;
    }
    assert!(database.crash_and_restart());
    let after = database.open().await;
    assert_eq!(after.totals().await.unwrap().transfers, 20);
    assert_sound(&after).await;
}
