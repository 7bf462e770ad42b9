//! What a message does: its ending, its reply, and the money, on a real database file.

use futures_util::future::join_all;
use mbush::domain::{
    AccountKey, Amount, Body, Channel, Fields, InboundSms, Outcome, Payer, Reason, Request, Service, Target,
    UnknownSubscriber, format_minor,
};
use mbush::processor::{Answer, Confirm, NotAccepted, Order, OrderRequest};
use proptest::prelude::*;
use sqlx::Connection;
use testkit::postgres::Postgres;

use crate::node::{self, Node};

const PAYER: &str = "38349111222";

fn subscriber(digits: &str) -> AccountKey {
    AccountKey::subscriber(digits.parse().unwrap())
}

async fn balance(node: &Node, digits: &str) -> i64 {
    node.store.account(&subscriber(digits)).await.unwrap().map_or(0, |account| account.balance_minor)
}

fn reason(answer: &Answer) -> Option<Reason> {
    answer.outcome.rejection().map(|rejection| rejection.reason)
}

#[tokio::test]
async fn a_text_becomes_credit_and_a_confirmation() {
    let node = Node::start().await;
    let answer = node.text("1", PAYER, "50005", "049123456 5").await.unwrap();
    let Outcome::Applied(applied) = &answer.outcome else { panic!("{answer:?}") };
    assert_eq!(
        (applied.beneficiary.to_string().as_str(), applied.amount.minor(), applied.own),
        ("+38349123456", 500, false)
    );
    let account = node.store.account(&subscriber("38349123456")).await.unwrap().unwrap();
    assert_eq!(account.balance_minor, 500);
    assert_eq!(account.valid_until, Some(node::start_of_time() + chrono::TimeDelta::days(60)));
    let reply = answer.reply.unwrap();
    for part in ["5.00", "049123456", "21.01.2027"] {
        assert!(reply.contains(part), "`{part}` is not in: {reply}");
    }
    let outbox = node.store.outbox_of("ipko:1").await.unwrap();
    assert_eq!(outbox.len(), 1);
    assert_eq!((outbox[0].sms.from.as_str(), outbox[0].sms.to.as_str()), ("50005", PAYER));
    assert_eq!(outbox[0].sms.text, reply);
    assert_eq!(node.store.clearing_minor("ekonomike").await.unwrap(), 500);
}

#[tokio::test]
async fn a_reply_goes_by_the_link_of_its_route_and_a_dialogues_answer_stays_in_it() {
    let routes = "[[routes]]\nprefix = \"38349\"\nlink = \"vala\"\n[links.vala]\nkind = \"http\"\nsecret = \"s\"\n\
                  url = \"http://127.0.0.1:9/\"\n";
    let routes = mbush::config::Config::from_toml(routes).unwrap().rules.routes;
    let node = Node::start_with(|config| config.rules.routes = routes).await;
    let message = |id: &str, from: &str, channel| InboundSms {
        key: format!("ipko:{id}"),
        link: "ipko".to_owned(),
        from: from.to_owned(),
        from_type: None,
        to: "50005".to_owned(),
        body: Body::Text("5".to_owned()),
        channel,
        received_at: node::start_of_time(),
        redelivery_doubt_since: None,
    };
    for (id, from, channel, link) in [
        ("1", "38349111222", Channel::Sms, "vala"),
        ("2", "38344111222", Channel::Sms, "ipko"),
        ("3", "38349111223", Channel::Ussd, "ipko"),
    ] {
        node.processor.accept(message(id, from, channel)).await.unwrap();
        let replies = node.store.outbox_of(&format!("ipko:{id}")).await.unwrap();
        assert_eq!(replies.iter().map(|reply| reply.sms.link.as_str()).collect::<Vec<_>>(), [link], "{from}");
    }
}

#[tokio::test]
async fn an_amount_alone_is_for_the_sender() {
    let node = Node::start().await;
    let answer = node.text("1", "049111222", "50005", "10").await.unwrap();
    assert!(matches!(&answer.outcome, Outcome::Applied(applied) if applied.own), "{answer:?}");
    assert_eq!(balance(&node, PAYER).await, 1_000);
}

