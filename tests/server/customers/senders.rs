//! One phone is one number; and who is no phone asks for nothing.

use mbush::config::Config;
use mbush::domain::{AccountKey, Channel, InboundSms, Outcome, Reason, Rules};
use mbush::processor::NotAccepted;
use mbush::smpp::pdu::Body;
use serde_json::json;

use crate::customers::world::{World, dialled};
use crate::node::Node;

#[tokio::test(flavor = "multi_thread")]
async fn every_spelling_of_a_phone_is_one_number_for_staff() {
    let world = World::start("", "").await;
    for (id, from, text) in [
        ("1", "049111222", "049123456 5"),
        ("2", "38349111222", "049123456 6"),
        ("3", "+38349111222", "hm"),
        ("4", "0038349111222", "049123456 5"),
    ] {
        let answer = world.sms(id, from, "50005", text).await;
        let expected = match id {
            "3" => "quarantined",
            "4" => "duplicate",
            _ => "applied",
        };
        assert_eq!(answer["outcome"], expected, "{answer}");
    }
    world.deliver((2, 1, "49111222"), "50005", "049123456 7").await;
    let statement = world.told(&["statement", "049123456"]);
    assert_eq!(statement.matches("by 38349111222").count(), 3, "{statement}");
    assert_eq!(statement.matches(", by ").count(), 3, "{statement}");
    let listed = world.told(&["quarantine", "list"]);
    assert!(listed.contains("38349111222 > 50005"), "{listed}");
    assert!(world.told(&["audit"]).contains("sound"));
}

#[tokio::test]
async fn limits_and_languages_are_the_phones_however_it_is_written() {
    let limit = Config::from_toml("[limits.payer]\nday_count_max = 2\n").unwrap().rules.limits;
    let node = Node::start_with(|config| config.rules.limits = limit).await;
    for (key, from, text, expected) in [
        ("1", "049111222", "5", None),
        ("2", "38349111222", "049123456 5", None),
        ("3", "+38349111222", "049123457 5", Some(Reason::PayerDayCount)),
    ] {
        let answer = node.text(key, from, "50005", text).await.unwrap();
        assert_eq!(answer.outcome.rejection().map(|rejection| rejection.reason), expected, "{answer:?}");
    }
    node.text("4", "0038349111222", "123", "english").await.unwrap();
    let balance = node.text("5", "049111222", "123", "gjendja").await.unwrap().reply.unwrap_or_default();
    assert!(balance.contains("Balance of 049111222"), "{balance}");
    let outbox = node.store.outbox_of("ipko:1").await.unwrap();
    assert_eq!(outbox[0].sms.to, "38349111222");
}

#[tokio::test]
async fn the_same_message_in_another_spelling_is_no_conflict() {
    let node = Node::start().await;
    let first = node.text("1", "049111222", "50005", "049123456 5").await.unwrap();
    let again = node.text("1", "+38349111222", "50005", "049123456 5").await.unwrap();
    assert_eq!((again.replayed, &again.outcome), (true, &first.outcome));
    let other = node.text("1", "049111223", "50005", "049123456 5").await;
    assert_eq!(other, Err(NotAccepted::Conflict));
}

/// Nobody could be billed.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_phone_asks_for_nothing_at_any_door() {
    let world = World::start("", "").await;
    let mut requests = world.smsc.requests();
    let texts = ["049123456 5", "tv arben1", "fix 038712345 20", "5"];
    for source in [(0, 0, ""), (1, 1, ""), (5, 0, "IPKO"), (5, 0, "38349111222"), (0, 1, "50005"), (3, 0, "123")] {
        for text in texts {
            world.deliver(source, "50005", text).await;
        }
        world.deliver_sm(dialled(source, "123", "*123*7401582000319520*049123456#")).await;
        world.deliver(source, "121", "049123456 5 4711").await;
    }
    for (id, from) in ["IPKO", "50005", "EKONOMIKE"].into_iter().enumerate() {
        for (place, text) in texts.iter().enumerate() {
            let answer = world.sms(&format!("{id}/{place}"), from, "50005", text).await;
            assert_eq!(answer["outcome"], "refused", "{from} {text}: {answer}");
            assert_eq!(answer["reason"], "sender_not_phone", "{from} {text}: {answer}");
        }
        let body = json!({ "session": format!("u{id}"), "msisdn": from, "dialled": "*50005*049123456*5#", "text": "" });
        let shown = world.post("/v1/ussd", &body).await;
        assert_eq!(shown["outcome"], "refused", "{shown}");
    }
    for account in ["049123456", "product:tv:arben1", "fixed_line:38338712345"] {
        let told = world.told(&["statement", account]);
        assert!(told.contains("there is no account"), "{account}: {told}");
    }
    let machine = world.sms("machine", "TEB", "50909", "T3834912345600000500A81723000001").await;
    assert_eq!(machine["outcome"], "applied", "a bank's machine, in its own form: {machine}");
    world.deliver((5, 0, "TEB"), "50909", "T3834912345600000500A81723000002").await;
    let statement = world.told(&["statement", "049123456"]);
    assert!(statement.contains("1 movement"), "at an SMSC anybody may have that name: {statement}");
    let written = std::iter::from_fn(|| requests.try_recv().ok()).filter(|body| matches!(body, Body::SubmitSm(_)));
    assert_eq!(written.count(), 0, "nobody is told of it");
}

#[tokio::test]
async fn a_machines_form_that_names_the_smscs_link_is_read_there() {
    let links = "[links.ipko]\nkind = \"smsc\"\nhosts = [\"127.0.0.1:9\"]\nsystem_id = \"m\"\npassword = \"p\"\n";
    let rules: Rules = Config::from_toml(links).unwrap().rules;
    let node = Node::start_with(|config| config.rules.links = rules.links).await;
    let text = "T3834912345600000500A81723000001";
    let refused = node.text("1", "TEB", "50909", text).await.unwrap();
    let Outcome::Refused(rejection) = &refused.outcome else { panic!("{refused:?}") };
    assert_eq!((rejection.reason, refused.reply), (Reason::SenderNotPhone, None));
    let elsewhere = InboundSms { link: "bank".into(), key: "bank:1".into(), ..node.message("1", "TEB", "50909", text) };
    let applied = node.processor.accept(elsewhere).await.unwrap();
    assert!(matches!(applied.outcome, Outcome::Applied(_)), "{applied:?}");
    let dialled = InboundSms { channel: Channel::Ussd, ..node.message("2", "", "50005", "049123456 5") };
    let shown = node.processor.accept_in_dialogue(dialled).await.unwrap();
    assert!(shown.reply.is_some_and(|reply| reply.contains("telefoni")), "who waits for an answer is told why");
    let account = node.store.account(&AccountKey::subscriber("38349123456".parse().unwrap())).await.unwrap().unwrap();
    assert_eq!(account.balance_minor, 500);
}
