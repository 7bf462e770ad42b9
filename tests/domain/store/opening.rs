//! Accounts that staff open: each once, on however many nodes, recorded with who and why, and sound before and after the
//! first top-up.

use mbush::domain::AccountKey;
use mbush::jobs::opening::{Opening, open, without_account};
use mbush::jobs::staff::StaffError;
use mbush::store::Store;
use rstest::rstest;

use crate::store::harness::{Database, Kind, TopUp, apply, assert_sound, now, number};

pub(crate) fn opening(by: &str) -> Opening<'_> {
    Opening { by, reason: "list of May", now: now() }
}

/// The recorded life of a number, the oldest change first.
async fn life(store: &Store, of: u64) -> Vec<String> {
    let mut events = store.account_events(&number(of), 100).await.unwrap();
    events.reverse();
    let shown = events
        .iter()
        .map(|event| format!("{} > {}, {} by {}", event.from.as_str(), event.to.as_str(), event.why, event.by));
    shown.collect()
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn an_account_is_opened_once_and_recorded_and_a_number_that_has_one_keeps_it(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 2, 1)]).await;
    let before = store.account(&number(2)).await.unwrap();
    let wanted: Vec<AccountKey> = (1..=3).map(number).collect();
    assert_eq!(without_account(&store, &wanted).await.unwrap(), [number(1), number(3)]);
    assert_eq!(open(&store, &wanted, opening("Arta")).await.unwrap(), [number(1), number(3)]);
    assert_eq!(open(&store, &wanted, opening("Blerim")).await.unwrap(), []);
    assert_eq!(store.account(&number(2)).await.unwrap(), before, "who has one keeps it");
    assert!(life(&store, 2).await.is_empty());
    let new = store.account(&number(1)).await.unwrap().unwrap();
    assert_eq!((new.balance_minor, new.valid_until, new.opened_at), (0, None, now()));
    assert_eq!(life(&store, 1).await, ["new > new, list of May by Arta"]);
    assert_sound(&store).await;

    apply(&store, &[TopUp::new("ipko:2", 1, 2)]).await;
    assert_eq!(store.account(&number(1)).await.unwrap().unwrap().balance_minor, 500);
    assert_sound(&store).await;
    let nameless = open(&store, &[number(9)], opening(" ")).await;
    assert!(matches!(nameless, Err(StaffError::Name(_))), "{nameless:?}");
    assert_eq!(store.account(&number(9)).await.unwrap(), None);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_open_the_same_numbers_at_once_open_each_once(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let (one, other) = (database.open().await, database.open().await);
    // More than one transaction's worth.
    let wanted: Vec<AccountKey> = (0..1_200).map(number).collect();
    let backwards: Vec<AccountKey> = wanted.iter().rev().cloned().collect();
    let (first, second) =
        tokio::join!(open(&one, &wanted, opening("Arta")), open(&other, &backwards, opening("Blerim")));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.len() + second.len(), wanted.len(), "each was opened by one of them");
    assert_eq!(without_account(&one, &wanted).await.unwrap(), []);
    for (opened, by) in [(&first, "Arta"), (&second, "Blerim")] {
        for key in opened.iter().take(3) {
            let events = one.account_events(key, 9).await.unwrap();
            assert!(events.len() == 1 && events[0].by == by, "{events:?}");
        }
    }
    assert_sound(&one).await;
}