#[tokio::test]
async fn the_same_key_is_one_message_for_ever() {
    let node = Node::start().await;
    let first = node.text("1", PAYER, "50005", "049123456 5").await.unwrap();
    node.turn_clock(1_000_000);
    let again = node.text("1", PAYER, "50005", "049123456 5").await.unwrap();
    assert_eq!(again, Answer { replayed: true, ..first });
    assert_eq!(balance(&node, "38349123456").await, 500);
    assert_eq!(node.store.outbox_of("ipko:1").await.unwrap().len(), 1, "a replay is not answered by a second SMS");
    let other = node.text("1", PAYER, "50005", "049123456 6").await;
    assert_eq!(other, Err(NotAccepted::Conflict));
    assert_eq!(balance(&node, "38349123456").await, 500);
}

#[tokio::test]
async fn the_same_request_within_the_window_is_done_once_and_says_when() {
    let node = Node::start().await;
    let first = node.text("1", PAYER, "50005", "049123456 5").await.unwrap();
    node.turn_clock(119);
    let second = node.text("2", PAYER, "50005", "+383 49 123 456 5 euro").await.unwrap();
    let (Outcome::Applied(applied), Outcome::Duplicate { of, .. }) = (&first.outcome, &second.outcome) else {
        panic!("{first:?} {second:?}")
    };
    assert_eq!(applied.transfer, of.transfer);
    assert!(second.reply.is_some_and(|reply| reply.contains("prap")));
    let marked = node.text("3", PAYER, "50005", "049123456 5 prap").await.unwrap();
    assert!(matches!(marked.outcome, Outcome::Applied(_)), "{marked:?}");
    let redelivered = node.text("4", PAYER, "50005", "049123456 5 prap").await.unwrap();
    assert!(matches!(redelivered.outcome, Outcome::Duplicate { .. }), "a repetition is repeated once: {redelivered:?}");
    node.turn_clock(1);
    let later = node.text("5", PAYER, "50005", "049123456 5").await.unwrap();
    assert!(matches!(later.outcome, Outcome::Applied(_)), "{later:?}");
    assert_eq!(balance(&node, "38349123456").await, 1_500);
}

/// Not from the first time: a customer who does it every two minutes would be charged for the network's redeliveries.
#[tokio::test]
async fn the_window_is_counted_from_the_last_time_that_it_was_done() {
    let node = Node::start().await;
    let mut done = Vec::new();
    for (key, wait) in [("1", 0), ("2", 121), ("3", 100)] {
        node.turn_clock(wait);
        done.push(node.text(key, PAYER, "50005", "049123456 5").await.unwrap().outcome);
    }
    let (Outcome::Applied(second), Outcome::Duplicate { of, .. }) = (&done[1], &done[2]) else { panic!("{done:?}") };
    assert_eq!(of.transfer, second.transfer, "the last one is what it repeats");
    assert_eq!(of.at, node::start_of_time() + chrono::TimeDelta::seconds(121));
    assert_eq!(balance(&node, "38349123456").await, 1_000);
}

/// What came on a session cannot be what an earlier session has delivered: a customer who asks again after the bank's
/// window is served, however short ago the SMSC has bound.
#[tokio::test]
async fn what_this_session_did_is_no_redelivery() {
    let node = Node::start().await;
    let bound = Some(node.clock.now());
    let text = |key| InboundSms { redelivery_doubt_since: bound, ..node.message(key, PAYER, "50005", "049123456 5") };
    node.turn_clock(10);
    for (key, wait) in [("1", 0), ("2", 130)] {
        node.turn_clock(wait);
        let answer = node.processor.accept(text(key)).await.unwrap();
        assert!(matches!(answer.outcome, Outcome::Applied(_)), "{key}: {answer:?}");
    }
    let rebound = Some(node.clock.now() + chrono::TimeDelta::seconds(130));
    node.turn_clock(140);
    let again = InboundSms { redelivery_doubt_since: rebound, ..node.message("3", PAYER, "50005", "049123456 5") };
    let answer = node.processor.accept(again).await.unwrap();
    assert!(matches!(answer.outcome, Outcome::Duplicate { .. }), "what an earlier one did, it may be: {answer:?}");
    assert_eq!(balance(&node, "38349123456").await, 1_000);
}

