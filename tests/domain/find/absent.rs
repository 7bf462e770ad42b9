//! The answer if nothing is found.

use chrono::TimeDelta;
use mbush::find::{Page, Query};
use mbush::store::LinkPeriod;
use rstest::rstest;
use uuid::Uuid;

use super::world::World;
use crate::node::plan;
use crate::store::harness::Kind;

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn nothing_is_said_with_the_links_that_were_down(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    world.text("before", "38349123456", "50005", "5").await;
    let start = world.node.clock.now();
    let at = |minutes| start + TimeDelta::minutes(minutes);
    let node = Uuid::now_v7();
    let period = |state: &str, since, until, reason: Option<&str>| LinkPeriod {
        link: "ipko".into(),
        since: at(since),
        node,
        state: state.into(),
        until: at(until),
        reason: reason.map(str::to_owned),
    };
    let periods =
        [period("up", -60, 5, None), period("down", 5, 11, Some("connection refused")), period("up", 11, 30, None)];
    world.node.store.record_links(&periods).await.unwrap();
    world.node.store.record_links(&periods).await.unwrap();
    world.node.turn_clock(30 * 60);
    let page = Page { from: Some(at(1)), limit: 10, ..Page::default() };
    let query = Query::read("049 123 456", None, &plan()).unwrap();
    assert!(world.finder.find(&query, &page).await.unwrap().hits.is_empty());
    let absence = world.finder.absence(&query, &page).await.unwrap();
    let local = |minutes| at(minutes).with_timezone(&mbush::domain::calendar::zone()).format("%H:%M:%S").to_string();
    let told = format!(
        "nothing from or for 049 123 456 since {}; the last before was at {}; the link ipko was down {}–{} (connection refused)",
        local(1),
        local(0),
        local(5),
        local(11)
    );
    assert_eq!(absence.sentence, told);
    assert_eq!((absence.last_at, absence.down.len()), (Some(start), 1));

    // After the outage, nothing is wrong.
    let page = Page { from: Some(at(12)), ..page };
    assert_eq!(world.finder.absence(&query, &page).await.unwrap().down, []);
    let unknown = Query::read("049999999", None, &plan()).unwrap();
    let absence = world.finder.absence(&unknown, &Page { limit: 10, ..Page::default() }).await.unwrap();
    assert!(absence.sentence.starts_with("nothing from or for 049 999 999; the link ipko"), "{}", absence.sentence);
    assert_eq!(world.node.store.forget_links(at(8)).await.unwrap(), 1);
}
