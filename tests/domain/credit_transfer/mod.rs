//! Credit that subscribers send to each other, by the real processor on both databases, and over real sockets.

mod confirmation;
mod pins;
mod program;
mod reversals;
mod unworded;
mod ussd;

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use mbush::config::Config;
use mbush::domain::{AccountKey, Outcome, Reason, Rules, UnknownSubscriber};
use mbush::processor::Answer;
use testkit::postgres::Postgres;

use crate::node::Node;

const ARTA: &str = "38349111222";
const BESIM: &str = "38349333444";
const PIN: &str = "4711";

/// A node on each database that there is on this machine; `rules` as in `mbush.toml`.
async fn on_both<F: Future<Output = ()>>(rules: &str, test: impl Fn(Node) -> F) {
    test(node(rules, None).await).await;
    if let Some(server) = Postgres::start() {
        test(node(rules, Some(&server.url)).await).await;
    }
}

async fn node(rules: &str, url: Option<&str>) -> Node {
    let rules = Rules { unknown_subscriber: UnknownSubscriber::Create, ..Config::from_toml(rules).unwrap().rules };
    Node::start_with(|config| {
        config.rules = rules;
        config.store.url = url.map_or_else(|| config.store.url.clone(), str::to_owned);
    })
    .await
}

/// One text under a key of its own.
async fn text(node: &Node, from: &str, to: &str, text: &str) -> Answer {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let key = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
    node.text(&key, from, to, text).await.unwrap()
}

/// A number with so many euros, and a PIN of its own.
async fn subscriber(node: &Node, phone: &str, euros: u32) {
    let topped = text(node, phone, "50005", &euros.to_string()).await;
    assert!(matches!(topped.outcome, Outcome::Applied(_)), "{topped:?}");
    let changed = text(node, phone, "123", &format!("pin 0000 {PIN}")).await;
    assert!(matches!(changed.outcome, Outcome::Informed { .. }), "{changed:?}");
}

fn reason(answer: &Answer) -> Option<Reason> {
    answer.outcome.rejection().map(|rejection| rejection.reason)
}

fn reply(answer: &Answer) -> &str {
    answer.reply.as_deref().unwrap_or_default()
}

async fn balance(node: &Node, account: &str) -> i64 {
    let key: AccountKey = account.parse().unwrap();
    node.store.account(&key).await.unwrap().map_or(0, |account| account.balance_minor)
}