#[tokio::test]
async fn a_refused_request_is_no_duplicate_when_it_comes_again() {
    let node = Node::start_with(|config| config.rules.unknown_subscriber = UnknownSubscriber::Refuse).await;
    for key in ["1", "2"] {
        let answer = node.text(key, PAYER, "50005", "049123456 5").await.unwrap();
        assert_eq!(reason(&answer), Some(Reason::SubscriberUnknown));
    }
}

#[tokio::test]
async fn every_message_has_an_ending_and_a_helpful_reply() {
    let node = Node::start().await;
    for (key, text, expected) in [
        ("1", "049123456", Reason::AmountMissing),
        ("2", "5 049123456", Reason::SwappedOrder),
        ("3", "049123456 5.50", Reason::AmountNotWhole),
        ("4", "si je", Reason::Unreadable),
        ("5", "tv arben1", Reason::ServiceNotAvailable),
        ("6", "int arben1", Reason::ServiceNotAvailable),
        ("7", "044123456 4", Reason::AmountNotOffered),
        ("8", "", Reason::Unreadable),
    ] {
        let answer = node.text(key, PAYER, "50005", text).await.unwrap();
        assert_eq!(reason(&answer), Some(expected), "{text}: {answer:?}");
        let reply = answer.reply.unwrap();
        assert!(reply.len() > 20 && reply.chars().count() <= 160, "{reply}");
    }
    assert_eq!(node.store.totals().await.unwrap().transfers, 0);
    assert_eq!(node.store.totals().await.unwrap().messages, 8);
}

#[tokio::test]
async fn octets_that_are_no_text_are_kept_for_staff() {
    let node = Node::start().await;
    let body = Body::Undecodable { hex: "d83d".into(), data_coding: 8, why: "half a surrogate pair".into() };
    let message = InboundSms { body, ..node.message("1", PAYER, "50005", "") };
    let answer = node.processor.accept(message).await.unwrap();
    assert!(matches!(answer.outcome, Outcome::Quarantined(_)), "{answer:?}");
    assert!(answer.reply.is_some());
}

#[tokio::test]
async fn a_sender_that_is_no_phone_is_not_written_to() {
    let node = Node::start().await;
    for (key, from) in [("1", "INFO"), ("2", "50005")] {
        let answer = node.text(key, from, "50005", "049123456 5 x").await.unwrap();
        assert_eq!(answer.reply, None, "an automaton that answers an automaton never ends");
    }
}

#[tokio::test]
async fn many_at_once_on_one_account_are_all_counted() {
    let node = Node::start().await;
    let texts = (0..200).map(|index| {
        let (node, key) = (&node, format!("{index}"));
        async move { node.text(&key, &format!("383492{index:05}"), "50005", "049123456 1").await }
    });
    let answers = join_all(texts).await;
    let mut balances: Vec<i64> = answers
        .into_iter()
        .map(|answer| match answer.unwrap().outcome {
            Outcome::Applied(applied) => applied.balance_minor,
            other => panic!("{other:?}"),
        })
        .collect();
    balances.sort_unstable();
    assert_eq!(balances, (1..=200).map(|count| count * 100).collect::<Vec<_>>(), "each saw the one before");
    assert_eq!(balance(&node, "38349123456").await, 20_000);
}

#[tokio::test]
async fn the_same_message_many_times_at_once_is_done_once() {
    let node = Node::start().await;
    let answers = join_all((0..50).map(|_| node.text("1", PAYER, "50005", "049123456 5"))).await;
    let first_answers = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|answer| !answer.replayed)).count();
    assert_eq!(first_answers, 1);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(balance(&node, "38349123456").await, 500);
}

/// Twenty messages that come while the first is committed, so that they share a batch or two.
async fn twenty_at_once(node: &Node, meanwhile: impl FnOnce()) -> Vec<Result<Answer, NotAccepted>> {
    let messages: Vec<InboundSms> = (0..20)
        .map(|index| node.message(&format!("{index}"), &format!("383492{index:05}"), "50005", "049123456 1"))
        .collect();
    meanwhile();
    join_all(messages.into_iter().map(|message| node.processor.accept(message))).await
}

