//! Databases of the version before, with rows that it wrote: they are brought up to date, and are found sound.
//!
//! The rows are of accounts that were topped up three times each, and one that staff worked on; of when messages and actions
//! were not yet hashed into their transfers.

use std::borrow::Cow;
use std::path::Path;

use mbush::store::Store;
use rstest::rstest;
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, number};

/// The last migration of that version.
const LAST: i64 = 17;

async fn of_before(kind: Kind) -> Option<Database> {
    let database = Database::new(kind)?;
    let (folder, rows) = match kind {
        Kind::Sqlite => ("migrations/sqlite", include_str!("before/sqlite.sql")),
        Kind::Postgres => ("migrations/postgres", include_str!("before/postgres.sql")),
    };
    let mut migrator = Migrator::new(Path::new(folder)).await.unwrap();
    migrator.migrations = Cow::Owned(migrator.iter().filter(|step| step.version <= LAST).cloned().collect());
    if kind == Kind::Sqlite {
        std::fs::write(database.url.trim_start_matches("sqlite://"), "").unwrap();
        let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
        migrator.run(&mut connection).await.unwrap();
        sqlx::raw_sql(rows).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(&database.url).await.unwrap();
        migrator.run(&mut connection).await.unwrap();
        sqlx::raw_sql(rows).execute(&mut connection).await.unwrap();
    }
    Some(database)
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn rows_of_the_version_before_are_sound_and_go_on(#[case] kind: Kind) {
    let Some(database) = of_before(kind).await else { return };
    let older = Store::open_existing(&database.url).await.unwrap_err().to_string();
    assert!(older.contains(&format!("version {LAST}")), "{older}");
    let store = database.open().await;
    let found = store.audit(&mut |_| {}).await.unwrap();
    assert_eq!((found.offence, found.transfers, found.without_cause, found.requests), (None, 20, 20, 0));
    // Another top-up of the same number, and the same request again.
    apply(&store, &[TopUp::new("ipko:new", 3, 900), TopUp::new("ipko:again", 3, 900)]).await;
    let found = store.audit(&mut |_| {}).await.unwrap();
    assert_eq!((found.offence, found.transfers, found.without_cause, found.requests), (None, 21, 20, 1));
    assert_eq!(store.account(&number(3)).await.unwrap().unwrap().balance_minor, 2_000);

    // What is hashed in these rows is found, and what is not is not claimed.
    execute(&database, kind, "UPDATE inbox SET sender = '1' WHERE key = 'ipko:1:3'").await;
    assert_sound(&store).await;
    execute(&database, kind, "UPDATE inbox SET sender = '1' WHERE key = 'ipko:new'").await;
    let offence = store.audit(&mut |_| {}).await.unwrap().offence.unwrap();
    assert!(offence.problem.contains("or that of its message"), "{offence}");
    execute(&database, kind, "UPDATE transfers SET amount_minor = 900 WHERE message_key = 'ipko:1:3'").await;
    let offence = store.audit(&mut |_| {}).await.unwrap().offence.unwrap();
    assert!(offence.table == "transfers" && offence.problem.contains("was changed"), "{offence}");
}
