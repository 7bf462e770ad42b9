//! Pages and counts.

use chrono::TimeDelta;
use mbush::find::Page;
use mbush::store::{SearchEntry, SweepLease, SweepMark, SweepTerms};
use rstest::rstest;
use uuid::Uuid;

use super::world::World;
use crate::store::harness::{Kind, TopUp, apply};

/// Messages of one number, some of them at the same instant.
async fn messages(world: &World, numbers: std::ops::Range<u64>) {
    let mut top_ups: Vec<TopUp> = numbers.map(|n| TopUp::new(&format!("ipko:{n:03}"), 1, n)).collect();
    for (top_up, n) in top_ups.iter_mut().zip(0..) {
        top_up.message.received_at += TimeDelta::seconds(n / 3);
    }
    apply(&world.node.store, &top_ups).await;
}

/// All pages of this size, one after the other.
async fn pages(world: &World, limit: usize) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let found = world.found("049000001", None, &Page { limit, after, ..Page::default() }).await;
        all.extend(found.hits.iter().map(|hit| hit.key.clone()));
        assert!(all.len() < 1_000, "the pages have no end: {all:?}");
        match found.next() {
            Some(next) => after = Some(next.to_string().parse().unwrap()),
            None => return all,
        }
    }
}

/// Top-ups of one number by others, three at each instant.
async fn top_ups(world: &World, payers: std::ops::Range<u64>) {
    for n in payers {
        world.node.turn_clock(i64::from(n % 3 == 0));
        let text = world.node.text(&format!("{n}"), &format!("383491110{n:02}"), "50005", "049000001 5").await;
        assert!(text.unwrap().outcome.transfer().is_some());
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn pages_have_every_result_once(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    let whole = |count: usize, all: &[String]| {
        assert_eq!(all.len(), count);
        let mut once = all.to_vec();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), count, "{all:?}");
    };
    top_ups(&world, 0..20).await;
    let first = pages(&world, 100).await;
    whole(20, &first);
    for limit in [1, 3, 7, 19, 20] {
        assert_eq!(pages(&world, limit).await, first, "pages of {limit}");
    }
    // Some in one segment, some in another, and some in none.
    world.index().await;
    assert_eq!(pages(&world, 7).await, first);
    top_ups(&world, 20..40).await;
    world.index().await;
    top_ups(&world, 40..60).await;
    let all = pages(&world, 100).await;
    whole(60, &all);
    for limit in [1, 7, 59] {
        assert_eq!(pages(&world, limit).await, all, "pages of {limit}");
    }
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn results_are_counted_up_to_a_hundred(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    messages(&world, 0..130).await;
    let count = async |after| {
        let found = world.found("049000001", None, &Page { limit: 10, after, ..Page::default() }).await;
        (found.hits.len(), found.count, found.is_more, found.next().cloned())
    };
    let (shown, counted, is_more, next) = count(None).await;
    assert_eq!((shown, counted, is_more), (10, 100, true));
    let mut after = next;
    for _ in 0..3 {
        after = count(after).await.3;
    }
    let (shown, counted, is_more, _) = count(after).await;
    assert_eq!((shown, counted, is_more), (10, 90, false));
    let span = Page { limit: 10, from: Some(crate::store::harness::now()), ..Page::default() };
    let first = Page { to: Some(crate::store::harness::now() + TimeDelta::seconds(1)), ..span };
    assert_eq!(world.found("049000001", None, &first).await.count, 3);
}

/// A writer that was killed leaves entries that nobody sees. The next one begins the segment anew.
#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_an_interrupted_writer_left_is_written_anew(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    messages(&world, 0..5).await;
    let (store, now) = (&world.node.store, crate::store::harness::now());
    let lease = SweepLease { name: "search", holder: Uuid::now_v7() };
    let terms = SweepTerms { now, until: now + TimeDelta::seconds(60), finished_before: now };
    assert!(store.take_sweep(lease, terms).await.unwrap().is_some());
    let mark = SweepMark { lease, until: terms.until, cursor: None, finished_at: None };
    let entry = SearchEntry { value: "n38349000001".into(), at: now, subject: "mipko:gone".into() };
    assert!(store.begin_segment(&mark, 1).await.unwrap());
    assert!(store.add_to_segment(&mark, 1, std::slice::from_ref(&entry)).await.unwrap());
    assert_eq!(world.keys("049000001").await.len(), 5);
    assert_eq!(world.index().await, 1);
    assert_eq!(world.keys("049000001").await.len(), 5);
    let other = SweepMark { lease: SweepLease { holder: Uuid::now_v7(), ..lease }, ..mark };
    assert!(!store.add_to_segment(&other, 2, &[entry]).await.unwrap(), "another node has the lease");
}