#[tokio::test]
async fn a_message_that_the_database_will_not_have_fails_alone() {
    for server in [None, Postgres::start()] {
        let is_sqlite = server.is_none();
        let mut url = String::new();
        let node = Node::start_with(|config| {
            if let Some(server) = &server {
                config.store.url.clone_from(&server.url);
            }
            url.clone_from(&config.store.url);
        })
        .await;
        if is_sqlite {
            let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
            let poison = "CREATE TRIGGER poison BEFORE INSERT ON inbox WHEN NEW.sender = '38349200013'
                BEGIN SELECT RAISE(ABORT, 'poison'); END";
            sqlx::query(poison).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            let poison = "ALTER TABLE inbox ADD CONSTRAINT poison CHECK (sender <> '38349200013')";
            sqlx::query(poison).execute(&mut connection).await.unwrap();
        }
        let answers = twenty_at_once(&node, || {}).await;
        for (index, answer) in answers.iter().enumerate() {
            let expected = if index == 13 { Err(&NotAccepted::Store) } else { Ok(()) };
            assert_eq!(answer.as_ref().map(|_| ()), expected, "message {index}");
        }
        assert_eq!(balance(&node, "38349123456").await, 1_900);
    }
}

#[tokio::test]
async fn a_panic_costs_nobody_anything() {
    let node = Node::start().await;
    let answers = twenty_at_once(&node, || node.break_clock()).await;
    // Where the first batch was one message, that one is sent again by its link.
    assert!(answers.iter().filter(|answer| answer.is_err()).count() <= 1, "{answers:?}");
    for index in 0..20 {
        node.text(&format!("{index}"), &format!("383492{index:05}"), "50005", "049123456 1").await.unwrap();
    }
    assert_eq!(balance(&node, "38349123456").await, 2_000);
}

#[tokio::test]
async fn a_full_queue_says_so_and_keeps_nothing() {
    let node = Node::start_with(|config| config.processor.queue_max = 1).await;
    let answers = join_all((0..20).map(|index| {
        let (node, key) = (&node, format!("{index}"));
        async move { node.text(&key, &format!("383492{index:05}"), "50005", "049123456 1").await }
    }))
    .await;
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(answers.iter().any(|answer| answer == &Err(NotAccepted::QueueFull)));
    let store = node.stop().await;
    let totals = store.totals().await.unwrap();
    assert_eq!(usize::try_from(totals.messages).unwrap(), taken);
    assert_eq!(totals.balances_minor, i64::try_from(taken).unwrap() * 100);
}

#[derive(Debug, Clone)]
enum Step {
    Text { key: u8, payer: u8, text: &'static str },
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let texts = [
        "5",
        "10",
        "049123456 5",
        "044123456 10",
        "049123456 5 again",
        "049123456",
        "hello",
        "044123456 4",
        "tv arben1",
    ];
    let step = prop_oneof![
        8 => (0..40_u8, 0..4_u8, prop::sample::select(texts.to_vec())).prop_map(|(key, payer, text)| Step::Text { key, payer, text }),
        1 => (1..300_i64).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is sent in whatever order: balances, transfers and endings agree, and no key moves money twice.
    #[test]
    fn money_is_conserved(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let node = Node::start().await;
            let mut applied_minor = std::collections::HashMap::new();
            for step in steps {
                match step {
                    Step::Wait(seconds) => node.turn_clock(seconds),
                    Step::Text { key, payer, text } => {
                        let answer = node.text(&key.to_string(), &format!("3834911122{payer}"), "50005", text).await;
                        if let Ok(Answer { outcome: Outcome::Applied(applied), .. }) = answer {
                            applied_minor.insert(key, applied.amount.minor());
                        }
                    }
                }
            }
            let totals = node.store.totals().await.unwrap();
            let sum: i64 = applied_minor.values().sum();
            assert_eq!(format_minor(totals.balances_minor), format_minor(sum));
            assert_eq!(totals.transferred_minor, sum);
            assert_eq!(totals.transfers, totals.applied);
            assert_eq!(node.store.clearing_minor("ekonomike").await.unwrap(), sum);
        });
    }
}

