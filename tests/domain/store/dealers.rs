//! Dealers with their phones, added whole or not at all; and what staff's lists count.

use mbush::domain::{ActionState, DealerName, Msisdn, ReasonCode};
use mbush::store::DealerAdded;
use rstest::rstest;

use crate::store::harness::{Database, Kind, TopUp, apply, msisdn, now, number};
use crate::store::staff::{minor, staff, why};

fn name_of(name: &str) -> DealerName {
    name.parse().unwrap()
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_dealer_is_added_with_all_of_its_phones_or_not_at_all(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    let add = async |name: &str, phones: &[Msisdn]| {
        store.add_dealer(&name_of(name), None, phones, "arta", now()).await.unwrap()
    };
    assert_eq!(add("agron", &[msisdn(1), msisdn(2)]).await, DealerAdded::Done);
    assert_eq!(add("besa", &[msisdn(3), msisdn(2)]).await, DealerAdded::PhoneTaken(msisdn(2)));
    assert_eq!(add("agron", &[msisdn(3)]).await, DealerAdded::NameTaken);
    assert_eq!(store.dealer(&name_of("besa")).await.unwrap(), None);
    assert_eq!(store.dealer_of(msisdn(3)).await.unwrap(), None);
    assert_eq!(store.account(&mbush::domain::wallet(&name_of("besa"))).await.unwrap(), None);
    assert_eq!(add("besa", &[msisdn(3)]).await, DealerAdded::Done);
    assert_eq!(store.dealers("", 10).await.unwrap().len(), 2);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_a_list_may_leave_out_is_counted(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    apply(&store, &[TopUp::new("ipko:1", 1, 1), TopUp::new("ipko:2", 2, 2)]).await;
    let (staff, why) = (staff(&store), why("arta", ReasonCode::Goodwill));
    for of in [1, 1, 2] {
        staff.propose(&number(of), 100, &why).await.unwrap();
        staff.place_hold(&number(of), minor(100), now() + chrono::TimeDelta::days(9), &why).await.unwrap();
    }
    assert_eq!(store.actions_count(ActionState::Proposed).await.unwrap(), 3);
    assert_eq!(store.actions_count(ActionState::Rejected).await.unwrap(), 0);
    let one = number(1);
    let holds = [store.pending_holds_count(None).await.unwrap(), store.pending_holds_count(Some(&one)).await.unwrap()];
    assert_eq!((holds, store.quarantine_count().await.unwrap()), ([3, 2], 0));
}
