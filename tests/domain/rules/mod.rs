//! Limits, products and bonuses, by the real processor on both databases.

mod later;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use mbush::config::Config;
use mbush::domain::{
    AccountKey, Channel, InboundSms, Outcome, Reason, Rules, Service, UnknownSubscriber, format_minor,
};
use mbush::processor::Answer;
use mbush::store::Enrolment;
use testkit::postgres::Postgres;

use crate::node::{self, Node};

const ARTA: &str = "38349111222";
const BESIM: &str = "38349333444";

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
    assert!(audit.offence.is_none(), "{audit:?}");
}

#[tokio::test]
async fn a_payers_day_is_used_up_and_the_reply_says_what_is_left_and_when_it_opens() {
    on_both("[limits.payer]\nday_amount_max = \"20.00\"\nday_count_max = 3", |node| async move {
        assert!(matches!(text(&node, ARTA, "50005", "15").await.outcome, Outcome::Applied(_)));
        let refused = text(&node, ARTA, "50005", "049123456 10").await;
        assert_eq!(reason(&refused), Some(Reason::PayerDayAmount));
        // The test's clock stands at 18:20 on 22 November, in winter.
        for part in ["20.00 EUR", "5.00 EUR", "23.11. 00:00"] {
            assert!(reply(&refused).contains(part), "`{part}` is not in: {}", reply(&refused));
        }
        let duplicate = text(&node, ARTA, "50005", "15").await;
        assert!(matches!(duplicate.outcome, Outcome::Duplicate { .. }), "{duplicate:?}");
        for amount in ["1", "2"] {
            let done = text(&node, ARTA, "50005", &format!("049123456 {amount}")).await;
            assert!(matches!(done.outcome, Outcome::Applied(_)), "duplicates and refusals do not count: {done:?}");
        }
        let refused = text(&node, ARTA, "50005", "049123456 1 prap").await;
        assert_eq!(reason(&refused), Some(Reason::PayerDayCount));
        assert!(matches!(text(&node, BESIM, "50005", "049123456 20").await.outcome, Outcome::Applied(_)));
        node.turn_clock(24 * 3_600);
        assert!(matches!(text(&node, ARTA, "50005", "049123456 20").await.outcome, Outcome::Applied(_)));
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn velocity_and_a_month_of_a_number() {
    let rules = "[limits.target]\nmonth_amount_max = \"12.00\"\nvelocity = [{ count_max = 2, minutes = 5 }]";
    on_both(rules, |node| async move {
        for amount in ["1", "2"] {
            let done = text(&node, ARTA, "50005", &format!("049123456 {amount}")).await;
            assert!(matches!(done.outcome, Outcome::Applied(_)), "{done:?}");
            node.turn_clock(60);
        }
        let refused = text(&node, BESIM, "50005", "049123456 3").await;
        assert_eq!(reason(&refused), Some(Reason::TargetVelocity));
        let opens_at = refused.outcome.rejection().unwrap().details.opens_at.unwrap();
        assert_eq!(opens_at, node::start_of_time() + chrono::TimeDelta::minutes(5));
        node.turn_clock(3 * 60);
        assert!(matches!(text(&node, BESIM, "50005", "049123456 3").await.outcome, Outcome::Applied(_)));
        node.turn_clock(3_600);
        let refused = text(&node, BESIM, "50005", "049123456 7").await;
        assert_eq!(reason(&refused), Some(Reason::TargetMonthAmount));
        assert!(reply(&refused).contains("6.00 EUR") && reply(&refused).contains("01.12."), "{}", reply(&refused));
        assert_eq!(balance(&node, "subscriber:38349123456").await, 600);
        sound(&node).await;
    })
    .await;
}

/// Each is another request of one customer, for another number: on PostgreSQL several appliers take them at once.
#[tokio::test]
async fn however_many_come_at_once_a_limit_is_kept_to_the_cent() {
    let rules = "[limits.payer]\nday_amount_max = \"10.00\"\nday_count_max = 1000\nmonth_count_max = 1000\n\
                 velocity = [{ count_max = 50, minutes = 60 }]";
    on_both(rules, |node| async move {
        let numbers: Vec<String> = (0..40).map(|last| format!("0492000{last:02}")).collect();
        let answers = join_all(numbers.iter().map(|number| {
            let node = &node;
            async move { text(node, ARTA, "50005", &format!("{number} 1")).await }
        }))
        .await;
        let applied = answers.iter().filter(|answer| matches!(answer.outcome, Outcome::Applied(_))).count();
        let refused = answers.iter().filter(|answer| reason(answer) == Some(Reason::PayerDayAmount)).count();
        assert_eq!((applied, refused), (10, 30), "{answers:?}");
        assert_eq!(node.store.totals().await.unwrap().balances_minor, 1_000);
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn amounts_by_channel_and_bank() {
    let rules = "[limits.channels.ussd]\namount_max = \"5.00\"\n[limits.banks.procredit]\namount_min = \"3.00\"";
    on_both(rules, |node| async move {
        let dialled =
            |key: &str, text: &str| InboundSms { channel: Channel::Ussd, ..node.message(key, ARTA, "50005", text) };
        let refused = node.processor.accept(dialled("ussd-1", "049123456 6")).await.unwrap();
        assert_eq!(reason(&refused), Some(Reason::AmountOutOfLimits));
        assert!(reply(&refused).contains("1.00") && reply(&refused).contains("5.00"), "{}", reply(&refused));
        let done = node.processor.accept(dialled("ussd-2", "049123456 5")).await.unwrap();
        assert!(matches!(done.outcome, Outcome::Applied(_)), "{done:?}");
        assert!(matches!(text(&node, ARTA, "50005", "049123456 6").await.outcome, Outcome::Applied(_)));
        let refused = text(&node, ARTA, "50333", "049123456 2").await;
        assert_eq!(reason(&refused), Some(Reason::AmountOutOfLimits));
        assert!(reply(&refused).contains("3.00"), "{}", reply(&refused));
    })
    .await;
}

/// A mobile's number is somebody else's by then; a line in a house is not.
#[tokio::test]
async fn a_fixed_line_can_be_topped_up_long_after_its_validity_is_over() {
    on_both("", |node| async move {
        assert!(matches!(text(&node, ARTA, "50005", "fix 038712345 5").await.outcome, Outcome::Applied(_)));
        assert!(matches!(text(&node, ARTA, "50005", "049123456 5").await.outcome, Outcome::Applied(_)));
        node.turn_clock(400 * 86_400);
        let mobile = text(&node, ARTA, "50005", "049123456 5").await;
        assert_eq!(reason(&mobile), Some(Reason::SubscriberSuspended));
        assert!(matches!(text(&node, ARTA, "50005", "fix 038712345 10").await.outcome, Outcome::Applied(_)));
        assert_eq!(balance(&node, "fixed_line:38338712345").await, 1_500);
        sound(&node).await;
    })
    .await;
}

const PRODUCTS: &str = "[products]\nunknown = \"create\"\n[products.tv]\nprice = \"9.99\"\n\
                        [products.duotv]\nprice = \"15.50\"\ndays = 31";

#[tokio::test]
async fn a_fixed_line_is_topped_up() {
    on_both("", |node| async move {
        let done = text(&node, ARTA, "50005", "fix 038712345 20").await;
        assert!(matches!(done.outcome, Outcome::Applied(_)), "{done:?}");
        for part in ["20.00 EUR", "038712345"] {
            assert!(reply(&done).contains(part), "`{part}` is not in: {}", reply(&done));
        }
        assert!(matches!(text(&node, ARTA, "50333", "038712345 5").await.outcome, Outcome::Applied(_)));
        assert_eq!(balance(&node, "fixed_line:38338712345").await, 2_500);
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn a_product_is_paid_for_by_its_user_name_at_its_price() {
    on_both(PRODUCTS, |node| async move {
        let done = text(&node, ARTA, "50005", "TV Arben.B").await;
        assert!(matches!(done.outcome, Outcome::Applied(_)), "{done:?}");
        for part in ["TV", "Arben.B", "9.99 EUR", "22.12.2026"] {
            assert!(reply(&done).contains(part), "`{part}` is not in: {}", reply(&done));
        }
        let again = text(&node, ARTA, "50005", "tv Arben.B").await;
        assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "{again:?}");
        assert!(reply(&again).contains("9.99 EUR") && reply(&again).contains("prap"), "{}", reply(&again));
        let really = text(&node, ARTA, "50005", "tv Arben.B prap").await;
        assert!(reply(&really).contains("21.01.2027"), "a second month comes after the first: {}", reply(&really));
        assert_eq!(balance(&node, "product:tv:Arben.B").await, 1_998);
        assert_eq!(balance(&node, "product:tv:arben.b").await, 0, "a user name is never altered");
        let spelled = text(&node, ARTA, "50333", "shfrytëzuesi1 duotv").await;
        assert!(reply(&spelled).contains("shfrytëzuesi1"), "{}", reply(&spelled));
        assert!(reply(&spelled).encode_utf16().count() <= 70, "one segment of UCS-2: {}", reply(&spelled));
        assert_eq!(balance(&node, "product:duotv:shfrytëzuesi1").await, 1_550);
        assert_eq!(node.store.clearing_minor("ekonomike").await.unwrap(), 1_998);
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn what_has_no_price_is_not_available() {
    on_both(PRODUCTS, |node| async move {
        for (to, written) in [("50005", "int arben1"), ("50005", "duofix arben1"), ("50333", "internet")] {
            let refused = text(&node, ARTA, to, written).await;
            assert_eq!(reason(&refused), Some(Reason::ServiceNotAvailable), "{written}: {refused:?}");
        }
        assert_eq!(node.store.totals().await.unwrap().transfers, 0);
    })
    .await;
}

#[tokio::test]
async fn unknown_user_names_follow_their_setting() {
    on_both("[products.tv]\nprice = \"9.99\"", |node| async move {
        let refused = text(&node, ARTA, "50005", "tv arben1").await;
        assert_eq!(reason(&refused), Some(Reason::UsernameUnknown));
        enrol(&node, BESIM, Service::Tv, "arben1").await;
        let done = text(&node, ARTA, "50005", "tv arben1").await;
        assert!(matches!(done.outcome, Outcome::Applied(_)), "a registered user name is known: {done:?}");
        sound(&node).await;
    })
    .await;
}

async fn enrol(node: &Node, phone: &str, service: Service, username: &str) {
    let (phone, username, at) = (phone.parse().unwrap(), username.to_owned(), node.clock.now());
    node.store.enrol(&Enrolment { phone, service, username, by: "drita".into(), at }).await.unwrap();
}

#[tokio::test]
async fn a_word_alone_is_for_the_account_that_is_registered_to_the_sender() {
    let rules = format!("{PRODUCTS}\n[limits.target]\nday_count_max = 2");
    on_both(&rules, |node| async move {
        let refused = text(&node, ARTA, "50333", "tv").await;
        assert_eq!(reason(&refused), Some(Reason::NotEnrolled));
        assert!(reply(&refused).contains("TV"), "{}", reply(&refused));
        enrol(&node, ARTA, Service::Tv, "arta.k").await;
        let done = text(&node, ARTA, "50333", "tv").await;
        assert!(reply(&done).contains("arta.k") && reply(&done).contains("9.99"), "{done:?}");
        assert_eq!(reason(&text(&node, ARTA, "50333", "duotv").await), Some(Reason::NotEnrolled), "each for itself");
        assert!(matches!(text(&node, BESIM, "50005", "tv arta.k").await.outcome, Outcome::Applied(_)));
        let third = text(&node, ARTA, "50333", "tv again").await;
        assert_eq!(reason(&third), Some(Reason::TargetDayCount), "one account, whichever way it is named: {third:?}");
        assert_eq!(balance(&node, "product:tv:arta.k").await, 1_998);
        assert!(node.store.disenrol(ARTA.parse().unwrap(), Service::Tv).await.unwrap());
        assert!(!node.store.disenrol(ARTA.parse().unwrap(), Service::Tv).await.unwrap());
        assert_eq!(reason(&text(&node, ARTA, "50333", "tv opet").await), Some(Reason::NotEnrolled));
        sound(&node).await;
    })
    .await;
}

#[tokio::test]
async fn a_bonus_is_a_transfer_of_its_own_and_named_in_the_confirmation() {
    let rules = "[[bonus]]\nname = \"autumn\"\npercent = 10\namount_min = \"5.00\"\ncap = \"1.50\"\n\
                 from = \"2026-11-01\"\nuntil = \"2026-11-22\"\n\
                 [[bonus]]\nname = \"ussd\"\nfixed = \"0.05\"\nchannels = [\"ussd\"]\nstacks = true";
    on_both(rules, |node| async move {
        let done = text(&node, ARTA, "50005", "049123456 9").await;
        let Outcome::Applied(applied) = &done.outcome else { panic!("{done:?}") };
        assert_eq!((applied.amount.minor(), applied.balance_minor), (900, 990));
        for part in ["9.00 EUR", "0.90 EUR", "autumn", "9.90 EUR"] {
            assert!(reply(&done).contains(part), "`{part}` is not in: {}", reply(&done));
        }
        assert!(reply(&done).len() <= 160);
        let duplicate = text(&node, ARTA, "50005", "049123456 9").await;
        assert!(matches!(duplicate.outcome, Outcome::Duplicate { .. }), "{duplicate:?}");
        let small = text(&node, ARTA, "50005", "049123456 4").await;
        assert!(!reply(&small).contains("bonus"), "{}", reply(&small));
        let capped = InboundSms { channel: Channel::Ussd, ..node.message("capped", ARTA, "50005", "049123456 50") };
        let capped = node.processor.accept(capped).await.unwrap();
        assert!(reply(&capped).contains("1.55 EUR bonus"), "1.50 and 0.05: {}", reply(&capped));
        let balance_minor = balance(&node, "subscriber:38349123456").await;
        assert_eq!(balance_minor, 990 + 400 + 5_155);
        assert_eq!(node.store.clearing_minor("ekonomike").await.unwrap(), 900 + 400 + 5_000, "a bank pays no bonus");
        let key: AccountKey = "subscriber:38349123456".parse().unwrap();
        let lines = node.store.statement(&key, 10).await.unwrap();
        let sums: Vec<String> = lines
            .iter()
            .map(|line| format!("{} {} {}", line.other, line.amount, format_minor(line.balance_minor)))
            .collect();
        assert_eq!(
            sums,
            [
                "bonus:ussd 0.05 65.45",
                "bonus:autumn 1.50 65.40",
                "bank_clearing:ekonomike 50.00 63.90",
                "bank_clearing:ekonomike 4.00 13.90",
                "bonus:autumn 0.90 9.90",
                "bank_clearing:ekonomike 9.00 9.00",
            ]
        );
        node.turn_clock(6 * 3_600);
        let over = text(&node, ARTA, "50005", "049123456 10").await;
        assert!(!reply(&over).contains("bonus"), "23 November: {}", reply(&over));
        sound(&node).await;
    })
    .await;
}