#[tokio::test]
async fn a_banks_machine_is_not_written_to_and_the_phone_that_it_topped_up_is() {
    let node = Node::start().await;
    let text = "RB,TX000123,38349123456,500";
    let answer = node.text("1", "RAIFFEISEN", "50808", text).await.unwrap();
    assert!(matches!(answer.outcome, Outcome::Applied(_)), "{answer:?}");
    let outbox = node.store.outbox_of("ipko:1").await.unwrap();
    assert_eq!((outbox[0].sms.from.as_str(), outbox[0].sms.to.as_str()), ("50808", "38349123456"));
    node.turn_clock(1_000_000);
    let again = node.text("2", "RAIFFEISEN", "50808", text).await.unwrap();
    assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "a reference is good once, for ever: {again:?}");
    assert_eq!(balance(&node, "38349123456").await, 500);
    let other = node.text("3", "RAIFFEISEN", "50808", "RB,TX000123,38349123456,1000").await.unwrap();
    assert_eq!(reason(&other), Some(Reason::ReferenceReused), "another amount under the same reference");
    assert_eq!(balance(&node, "38349123456").await, 500);
}

/// The same request as the text `049123456 5` to 50005, in fields.
fn order(node: &Node, key: &str, minor: i64, confirm: Option<Confirm>) -> Order {
    let line = node::plan().read("049123456", false).unwrap();
    let request = Request {
        bank: "bkt".into(),
        form: "atm".into(),
        service: Service::Mobile,
        target: Target::Line(line),
        amount: Amount::from_minor(minor).ok(),
        repeat: false,
        reference: None,
        fields: Fields::default(),
        language: None,
    };
    let payer = Payer::Machine("bkt-atm".into());
    Order {
        former: None,
        key: format!("atm:{key}"),
        link: "atm".into(),
        from: "bkt-atm".into(),
        to: "topups".into(),
        channel: Channel::Atm,
        received_at: node.clock.now(),
        request: OrderRequest::Recharge { request, payer },
        confirm,
    }
}

#[tokio::test]
async fn an_order_in_fields_is_done_once_for_its_key_and_answered_in_words() {
    let node = Node::start().await;
    let first = node.processor.order(order(&node, "1", 500, None)).await.unwrap();
    let Outcome::Applied(applied) = &first.outcome else { panic!("{first:?}") };
    assert_eq!((applied.balance_minor, applied.beneficiary.to_string().as_str()), (500, "+38349123456"));
    assert!(first.reply.as_ref().is_some_and(|reply| reply.contains("049123456")), "{first:?}");
    assert!(node.store.outbox_of("atm:1").await.unwrap().is_empty(), "the machine has its answer");
    node.turn_clock(1_000_000);
    let again = node.processor.order(order(&node, "1", 500, None)).await.unwrap();
    assert_eq!(again, Answer { replayed: true, ..first });
    assert_eq!(node.processor.order(order(&node, "1", 600, None)).await, Err(NotAccepted::Conflict));
    let refused = node.processor.order(order(&node, "2", 5_100, None)).await.unwrap();
    assert_eq!(reason(&refused), Some(Reason::AmountOutOfLimits));
    assert!(refused.reply.is_some_and(|reply| reply.contains("50.00")));
    assert_eq!(balance(&node, "38349123456").await, 500);
    assert_eq!(node.store.clearing_minor("bkt").await.unwrap(), 500);
}

#[tokio::test]
async fn the_phone_that_a_machine_topped_up_is_told_where_a_way_is_given() {
    let node = Node::start().await;
    let confirm = Confirm { link: "ipko".into(), from: "IPKO".into() };
    let answer = node.processor.order(order(&node, "1", 500, Some(confirm))).await.unwrap();
    let outbox = node.store.outbox_of("atm:1").await.unwrap();
    assert_eq!(outbox.len(), 1);
    let sms = &outbox[0].sms;
    assert_eq!((sms.link.as_str(), sms.from.as_str(), sms.to.as_str()), ("ipko", "IPKO", "38349123456"));
    assert_eq!(Some(&sms.text), answer.reply.as_ref());
}
