//! Parts of long messages.

use chrono::TimeDelta;
use mbush::domain::{AddressType, Numbering, ReportWanted};
use mbush::store::{Held, Part, PartState, Sign, Store, StoreError, Whole, Writes};
use rstest::rstest;

use crate::store::harness::{Database, Kind, now};

fn sign(from: &str) -> Sign {
    Sign { link: "ipko".into(), from: from.into(), to: "50005".into(), reference: 65_535 }
}

fn part(from: &str, generation: i64, number: u8) -> Part {
    Part {
        whole: Whole { sign: sign(from), generation },
        number,
        total: 2,
        key: format!("ipko:{from}"),
        octets: vec![0, number, 0xFF],
        has_header: true,
        data_coding: 8,
        alphabet: "gsm7".into(),
        from_type: (number == 1).then_some(AddressType { ton: 2, npi: 1 }),
        report: ReportWanted { on_success: false, on_failure: true, numbering: numbering(number) },
        received_at: now(),
        redelivery_doubt_since: (number == 1).then(now),
    }
}

/// The first part's; the second has none, as those of before it was kept.
fn numbering(number: u8) -> Option<Numbering> {
    (number == 1).then_some(Numbering { from: (6, 9), to: (0xFF, 1) })
}

async fn keep(store: &Store, parts: &[Part], given_up: &[Whole]) -> Result<(), StoreError> {
    let mut batch = store.begin().await.unwrap();
    batch.keep_parts(parts, given_up).await?;
    batch.commit().await
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn parts_are_kept_as_they_came_until_their_whole_is_in_the_inbox(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    keep(&store, &[part("a", 0, 1), part("b", 0, 1)], &[]).await.unwrap();
    assert!(store.ripe_parts(now(), 10).await.unwrap().is_empty(), "both wait");
    assert!(store.is_waiting_part("ipko", "ipko:a").await.unwrap());
    assert!(!store.is_waiting_part("teb", "ipko:a").await.unwrap());

    let mut batch = store.begin().await.unwrap();
    let under = batch.parts_under(&[sign("a"), sign("c")]).await.unwrap();
    assert_eq!(under, [(part("a", 0, 1), PartState::Waiting)]);
    let held = batch.parts_held(&["ipko".into(), "teb".into()]).await.unwrap();
    assert_eq!((held.len(), held["ipko"]), (1, Held { parts: 2, octets: 6 }));
    drop(batch);

    keep(&store, &[part("a", 0, 2)], &[]).await.unwrap();
    let whole = Whole { sign: sign("a"), generation: 0 };
    assert_eq!(store.ripe_parts(now(), 10).await.unwrap(), std::slice::from_ref(&whole));
    let parts: Vec<Part> = store.parts_beside(&whole).await.unwrap().into_iter().map(|(part, _)| part).collect();
    assert_eq!(parts, [part("a", 0, 1), part("a", 0, 2)]);
    let again = keep(&store, &[part("a", 0, 2)], &[]).await;
    assert!(again.is_err_and(|error| error.is_transient() || kind == Kind::Sqlite), "another node was first");

    let late = now() + TimeDelta::minutes(3);
    let mut batch = store.begin().await.unwrap();
    batch.write(&Writes::default()).await.unwrap();
    batch.finish_parts(&[&whole], late).await.unwrap();
    drop(batch);
    assert_eq!(store.ripe_parts(now(), 10).await.unwrap().len(), 1, "without the commit it is not done");
    let mut batch = store.begin().await.unwrap();
    batch.finish_parts(&[&whole], late).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(store.parts_beside(&whole).await.unwrap()[0].1, PartState::Done);
    assert_eq!(store.ripe_parts(late, 10).await.unwrap(), [Whole { sign: sign("b"), generation: 0 }], "too long");
    assert!(!store.has_done_parts(late).await.unwrap());
    let later = late + TimeDelta::seconds(1);
    assert!(store.has_done_parts(later).await.unwrap());
    assert_eq!(store.forget_parts(later).await.unwrap(), 2);
    assert!(store.parts_beside(&whole).await.unwrap().is_empty());
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_is_given_up_makes_room_for_the_next_generation(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    keep(&store, &[part("a", 0, 1)], &[]).await.unwrap();
    let first = Whole { sign: sign("a"), generation: 0 };
    keep(&store, &[part("a", 1, 1)], std::slice::from_ref(&first)).await.unwrap();
    assert_eq!(store.parts_beside(&first).await.unwrap()[0], (part("a", 0, 1), PartState::GivenUp));
    assert_eq!(store.ripe_parts(now(), 10).await.unwrap(), [first]);
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_part_that_is_withdrawn_leaves_its_place_to_another_and_what_is_done_stays(#[case] kind: Kind) {
    let Some(database) = Database::new(kind) else { return };
    let store = database.open().await;
    keep(&store, &[part("a", 0, 1), part("b", 0, 1)], &[]).await.unwrap();
    let of = |from: &str| Whole { sign: sign(from), generation: 0 };
    let mut batch = store.begin().await.unwrap();
    batch.finish_parts(&[&of("b")], now()).await.unwrap();
    batch.withdraw_parts(&[(of("a"), 1), (of("b"), 1)]).await.unwrap();
    let other = Part { octets: vec![7], ..part("a", 0, 1) };
    batch.keep_parts(std::slice::from_ref(&other), &[]).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(store.parts_beside(&of("a")).await.unwrap(), [(other, PartState::Waiting)]);
    assert_eq!(store.parts_beside(&of("b")).await.unwrap()[0].1, PartState::Done);
}
