//! A copy of a live database, and the way back.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use mbush::config::Config;
use mbush::domain::AccountState;
use mbush::store::{BackupError, HeadKey, Store};
use mbush::upkeep::staff::{Action, Order, act};

use crate::harness::{Database, Kind, TopUp, apply, assert_sound, now, number};

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
    assert_eq!(restored.account(&number(3)).await.unwrap().unwrap().balance_cents, 21 * 500);
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
    let validity = Config::for_testing(&copy).rules.validity;
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
    assert!(matches!(refused, Err(BackupError::Exists(_))));

    // What a crashed database left behind would be taken for the restored one's.
    let place = folder.path().join("restored.db");
    fs::write(folder.path().join("restored.db-wal"), "x").unwrap();
    let refused = Store::restore(&copy, &url(&place)).await.unwrap_err().to_string();
    assert!(refused.contains("restored.db-wal") && refused.contains("move it away"), "{refused}");
    assert!(!place.exists());
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
    assert_eq!(files(folder.path()), ["copy.db", "foreign.db"]);
}
