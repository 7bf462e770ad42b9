//! The sentence that says what happened, and its steps.

use mbush::domain::{ReasonCode, Receipt};
use mbush::store::{Settled, Settlement};
use rstest::rstest;

use super::world::World;
use crate::store::harness::Kind;
use crate::store::staff::{staff, why};
use crate::twice;

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_top_up_is_told_with_its_reply_its_repetition_and_its_reversal(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    let answer = world.text("1", "38349111222", "50005", "049123456 5").await;
    let receipt = Receipt::of(answer.outcome.transfer().unwrap());
    let clock = |at: chrono::DateTime<chrono::Utc>| {
        at.with_timezone(&mbush::domain::calendar::zone()).format("%H:%M:%S").to_string()
    };
    let (done, delivered) =
        (clock(world.node.clock.now()), clock(world.node.clock.now() + chrono::TimeDelta::seconds(2)));
    world.send_replies("a", None).await;
    let begin = format!("049 123 456 was topped up with 5.00 EUR at {done}");
    let end = format!("; the confirmation was delivered to 049 111 222 at {delivered}.");
    assert_eq!(world.sentence("ipko:1").await, format!("{begin}{end}"));
    world.text("2", "38349111222", "50005", "049123456 5").await;
    staff(&world.node.store).reverse(&receipt, &why("Arta", ReasonCode::WrongNumber)).await.unwrap();
    twice!(world, {
        let story = world.story("ipko:1").await;
        assert!(story.sentence.starts_with(&format!("{begin}, and taken back at ")), "{}", story.sentence);
        assert!(story.sentence.contains(" by Arta (wrong_number)") && story.sentence.ends_with(&end));
        let steps: Vec<&str> = story.events.iter().map(|event| event.event).collect();
        for step in ["received", "read", "booked", "written", "sent", "delivered", "repeated", "reversed"] {
            assert!(steps.contains(&step), "{step}: {steps:?}");
        }
        assert!(story.events.is_sorted_by_key(|event| event.at));
        assert_eq!((story.events[0].event, story.events[0].after_ms), ("received", 0));
        let gaps: i64 = story.events.iter().map(|event| event.after_ms).sum();
        assert_eq!(gaps, (story.events.last().unwrap().at - story.events[0].at).num_milliseconds());
        let booked = story.events.iter().find(|event| event.event == "booked").unwrap();
        assert!(
            booked.said.contains("from bank_clearing:ekonomike to subscriber:38349123456 (5.00)"),
            "{}",
            booked.said
        );
        let again = world.sentence("ipko:2").await;
        assert!(
            again.contains(&format!("had been done at {done} (receipt {receipt}), and nothing moved again")),
            "{again}"
        );
    });
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn what_did_not_happen_is_told_with_its_reason(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    world.text("refused", "38349111222", "50005", "049123456 99").await;
    world.text("odd", "38349333444", "50005", "a je aty?").await;
    world.send_replies("b", Some("error 027")).await;
    let refused = world.story("ipko:refused").await;
    assert!(
        refused.sentence.contains(" was refused, and no money moved: the amount is below or above the limits; "),
        "{}",
        refused.sentence
    );
    assert!(refused.sentence.ends_with("and the network did not deliver it: error 027."), "{}", refused.sentence);
    let limited = refused.events.iter().find(|event| event.event == "limited").unwrap();
    assert!(limited.said.contains("highest 50.00"), "{}", limited.said);
    assert_eq!(refused.events.last().unwrap().event, "undelivered");
    assert_eq!(world.hits("ipko:refused").await[0].reply.as_str(), "undelivered");
    assert!(world.sentence("ipko:odd").await.contains("could not be read, and waits for staff"));
    let note = "she called".to_owned();
    let settled = Settled { how: Settlement::Discarded, by: "Arta".into(), note, at: world.node.clock.now() };
    world.node.store.settle_quarantined("ipko:odd", &settled).await.unwrap();
    let story = world.story("ipko:odd").await;
    assert!(story.sentence.contains("and was discarded by Arta at "), "{}", story.sentence);
    assert!(story.events.iter().any(|event| event.event == "settled" && event.said.ends_with("she called")));
}

#[rstest]
#[case::sqlite(Kind::Sqlite)]
#[case::postgres(Kind::Postgres)]
#[tokio::test]
async fn a_reply_that_was_withheld_is_told_as_such(#[case] kind: Kind) {
    let Some(world) = World::start(kind).await else { return };
    for number in 0..10 {
        world.text(&format!("n{number}"), "38349333444", "50005", "a je aty?").await;
    }
    let hits = world.hits("049333444").await;
    assert_eq!((hits.len(), hits[0].key.as_str(), hits[0].reply.as_str()), (10, "ipko:n9", "withheld"));
    let told = world.sentence("ipko:n9").await;
    assert!(told.ends_with("; the reply was withheld, because the same text was answered often enough."), "{told}");
}
