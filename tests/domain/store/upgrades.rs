//! Programs and databases of different versions beside each other, as in a rolling upgrade. (`newer_words` has the words of
//! newer versions.)

use futures_util::future::join_all;
use mbush::store::{Store, StoreError};
use rstest::rstest;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, number};

/// Version and description of the migrations that the database has, the oldest first.
pub(crate) async fn migrations(database: &Database, kind: Kind) -> Vec<(i64, String)> {
    let text = "SELECT version, description FROM _sqlx_migrations ORDER BY version";
    match kind {
        Kind::Sqlite => {
            let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
            sqlx::query_as(text).fetch_all(&mut connection).await.unwrap()
        }
        Kind::Postgres => {
            let mut connection = PgConnection::connect(&database.url).await.unwrap();
            sqlx::query_as(text).fetch_all(&mut connection).await.unwrap()
        }
    }
}

/// As though a newer version had run a migration of its own.
async fn run_newer(database: &Database, kind: Kind, description: &str) -> i64 {
    let last = migrations(database, kind).await.last().unwrap().0;
    let copied = format!(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
        SELECT version + 1, '{description}', installed_on, success, checksum, execution_time
        FROM _sqlx_migrations WHERE version = {last}"
    );
    assert_eq!(execute(database, kind, &copied).await, 1);
    last + 1
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn an_additive_migration_of_a_newer_version_stops_neither_a_node_nor_a_tool(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let running = database.open().await;
    apply(&running, &[TopUp::new("before", 1, 1)]).await;
    run_newer(&database, kind, "additive tills").await;
    execute(&database, kind, "CREATE TABLE tills (name TEXT)").await;
    execute(&database, kind, "ALTER TABLE outbox ADD COLUMN till TEXT").await;

    apply(&running, &[TopUp::new("beside", 1, 2)]).await;
    let restarted = database.open().await;
    apply(&restarted, &[TopUp::new("restarted", 1, 3)]).await;
    let tool = Store::open_existing(&database.url).await.unwrap();
    assert_eq!(tool.account(&number(1)).await.unwrap().unwrap().balance_minor, 1_500);
    assert_eq!(tool.outbox_of("restarted").await.unwrap().len(), 1);
    assert_sound(&tool).await;
    if kind == Kind::Sqlite {
        let folder = tempfile::tempdir().unwrap();
        let (copy, place) = (folder.path().join("copy.db"), folder.path().join("restored.db"));
        tool.backup(&copy).await.unwrap();
        Store::restore(&copy, &format!("sqlite://{}", place.display())).await.unwrap();
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn another_migration_of_a_newer_version_stops_both(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let version = run_newer(&database, kind, "accounts by number").await;
    let refused = [
        Store::open(&database.url).await,
        Store::open_existing(&database.url).await,
        Store::open_to_copy(&database.url).await,
    ];
    for refused in refused {
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(&format!("migration {version} (accounts by number)")), "{refused}");
        assert!(refused.contains("upgrade this program"), "{refused}");
    }
    if kind == Kind::Sqlite {
        let folder = tempfile::tempdir().unwrap();
        let (copy, place) = (folder.path().join("copy.db"), folder.path().join("restored.db"));
        store.backup(&copy).await.unwrap();
        let refused = Store::restore(&copy, &format!("sqlite://{}", place.display())).await.unwrap_err().to_string();
        assert!(refused.contains("newer than this program") && refused.contains("nothing was put back"), "{refused}");
    }
}

/// The table of an additive migration is not there yet: what does not use it works, and what does names the migration.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_tool_needs_only_the_migrations_that_it_uses(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("before", 1, 1)]).await;
    store.close().await;
    let probes = "additive write probes";
    let version = migrations(&database, kind).await.iter().find(|(_, what)| what == probes).unwrap().0;
    execute(&database, kind, &format!("DELETE FROM _sqlx_migrations WHERE version = {version}")).await;
    execute(&database, kind, "DROP TABLE write_probes").await;

    let tool = Store::open_existing(&database.url).await.unwrap();
    assert_eq!(tool.account(&number(1)).await.unwrap().unwrap().balance_minor, 500);
    assert_sound(&tool).await;
    let refused = tool.takes_writes().await.unwrap_err();
    assert!(matches!(refused, StoreError::NotYet { .. }), "{refused}");
    let text = refused.to_string();
    assert!(text.contains("`write_probes`") && text.contains(&format!("migration {version} ({probes})")), "{text}");
    assert!(text.contains("start the server"), "{text}");
    apply(&tool, &[TopUp::new("beside", 1, 2)]).await;
    tool.close().await;

    let server = database.open().await;
    server.takes_writes().await.unwrap();
    assert_eq!(migrations(&database, kind).await.iter().filter(|(_, what)| what == probes).count(), 1);
}

/// Top-ups of one node, in batches that overlap with those of other nodes.
async fn top_up(store: &Store, node: u64) {
    for round in 0..ROUNDS {
        let request = |place| (node * ROUNDS + round) * BATCH + place;
        let one = |place| TopUp::new(&format!("{node}:{round}:{place}"), (round + place) % 7, request(place));
        apply(store, &(0..BATCH).map(one).collect::<Vec<_>>()).await;
    }
}

/// Batches of a node between two changes of the tables, and the top-ups of a batch.
const ROUNDS: u64 = 10;
const BATCH: u64 = 5;

/// Each node knows other migrations than the database has, or than its neighbour does: the oldest opened it before the
/// last additive migration of this program was run, and none knows the migrations of the version after it.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_of_different_versions_top_up_at_once_while_tables_change(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    database.open().await.close().await;
    let probes = "DELETE FROM _sqlx_migrations WHERE description = 'additive write probes'";
    assert_eq!(execute(&database, kind, probes).await, 1);
    execute(&database, kind, "DROP TABLE write_probes").await;

    let oldest = Store::open_existing(&database.url).await.unwrap();
    let ((), newer) = tokio::join!(top_up(&oldest, 0), database.open());
    tokio::join!(top_up(&oldest, 1), top_up(&newer, 2));
    newer.takes_writes().await.unwrap();
    let changes = async {
        run_newer(&database, kind, "additive tills").await;
        for change in [
            "CREATE TABLE tills (name TEXT NOT NULL PRIMARY KEY)",
            "ALTER TABLE transfers ADD COLUMN till TEXT",
            "ALTER TABLE accounts ADD COLUMN till TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE inbox ADD COLUMN till TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX transfers_till ON transfers (till)",
        ] {
            execute(&database, kind, change).await;
        }
    };
    tokio::join!(top_up(&oldest, 3), top_up(&newer, 4), changes);
    let newest = database.open().await;
    let all = [&oldest, &newer, &newest];
    join_all(all.into_iter().zip(5..).map(|(store, node)| top_up(store, node))).await;

    for store in all {
        assert_sound(store).await;
        let totals = store.totals().await.unwrap();
        let made = i64::try_from(8 * ROUNDS * BATCH).unwrap();
        assert_eq!((totals.messages, totals.transfers, totals.transferred_minor), (made, made, 500 * made));
    }
}
