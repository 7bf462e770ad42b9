//! What was not understood is answered a few times; what is about money, always.

use std::time::Duration;

use futures_util::future::join_all;
use mbush::domain::{Channel, InboundSms, Msisdn, Withheld};
use rstest::rstest;
use testkit::postgres::Postgres;
use testkit::wait::within;

use crate::customers::world::{World, submitted};
use crate::node::Node;

const PHONE: (u8, u8, &str) = (1, 1, "38349830201");
const OTHER: (u8, u8, &str) = (2, 1, "049830202");

/// The auto-responder of a phone answers whatever it gets, each time the same: once it was not answered it is silent.
#[tokio::test(flavor = "multi_thread")]
async fn an_auto_responder_gets_a_few_replies_and_money_is_always_answered() {
    let mut world = World::start("", "").await;
    let mut requests = world.smsc.requests();
    world.deliver(PHONE, "50005", "049123456 5").await;
    let mut replies = 0;
    while let Ok((.., to, text)) = tokio::time::timeout(Duration::from_secs(2), submitted(&mut requests)).await {
        assert_eq!(to, PHONE.2, "{text}");
        replies += 1;
        assert!(replies < 20, "two machines talk to each other");
        world.deliver(PHONE, "50005", "Jam ne pushim deri te henen").await;
    }
    assert_eq!(replies, 4, "the confirmation, and three replies to the same text");
    // It writes on its own, other texts each time: ten replies in all, of which three are gone.
    for place in 0..12 {
        world.deliver(PHONE, "50005", &format!("Jam ne pushim {place} dite")).await;
    }
    for text in ["ndihme", "stop"] {
        world.deliver(PHONE, "50005", text).await;
    }
    world.stop_server().await;
    assert_eq!(world.smsc.counters().submitted, 11);
    world.start_server().await;
    let mut requests = world.smsc.requests();
    world.deliver(PHONE, "50005", "Jam ne pushim prape").await;
    for _ in 0..2 {
        world.deliver(PHONE, "50005", "049123457 5").await;
    }
    world.deliver(OTHER, "50005", "hm").await;
    let mut texts = Vec::new();
    for _ in 0..3 {
        let (.., to, text) = submitted(&mut requests).await;
        texts.push(format!("{to} {text}"));
    }
    texts.sort();
    assert!(texts[0].contains(PHONE.2) && texts[1].contains(PHONE.2) && texts[2].contains("38349830202"), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("again")), "a duplicate is about money: {texts:?}");
    let metrics = world.metrics().await;
    assert!(metrics.contains("mbush_replies_withheld_total{why=\"too_many\"} 1"), "{metrics}");
    let account = world.told(&["account", "049830201"]);
    assert!(account.contains("withheld  "), "staff see it: {account}");
    let listed = world.told(&["quarantine", "list", "--limit", "1000"]);
    let withheld = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next().filter(|key| key.contains(':')))
        .map(|key| world.told(&["quarantine", "show", key]))
        .filter(|shown| shown.contains("reply     withheld: "))
        .count();
    assert!(withheld >= 5, "each message says so: {listed}");
    world.stop_server().await;
    assert_eq!(world.smsc.counters().submitted, 14, "the top-up, its duplicate and another phone's text were answered");
}

fn phone() -> Msisdn {
    "38349830201".parse().unwrap()
}

/// Replies on their way to messages of these keys.
async fn answered(node: &Node, keys: impl IntoIterator<Item = String>) -> usize {
    let mut count = 0;
    for key in keys {
        count += node.store.outbox_of(&format!("ipko:{key}")).await.unwrap().len();
    }
    count
}

