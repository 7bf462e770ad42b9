//! Parts of long messages through the processor: each is kept before it is answered, and the whole is one message.

use futures_util::future::join_all;
use mbush::domain::{Ending, Report, ReportWanted};
use mbush::processor::{InboundPart, NotAccepted};
use mbush::text::data_coding::DefaultAlphabet;
use mbush::text::udh;
use testkit::wait::within;

use crate::node::Node;

/// Part of a text of any length, from its own phone; the key is made of the phone, the place and the text.
fn part(node: &Node, from: &str, (reference, number, total): (u16, u8, u8), text: &str) -> InboundPart {
    InboundPart {
        link: "ipko".into(),
        from: from.into(),
        from_type: None,
        to: "50005".into(),
        place: udh::Part::new(reference, total, number).unwrap(),
        key: format!("ipko:{from}-{reference}-{number}-{text}"),
        key_is_given: false,
        octets: text.as_bytes().to_vec(),
        has_header: false,
        data_coding: 0,
        alphabet: DefaultAlphabet::default(),
        report: ReportWanted::default(),
        received_at: node.clock.now(),
        redelivery_doubt_since: None,
    }
}

async fn keep(node: &Node, part: InboundPart) -> Result<String, NotAccepted> {
    within("an answer", node.processor.accept_part(part)).await
}

/// How the message of this key ends.
async fn ending(node: &Node, key: &str) -> Report {
    within("an ending", async {
        loop {
            if let Some(report) = node.store.report_about(key).await.unwrap() {
                return report;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await
}

#[tokio::test]
async fn parts_in_any_order_and_repeated_are_one_message() {
    let node = Node::start().await;
    let texts = ["049", "123", "456", " ", "5"];
    let phones: Vec<String> = (0..40).map(|index| format!("383491112{index:02}")).collect();
    let mut keys = Vec::new();
    for phone in &phones {
        let parts = [4, 0, 2, 0, 3, 1, 4]
            .map(|at: usize| keep(&node, part(&node, phone, (7, u8::try_from(at).unwrap() + 1, 5), texts[at])));
        let answers: Vec<String> = join_all(parts).await.into_iter().map(Result::unwrap).collect();
        assert!(answers.iter().all(|key| *key == answers[0]), "they are known as one: {answers:?}");
        keys.push(answers[0].clone());
    }
    for key in &keys {
        assert_eq!(ending(&node, key).await.ending, Ending::Applied);
    }
    let again = keep(&node, part(&node, &phones[0], (7, 3, 5), "456")).await;
    assert_eq!(again.as_ref(), Ok(&keys[0]), "what is delivered after the whole is known too");
    let store = &node.store;
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.messages, totals.applied), (40, 40));
}

#[tokio::test]
async fn what_does_not_become_whole_is_for_staff_with_what_came() {
    let node = Node::start().await;
    let missing = keep(&node, part(&node, "38349111222", (1, 2, 3), "049123456")).await.unwrap();
    let first = keep(&node, part(&node, "38349111333", (1, 1, 2), "049123456")).await.unwrap();
    // The sender uses its reference again: the old beginning is not taken for this one's.
    let second = keep(&node, part(&node, "38349111333", (1, 1, 2), "049123457")).await.unwrap();
    assert_eq!(ending(&node, &first).await.ending, Ending::Quarantined);
    keep(&node, part(&node, "38349111333", (1, 2, 2), " 5")).await.unwrap();
    assert_eq!(ending(&node, &second).await.ending, Ending::Applied);
    assert!(node.store.report_about(&missing).await.unwrap().is_none(), "it waits");
    assert!(node.processor.is_waiting("ipko", &missing).await.unwrap());
    node.turn_clock(121);
    assert_eq!(ending(&node, &missing).await.ending, Ending::Quarantined);
    let store = &node.store;
    let kept = store.quarantined(&missing).await.unwrap().unwrap();
    let mbush::domain::Body::Undecodable { hex, why, .. } = kept.message.body else { panic!() };
    assert_eq!(
        (hex, why.as_str()),
        (hex::encode("049123456"), "1 of 3 parts of a long message: the others did not come in time")
    );
}

#[tokio::test]
async fn one_peer_cannot_fill_the_table() {
    let node = Node::start().await;
    let mut full = 0;
    for chunk in 0..12_u16 {
        let parts = (0..400).map(|index| keep(&node, part(&node, "38349111222", (chunk * 400 + index, 1, 2), "x")));
        let answers = join_all(parts).await;
        full += answers.iter().filter(|answer| **answer == Err(NotAccepted::QueueFull)).count();
        assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(NotAccepted::QueueFull))), "{answers:?}");
    }
    assert_eq!(full, 4_800 - 4_096);
    let other = InboundPart { link: "vala".into(), ..part(&node, "38349111222", (1, 1, 2), "x") };
    assert!(keep(&node, other).await.is_ok(), "another peer has its own room");
    node.stop().await;
}

