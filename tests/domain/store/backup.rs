//! A copy of a live database, and the way back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::TimeDelta;
use mbush::config::Config;
use mbush::domain::AccountState;
use mbush::jobs::staff::{Action, Order, act};
use mbush::store::{BackupError, HeadKey, Store};

use rstest::rstest;

use crate::store::audit::execute;
use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, number};
use crate::store::upgrades::migrations;

fn url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_a_database_in_use_is_sound_and_can_be_put_back() {
    let database = Database::new(Kind::Sqlite).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let store = database.open().await;
    for round in 0..20 {
        let batch: Vec<TopUp> = (0..50).map(|i| TopUp::new(&format!("{round}:{i}"), i, round * 100 + i)).collect();
        apply(&store, &batch).await;
    }
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            for round in 0..20 {
                apply(&store, &[TopUp::new(&format!("late:{round}"), 1, 90_000 + round)]).await;
            }
        }
    });
    store.backup(&copy).await.unwrap();
    writing.await.unwrap();
    assert_eq!(files(folder.path()), ["copy.db"], "one file, with nothing beside it");
    assert_eq!(store.totals().await.unwrap().transfers, 1_020);

    let restored = url(&folder.path().join("restored.db"));
    Store::restore(&copy, &restored).await.unwrap();
    let restored = Store::open(&restored).await.unwrap();
    assert_sound(&restored).await;
    let transfers = restored.totals().await.unwrap().transfers;
    assert!((1_000..=1_020).contains(&transfers), "{transfers}: as of one instant during the copy");
    apply(&restored, &[TopUp::new("after", 3, 99_999)]).await;
    assert_eq!(restored.account(&number(3)).await.unwrap().unwrap().balance_minor, 21 * 500);
    restored.close().await;
}

#[tokio::test]
async fn a_backup_has_the_heads_of_days_and_the_life_of_numbers() {
    let database = Database::new(Kind::Sqlite).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (copy, place) = (folder.path().join("copy.db"), url(&folder.path().join("restored.db")));
    let store = database.open().await;
    apply(&store, &[TopUp::new("one", 1, 1), TopUp::new("two", 2, 2)]).await;
    let key = HeadKey::from_text(&"7".repeat(64)).unwrap();
    let sealed = store.seal_days(&key, now() + TimeDelta::days(2), TimeDelta::minutes(30)).await.unwrap();
    let validity = Config::default().rules.validity;
    let order = Order { action: Action::Suspend, by: "Arta", reason: "lost phone", now: now() };
    act(&store, &validity, &number(1), order).await.unwrap();
    store.backup(&copy).await.unwrap();
    Store::restore(&copy, &place).await.unwrap();
    let restored = Store::open(&place).await.unwrap();
    let (before, after) = (store.audit(&mut |_| {}).await.unwrap(), restored.audit(&mut |_| {}).await.unwrap());
    assert_eq!((before.days.last.as_ref(), before.offence.as_ref()), (sealed.last(), None));
    assert_eq!(after, before);
    assert_eq!(
        restored.account_events(&number(1), 9).await.unwrap(),
        store.account_events(&number(1), 9).await.unwrap()
    );
    assert_eq!(restored.account(&number(1)).await.unwrap().unwrap().state, AccountState::Suspended);
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let database = Database::new(Kind::Sqlite).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let store = database.open().await;
    store.backup(&copy).await.unwrap();
    let size = fs::metadata(&copy).unwrap().len();
    assert!(matches!(store.backup(&copy).await, Err(BackupError::Exists(path)) if path == copy));
    assert_eq!(fs::metadata(&copy).unwrap().len(), size);
    let refused = Store::restore(&copy, &database.url).await;
    assert!(matches!(refused, Err(BackupError::InUse(_))), "{refused:?}");
    store.close().await;
    drop(store);
    let refused = Store::restore(&copy, &database.url).await;
    assert!(matches!(refused, Err(BackupError::InPlace(_))), "{refused:?}");

    // What a crashed database left behind would be taken for the restored one's.
    let place = folder.path().join("restored.db");
    fs::write(folder.path().join("restored.db-wal"), "x").unwrap();
    let refused = Store::restore(&copy, &url(&place)).await.unwrap_err().to_string();
    assert!(refused.contains("restored.db-wal") && refused.contains("together with its -wal"), "{refused}");
    assert!(!place.exists());
}