async fn sound(node: &Node) {
    let audit = node.store.audit(&mut |_| {}).await.unwrap();
    assert_eq!(audit.offence, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_goes_over_and_both_are_told_in_their_own_language() {
    on_both("[subscribers]\nlanguage = \"en\"", |node| async move {
        subscriber(&node, ARTA, 10).await;
        subscriber(&node, BESIM, 1).await;
        text(&node, BESIM, "123", "srpski").await;
        let message = node.message("t1", ARTA, "123", &format!("transfer 049333444 5 {PIN}"));
        let sent = node.processor.accept(message.clone()).await.unwrap();
        assert!(
            reply(&sent).starts_with("You sent 5.00 EUR to 049333444, fee 0.08 EUR. Your balance: 4.92 EUR."),
            "{sent:?}"
        );
        assert_eq!(
            (balance(&node, "subscriber:38349111222").await, balance(&node, "subscriber:38349333444").await),
            (492, 600)
        );
        let out = node.store.outbox_of("ipko:t1").await.unwrap();
        let told: Vec<(&str, &str)> = out.iter().map(|row| (row.sms.to.as_str(), row.sms.text.as_str())).collect();
        let to_besim = told.iter().find(|(to, _)| *to == BESIM).unwrap().1;
        assert!(to_besim.starts_with("049111222 vam je poslao 5.00 EUR. Stanje: 6.00 EUR"), "{told:?}");
        assert_eq!(told.len(), 2, "{told:?}");
        // The network delivers it again, under its key and without one.
        assert!(node.processor.accept(message).await.unwrap().replayed);
        let again = text(&node, ARTA, "123", &format!("transfer 049333444 5 {PIN}")).await;
        assert!(reply(&again).starts_with("You already sent 5.00 EUR to 049333444"), "{again:?}");
        assert_eq!(balance(&node, "subscriber:38349333444").await, 600);
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_says_why_and_moves_nothing() {
    let caps = "[subscribers]\nlanguage = \"en\"\n[credit_transfer]\nday_amount_max = \"6.00\"";
    on_both(caps, |node| async move {
        subscriber(&node, ARTA, 20).await;
        subscriber(&node, BESIM, 1).await;
        for (from, number, amount, expected, said) in [
            (ARTA, "049111222", "5", Reason::TransferToOneself, "your own number"),
            (ARTA, "044123456", "5", Reason::OperatorNotOffered, "Vala"),
            (ARTA, "049555666", "5", Reason::TransferTargetUnknown, "049555666 is not registered"),
            (ARTA, "049333444", "6", Reason::TransferAmount, "from 1.00 to 5.00 EUR"),
            (ARTA, "049333444", "2.50", Reason::AmountNotWhole, "2.50"),
            (
                BESIM,
                "049111222",
                "1",
                Reason::TransferTooLittle,
                "You need 1.20 EUR of credit to send this with its fee, and have 1.00 EUR",
            ),
        ] {
            let refused = text(&node, from, "121", &format!("{number} {amount} {PIN}")).await;
            assert_eq!(reason(&refused), Some(expected), "{refused:?}");
            assert!(reply(&refused).contains(said), "{refused:?}");
        }
        let first = text(&node, ARTA, "121", &format!("049333444 5 {PIN}")).await;
        assert!(matches!(first.outcome, Outcome::Applied(_)), "{first:?}");
        let capped = text(&node, ARTA, "121", &format!("049333444 2 {PIN}")).await;
        assert_eq!(reason(&capped), Some(Reason::TransferDayAmount));
        assert!(reply(&capped).starts_with("You can send at most 6.00 EUR a day; 1.00 EUR are left."), "{capped:?}");
        // A PIN that is missing is told, and one is never shown to who reads what could not be carried out.
        let missing = text(&node, ARTA, "121", "049333444 5").await;
        assert_eq!(reason(&missing), Some(Reason::PinMissing), "{missing:?}");
        assert!(reply(&missing).ends_with("049333444 5 1234"), "{missing:?}");
        assert_eq!(balance(&node, "subscriber:38349111222").await, 2_000 - 508);
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_at_once_never_overdraw_an_account_and_the_sum_is_kept() {
    let open = "[credit_transfer]\nday_amount_max = \"10000.00\"\nmonth_amount_max = \"100000.00\"\n\
                day_count_max = 1000\nmonth_count_max = 10000";
    on_both(open, |node| async move {
        subscriber(&node, ARTA, 50).await;
        let receivers: Vec<String> = (0..100).map(|place| format!("38349400{place:03}")).collect();
        join_all(receivers.iter().map(|phone| text(&node, phone, "50005", "1"))).await;
        let node = &node;
        let send = |phone: &String| {
            let number = format!("0{}", &phone[3..]);
            async move { text(node, ARTA, "121", &format!("{number} 5 {PIN}")).await }
        };
        let answers = join_all(receivers.iter().map(send)).await;
        let done = answers.iter().filter(|answer| matches!(answer.outcome, Outcome::Applied(_))).count();
        assert_eq!(done, 9, "9 times 5.08 is what 50.00 has room for");
        let others = answers.iter().filter_map(reason).collect::<Vec<_>>();
        assert_eq!(others, vec![Reason::TransferTooLittle; 91]);
        assert_eq!(balance(node, "subscriber:38349111222").await, 5_000 - 9 * 508);
        let mut got = 0;
        for phone in &receivers {
            got += balance(node, &format!("subscriber:{phone}")).await - 100;
        }
        assert_eq!(got, 9 * 500);
        sound(node).await;
    })
    .await;
}