#[tokio::test]
async fn two_messages_under_one_given_key_both_have_an_ending() {
    let node = Node::start().await;
    let given = |number, key: &str, text| InboundPart {
        key_is_given: true,
        key: key.into(),
        ..part(&node, "38349111222", (9, number, 2), text)
    };
    keep(&node, given(1, "ipko:A", "049123456")).await.unwrap();
    keep(&node, given(2, "ipko:B", " 5")).await.unwrap();
    assert_eq!(ending(&node, "ipko:A").await.ending, Ending::Applied);
    keep(&node, given(1, "ipko:A", "049123457")).await.unwrap();
    // By its identifier this one is the first message's, delivered again.
    keep(&node, given(2, "ipko:B", " 5")).await.unwrap();
    node.turn_clock(121);
    within("the second one's ending", async {
        while node.store.quarantine(1).await.unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
    let store = &node.store;
    assert_eq!(store.totals().await.unwrap().applied, 1);
}

#[tokio::test]
async fn a_second_text_of_a_phone_with_one_reference_is_credited_though_its_last_part_is_as_before() {
    let node = Node::start().await;
    let from = "38349111222";
    keep(&node, part(&node, from, (0, 1, 2), "049123456")).await.unwrap();
    let first = keep(&node, part(&node, from, (0, 2, 2), " 5")).await.unwrap();
    assert_eq!(ending(&node, &first).await.ending, Ending::Applied);
    // The last part comes first, and may be one that the network delivers again.
    let last = keep(&node, part(&node, from, (0, 2, 2), " 5")).await.unwrap();
    assert_eq!(last, first, "it is answered as it was");
    let second = keep(&node, part(&node, from, (0, 1, 2), "049222333")).await.unwrap();
    assert_ne!(second, first);
    node.turn_clock(5);
    assert_eq!(ending(&node, &second).await.ending, Ending::Applied);
    let totals = node.store.totals().await.unwrap();
    assert_eq!((totals.messages, totals.applied), (2, 2));
}

#[tokio::test]
async fn a_part_that_is_delivered_again_makes_no_message_and_spoils_none() {
    let node = Node::start().await;
    let delivered = std::cell::Cell::new(0);
    let deliver = async |number, text: &str| {
        delivered.set(delivered.get() + 1);
        let key = format!("ipko:{}", delivered.get());
        keep(&node, InboundPart { key, ..part(&node, "38349111222", (0, number, 2), text) }).await.unwrap()
    };
    deliver(1, "049123456").await;
    let first = deliver(2, " 5").await;
    assert_eq!(ending(&node, &first).await.ending, Ending::Applied);
    for (beginning, end) in [("049222333", " 9"), ("049123456", " 7")] {
        // The network delivers the end of the first text again; the one of this text takes its place.
        deliver(2, " 5").await;
        let second = deliver(1, beginning).await;
        deliver(2, end).await;
        // Where the beginning is as before, too, another one might come.
        node.turn_clock(if beginning == "049123456" { 5 } else { 0 });
        assert_eq!(ending(&node, &second).await.ending, Ending::Applied);
    }
    let totals = node.store.totals().await.unwrap();
    assert_eq!((totals.messages, totals.applied), (3, 3));
    // What came again alone is forgotten without a word.
    deliver(2, " 7").await;
    node.turn_clock(121);
    within("the repeat is gone", async {
        while !node.store.ripe_parts(node.clock.now(), 10).await.unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await;
    assert_eq!(node.store.totals().await.unwrap().messages, 3);
    assert!(node.store.quarantine(1).await.unwrap().is_empty());
}

/// A long text goes the way of every other: its PIN is compared, and counts as a try where it is wrong.
#[tokio::test]
async fn the_pin_of_a_long_message_is_compared() {
    let node = Node::start().await;
    let (from, to) = ("38349111222", "38349333444");
    for (key, phone) in [("a", from), ("b", to)] {
        node.text(key, phone, "50005", "20").await.unwrap();
    }
    node.text("c", from, "123", "pin 0000 4711").await.unwrap();
    let mut said = Vec::new();
    for (reference, pin) in [(1, " 4712"), (2, " 4711")] {
        let mut key = String::new();
        for (number, text) in [(1, "049333444 5"), (2, pin)] {
            let part = InboundPart { to: "121".into(), ..part(&node, from, (reference, number, 2), text) };
            key = keep(&node, part).await.unwrap();
        }
        said.push(ending(&node, &key).await.ending);
    }
    assert_eq!(said, [Ending::Refused, Ending::Applied]);
}