/// Its database was moved away while it serves: it goes on with that one, and nobody may put another in its place.
#[tokio::test]
async fn a_server_whose_database_was_moved_away_is_stopped_first() {
    let folder = tempfile::tempdir().unwrap();
    let (place, away) = (folder.path().join("mbush.db"), folder.path().join("away"));
    let store = Store::open(&url(&place)).await.unwrap();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    for file in [&place, &copy] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
    }
    fs::create_dir(&away).unwrap();
    for name in ["mbush.db", "mbush.db-wal", "mbush.db-shm"] {
        fs::rename(folder.path().join(name), away.join(name)).unwrap();
    }
    let refused = Store::restore(&copy, &url(&place)).await.unwrap_err().to_string();
    assert!(refused.contains("stop that process first"), "{refused}");
    store.close().await;
    drop(store);
    Store::restore(&copy, &url(&place)).await.unwrap();
    let nowhere = folder.path().join("nowhere").join("copy.db");
    let store = Store::open(&url(&place)).await.unwrap();
    assert!(matches!(store.backup(&nowhere).await, Err(BackupError::NoFolder(_))));
}

/// Whoever works beside a server neither makes nor changes a table: that is for the server's start.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn only_a_server_makes_tables_and_brings_them_up_to_date(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    if kind == Kind::Sqlite {
        fs::write(database.url.trim_start_matches("sqlite://"), "").unwrap();
    }
    let none = Store::open_existing(&database.url).await.unwrap_err().to_string();
    assert!(none.contains("not a database of mbush"), "{none}");
    let none = Store::open_to_copy(&database.url).await.unwrap_err().to_string();
    assert!(none.contains("not a database of mbush"), "{none}");
    Store::open(&database.url).await.unwrap().close().await;
    Store::open_existing(&database.url).await.unwrap().close().await;

    // As though the last one of those that change what is there had not been run, nor any since.
    let found = migrations(&database, kind).await;
    let last = found.iter().rposition(|(_, what)| !what.starts_with("additive ")).unwrap();
    let (before, missing) = (found[last - 1].0, &found[last]);
    execute(&database, kind, &format!("DELETE FROM _sqlx_migrations WHERE version > {before}")).await;
    let older = Store::open_existing(&database.url).await.unwrap_err().to_string();
    assert!(older.contains(&format!("version {before}")) && older.contains("mbush backup FILE"), "{older}");
    assert!(older.contains(&format!("migration {} ({})", missing.0, missing.1)), "{older}");
    let store = Store::open_to_copy(&database.url).await.unwrap();
    if kind == Kind::Sqlite {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("before.db");
        store.backup(&copy).await.unwrap();
        let copied = Store::open_existing(&url(&copy)).await.unwrap_err().to_string();
        assert!(copied.contains(&format!("version {before}")), "the copy is as the database was: {copied}");
    }
    store.close().await;
}

#[tokio::test]
async fn what_is_no_sound_database_is_not_put_back() {
    let database = Database::new(Kind::Sqlite).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (copy, place) = (folder.path().join("copy.db"), folder.path().join("restored.db"));
    let store = database.open().await;
    let batch: Vec<TopUp> = (0..500).map(|i| TopUp::new(&format!("{i}"), i, i)).collect();
    apply(&store, &batch).await;
    store.backup(&copy).await.unwrap();
    let whole = fs::read(&copy).unwrap();

    let mut broken = whole.clone();
    let middle = broken.len() / 2 / 4_096 * 4_096;
    broken[middle..middle + 4_096].fill(0);
    let foreign = folder.path().join("foreign.db");
    fs::write(&foreign, "").unwrap();
    for (octets, what) in
        [(&broken[..], "a page of zeros"), (&whole[..whole.len() / 2], "half"), (b"text", "no database")]
    {
        fs::write(&copy, octets).unwrap();
        let refused = Store::restore(&copy, &url(&place)).await;
        assert!(matches!(refused, Err(BackupError::Damaged { .. })), "{what}: {refused:?}");
    }
    let refused = Store::restore(&foreign, &url(&place)).await.unwrap_err().to_string();
    assert!(refused.contains("not a database of mbush"), "{refused}");
    let missing = Store::restore(&folder.path().join("missing.db"), &url(&place)).await;
    assert!(matches!(missing, Err(BackupError::File { .. })));
    assert_eq!(files(folder.path()), ["copy.db", "foreign.db", "restored.db-lock"]);
}