#[tokio::test]
async fn what_lacks_something_and_questions_are_courtesies_and_refusals_of_money_are_not() {
    let node = Node::start().await;
    let texts = ["049123456", "5 049123456", "049123456 5 x", "si je", "ndihme", "stop", "po"];
    for (place, text) in texts.iter().cycle().take(40).enumerate() {
        node.text(&format!("c{place}"), "049830201", "50005", text).await.unwrap();
    }
    assert_eq!(answered(&node, (0..40).map(|place| format!("c{place}"))).await, 10);
    let why = node.store.withheld("ipko:c39").await.unwrap();
    assert_eq!(why, Some(Withheld::TooMany));
    let known = node.store.courtesies(phone()).await.unwrap().unwrap();
    assert_eq!((known.answered.len(), known.withheld), (10, 30));
    // A complete request that is refused is about money, and so is what was done before.
    for place in 0..12 {
        let text = if place % 2 == 0 { "tv arben1" } else { "049123456 5" };
        let answer = node.text(&format!("m{place}"), "38349830201", "50005", text).await.unwrap();
        assert!(answer.reply.is_some(), "{text}: {answer:?}");
    }
    assert_eq!(answered(&node, (0..12).map(|place| format!("m{place}"))).await, 12);
    node.turn_clock(3_600);
    let later = node.text("later", "049830201", "50005", "si je").await.unwrap();
    assert!(later.reply.is_some(), "an hour is over");
    let again = node.text("c39", "049830201", "50005", texts[39 % texts.len()]).await.unwrap();
    assert_eq!((again.replayed, again.reply), (true, None), "what was not answered stays so");
}

#[tokio::test]
async fn a_dialogue_and_a_machine_are_always_answered_and_a_top_up_costs_no_row() {
    let node = Node::start().await;
    for place in 0..15 {
        let key = format!("u{place}");
        let dialled = InboundSms { channel: Channel::Ussd, ..node.message(&key, "049830201", "50005", "si je") };
        assert!(node.processor.accept_in_dialogue(dialled).await.unwrap().reply.is_some(), "who dials waits for it");
    }
    node.text("1", "049830201", "50005", "5").await.unwrap();
    assert_eq!(node.store.courtesies(phone()).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_configured_holds() {
    let rules =
        mbush::config::Config::from_toml("[replies]\ncourtesies_max = 4\ncourtesies_minutes = 2\nsame_text_max = 1\n")
            .unwrap()
            .rules;
    let node = Node::start_with(|config| config.rules.courtesies = rules.courtesies).await;
    let keys: Vec<String> = (0..12).map(|place| place.to_string()).collect();
    for (place, key) in keys.iter().enumerate() {
        node.text(key, "049830201", "50005", &format!("hm{}", place / 2)).await.unwrap();
    }
    assert_eq!(answered(&node, keys).await, 4, "one of each pair, and four in all");
    node.turn_clock(120);
    node.text("later", "049830201", "50005", "hm5").await.unwrap();
    assert_eq!(answered(&node, ["later".to_owned()]).await, 1);
}

/// Several nodes on one database count together, also when each begins anew.
#[rstest]
#[case::sqlite(false)]
#[case::postgres(true)]
#[tokio::test(flavor = "multi_thread")]
async fn nodes_of_one_database_count_together(#[case] on_postgres: bool) {
    let server = if on_postgres { Postgres::start() } else { None };
    if on_postgres && server.is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}/mbush.db", folder.path().display());
    let url = server.as_ref().map_or(file, |server| server.url.clone());
    let node = || Node::start_with(|config| config.store.url.clone_from(&url));
    let nodes = [node().await, node().await];
    let texts = (0..40).map(|place: usize| {
        let (node, key) = (&nodes[place % 2], format!("{place}"));
        async move {
            let text = format!("hm {place}");
            // Where another node was faster each time, its sender sends it again.
            while node.text(&key, "049830201", "50005", &text).await.is_err() {}
        }
    });
    within("all answers", join_all(texts)).await;
    assert_eq!(answered(&nodes[0], (0..40).map(|place| place.to_string())).await, 10);
    let third = node().await;
    let answer = third.text("third", "38349830201", "50005", "hm").await.unwrap();
    assert_eq!(answer.reply, None, "a node that begins anew knows of it");
}
