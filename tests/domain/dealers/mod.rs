//! Dealers, by the real processor on both databases: sales, stock, what goes back, and who may not.

mod debts;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::Utc;
use futures_util::future::join_all;
use mbush::config::Config;
use mbush::domain::{
    AccountKey, Clock, DealerName, Language, Msisdn, NumberingPlan, Outcome, Reason, ReasonCode, Receipt, Rules,
    UnknownSubscriber, wallet,
};
use mbush::jobs::dealers::DealerDays;
use mbush::jobs::staff;
use mbush::processor::{Answer, StaffOrders, StaffServices, Why};
use mbush::store::DealerAdded;
use mbush::text::templates::Templates;
use testkit::postgres::Postgres;
use testkit::wait::within;
use tokio_util::sync::CancellationToken;

use crate::node::Node;

const SHOP: &str = "38349700001";
const DISTRIBUTOR: &str = "38349700002";
const STRANGER: &str = "38349700003";
const PIN: &str = "4711";

const RULES: &str = "[dealers]\nlow_stock = \"20.00\"\nday_amount_max = \"1000.00\"\n\
    [[dealers.commission]]\nname = \"shop\"\nlevel = 0\npercent = 3\n\
    [[dealers.commission]]\nname = \"distributor\"\nlevel = 1\npercent = 1\n";

/// Phones of another operator are reached by a link of their own.
const ROUTES: &str = "[[routes]]\nprefix = \"38349123\"\nlink = \"vala\"\n[links.vala]\nkind = \"http\"\nsecret = \"s\"\n\
    url = \"http://127.0.0.1:9/\"\n";

/// On each database that there is on this machine.
async fn on_both<F: Future<Output = ()>>(rules: &str, test: impl Fn(Node) -> F) {
    test(node(rules, None).await).await;
    if let Some(server) = Postgres::start() {
        test(node(rules, Some(&server.url)).await).await;
    }
}

async fn node(rules: &str, url: Option<&str>) -> Node {
    let config = Config::from_toml(rules).unwrap();
    let rules = Rules { unknown_subscriber: UnknownSubscriber::Create, language: Some(Language::EN), ..config.rules };
    let node = Node::start_with(|config| {
        config.rules = rules;
        config.store.url = url.map_or_else(|| config.store.url.clone(), str::to_owned);
    })
    .await;
    for (name, below, phone) in [("agron", None, DISTRIBUTOR), ("shpija", Some("agron"), SHOP)] {
        let below = below.map(|below: &str| below.parse().unwrap());
        let added =
            node.store.add_dealer(&name_of(name), below.as_ref(), &[phone_of(phone)], "drita", Utc::now()).await;
        assert_eq!(added.unwrap(), DealerAdded::Done);
        let changed = text(&node, phone, &format!("pin 0000 {PIN}")).await;
        assert!(matches!(changed.outcome, Outcome::Informed { .. }), "{changed:?}");
    }
    node
}

fn name_of(name: &str) -> DealerName {
    name.parse().unwrap()
}

fn phone_of(phone: &str) -> Msisdn {
    phone.parse().unwrap()
}

fn wallet_of(phone: &str) -> AccountKey {
    AccountKey::subscriber(phone_of(phone))
}

fn staff(node: &Node) -> StaffOrders {
    staff_with(node, RULES)
}

fn staff_with(node: &Node, rules: &str) -> StaffOrders {
    StaffOrders::new(StaffServices {
        store: node.store.clone(),
        plan: Arc::new(NumberingPlan::kosovo().unwrap()),
        templates: Arc::new(Templates::builtin().unwrap()),
        rules: Config::from_toml(rules).unwrap().rules,
        clock: Clock::new(Utc::now),
        notify: None,
    })
}

/// The wallet paid for the sale; the phone that asked for it is a customer of banks as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_sale_that_staff_take_back_gives_the_dealers_phone_nothing_of_its_own_limit() {
    let rules = format!("[limits.payer]\nday_amount_max = \"20.00\"\n{RULES}");
    on_both(&rules, async |node| {
        stock(&node, "shpija", 5_000).await;
        let by_bank = async |key: &str, what: &str| node.text(key, SHOP, "50005", what).await.unwrap();
        assert!(matches!(by_bank("all", "049123456 20").await.outcome, Outcome::Applied(_)));
        let sold = text(&node, SHOP, &format!("049123457 20 {PIN}")).await;
        let Outcome::Applied(sale) = &sold.outcome else { panic!("{sold:?}") };
        let why = Why { by: "arta".into(), reason: ReasonCode::WrongNumber, note: String::new() };
        staff_with(&node, &rules).reverse(&Receipt::of(sale.transfer), &why).await.unwrap();
        let more = by_bank("more", "049123458 20").await;
        assert_eq!(reason(&more), Some(Reason::PayerDayAmount), "{more:?}");
        sound(&node).await;
    })
    .await;
}

/// The operator sells stock, by two people.
async fn stock(node: &Node, name: &str, minor: i64) {
    let staff = staff(node);
    let why = Why { by: "arta".into(), reason: ReasonCode::StockSold, note: String::new() };
    let proposed = staff.propose(&wallet(&name_of(name)), minor, &why).await.unwrap();
    staff.approve(proposed.id, "besim").await.unwrap();
}

/// One text under a key of its own.
async fn text(node: &Node, from: &str, text: &str) -> Answer {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let key = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
    node.text(&key, from, "124", text).await.unwrap()
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
async fn a_sale_moves_stock_to_a_number_and_pays_each_level() {
    on_both(RULES, async |node| {
        stock(&node, "agron", 50_000).await;
        let handed = text(&node, DISTRIBUTOR, &format!("stok 049700001 100 {PIN}")).await;
        assert!(
            reply(&handed).contains("100.00 EUR of stock were sent to 049700001. Your stock: 400.00 EUR"),
            "{handed:?}"
        );
        let sold = text(&node, SHOP, &format!("049123456 10 {PIN}")).await;
        let expected = "Sold: 10.00 EUR to 049123456. Commission: 0.30 EUR. Your stock: 90.30 EUR";
        assert!(reply(&sold).contains(expected), "{sold:?}");
        assert_eq!(balance(&node, "subscriber:38349123456").await, 1_000);
        assert_eq!((balance(&node, "dealer:shpija").await, balance(&node, "dealer:agron").await), (9_030, 40_010));
        let again = text(&node, SHOP, &format!("049123456 10 {PIN}")).await;
        assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "{again:?}");
        let told = node.store.outbox_of(&sold_key(&node).await).await.unwrap();
        assert!(
            told.iter().any(|sms| sms.sms.to == "38349123456" && sms.sms.text.contains("Your top-up is done")),
            "{told:?}"
        );
        sound(&node).await;
    })
    .await;
}

/// The message of the customer's latest top-up.
async fn sold_key(node: &Node) -> String {
    let key: AccountKey = "subscriber:38349123456".parse().unwrap();
    let entries = node.store.statement(&key, 1).await.unwrap();
    entries[0].cause.message().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_sell_hears_why_and_nothing_moves() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 1_000).await;
        let wrong = text(&node, SHOP, "049123456 5 4712").await;
        assert!(reply(&wrong).contains("Tries left: 2"), "{wrong:?}");
        for (from, written, expected) in [
            (SHOP, format!("049123456 11 {PIN}"), Reason::StockTooLow),
            (SHOP, format!("044123456 5 {PIN}"), Reason::OperatorNotOffered),
            (SHOP, "049123456 5".to_owned(), Reason::PinMissing),
            (SHOP, format!("stok 049700002 5 {PIN}"), Reason::DealerNotBelow),
            (SHOP, format!("stok 049123456 5 {PIN}"), Reason::DealerNotBelow),
            (SHOP, format!("kthe 049123456 5 {PIN}"), Reason::SaleUnknown),
            (STRANGER, format!("049123456 5 {PIN}"), Reason::DealerUnknown),
            (STRANGER, "pin 0000 4711".to_owned(), Reason::DealerUnknown),
            (DISTRIBUTOR, format!("049123456 5 {PIN}"), Reason::StockTooLow),
        ] {
            let answer = text(&node, from, &written).await;
            assert_eq!(reason(&answer), Some(expected), "{written}: {answer:?}");
        }
        assert_eq!(balance(&node, "subscriber:38349123456").await, 0);
        let order = staff::Order { action: staff::Action::Suspend, by: "drita", reason: "fraud", now: Utc::now() };
        let validity = Config::default().rules.validity;
        staff::act(&node.store, &validity, &wallet(&name_of("shpija")), order).await.unwrap();
        let blocked = text(&node, SHOP, &format!("049123456 5 {PIN}")).await;
        assert_eq!(reason(&blocked), Some(Reason::DealerBlocked), "{blocked:?}");
        assert_eq!(balance(&node, "dealer:shpija").await, 1_000);
        sound(&node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_sales_at_once_never_overdraw_a_wallet() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 3_000).await;
        let node = &node;
        let answers =
            join_all((0..100).map(|number| async move { text(node, SHOP, &format!("0491{number:05} 1 {PIN}")).await }))
                .await;
        let sold = answers.iter().filter(|answer| matches!(answer.outcome, Outcome::Applied(_))).count();
        let short = answers.iter().filter(|answer| reason(answer) == Some(Reason::StockTooLow)).count();
        assert_eq!(
            sold + short,
            100,
            "{:?}",
            answers.iter().find(|answer| reason(answer) != Some(Reason::StockTooLow))
        );
        // Each sale earns three minor units, which are stock again.
        let left = balance(node, "dealer:shpija").await;
        assert_eq!(left, 3_000 - 97 * i64::try_from(sold).unwrap());
        assert!((0..100).contains(&left), "{left}");
        sound(node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pin_locks_a_dealer_however_many_try_at_once() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 10_000).await;
        let node = &node;
        let guesses =
            (0..100).map(|guess| async move { text(node, SHOP, &format!("049123456 1 {}", 5_000 + guess)).await });
        let answers = join_all(guesses).await;
        let wrong = answers.iter().filter(|answer| reason(answer) == Some(Reason::PinWrong)).count();
        assert_eq!(wrong, 2, "the third wrong one is told that it is locked");
        let right = text(node, SHOP, &format!("049123456 1 {PIN}")).await;
        assert_eq!(reason(&right), Some(Reason::PinLocked), "{right:?}");
        assert_eq!(balance(node, "dealer:shpija").await, 10_000);
        sound(node).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_sale_to_a_number_goes_back_once() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 5_000).await;
        text(&node, SHOP, &format!("049123456 10 {PIN}")).await;
        let other = text(&node, SHOP, &format!("kthe 049123456 5 {PIN}")).await;
        assert_eq!(reason(&other), Some(Reason::SaleUnknown), "another amount: {other:?}");
        let undone = text(&node, SHOP, &format!("kthe 049123456 10 {PIN}")).await;
        let expected = "The sale of 10.00 EUR to 049123456 was taken back. Your stock: 50.00 EUR";
        assert!(reply(&undone).contains(expected), "{undone:?}");
        let entries = node.store.statement(&"subscriber:38349123456".parse().unwrap(), 1).await.unwrap();
        let told = node.store.outbox_of(entries[0].cause.message().unwrap()).await.unwrap();
        assert!(told.iter().any(|sms| sms.sms.to == "38349123456" && sms.sms.text.contains("taken back")), "{told:?}");
        let again = text(&node, SHOP, &format!("kthe 049123456 10 {PIN}")).await;
        assert_eq!(reason(&again), Some(Reason::AlreadyReversed), "{again:?}");
        assert_eq!(balance(&node, "subscriber:38349123456").await, 0);
        assert_eq!((balance(&node, "dealer:shpija").await, balance(&node, "dealer:agron").await), (5_000, 0));
        sound(&node).await;
    })
    .await;
    on_both(RULES, async |node| {
        stock(&node, "shpija", 5_000).await;
        text(&node, SHOP, &format!("049123456 10 {PIN}")).await;
        let key = wallet_of("38349123456");
        let why = Why { by: "arta".into(), reason: ReasonCode::Correction, note: String::new() };
        let staff = staff(&node);
        let proposed = staff.propose(&key, -1, &why).await.unwrap();
        staff.approve(proposed.id, "besim").await.unwrap();
        let used = text(&node, SHOP, &format!("kthe 049123456 10 {PIN}")).await;
        assert_eq!(reason(&used), Some(Reason::SaleUsed), "{used:?}");
        assert!(!reply(&used).contains("9.99"), "the shop is not told what its customer has: {used:?}");
    })
    .await;
    let never = format!("{}undo_minutes = 0\n", RULES.split_once("[[").unwrap().0);
    on_both(&never, async |node| {
        stock(&node, "shpija", 5_000).await;
        text(&node, SHOP, &format!("049123456 10 {PIN}")).await;
        let late = text(&node, SHOP, &format!("kthe 049123456 10 {PIN}")).await;
        assert_eq!(reason(&late), Some(Reason::UndoTooLate), "{late:?}");
        assert_eq!(balance(&node, "subscriber:38349123456").await, 1_000);
    })
    .await;
}

/// The customer of another operator cannot be reached by the link that the dealer texts by.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_sold_to_hears_of_it_by_the_route_of_the_number() {
    let rules = format!("{RULES}{ROUTES}");
    on_both(&rules, async |node| {
        stock(&node, "shpija", 3_000).await;
        let told = async |key: &str| {
            let out = node.store.outbox_of(key).await.unwrap();
            let mut told: Vec<(String, String)> = out.into_iter().map(|row| (row.sms.to, row.sms.link)).collect();
            told.sort_unstable();
            told
        };
        let row = |to: &str, link: &str| (to.to_owned(), link.to_owned());
        node.text("sale", SHOP, "124", &format!("049123456 12 {PIN}")).await.unwrap();
        let sold = [row("38349123456", "vala"), row(SHOP, "ipko"), row(SHOP, "ipko")];
        assert_eq!(told("ipko:sale").await, sold, "the customer; the dealer, whose stock runs low, too");
        node.text("undo", SHOP, "124", &format!("kthe 049123456 12 {PIN}")).await.unwrap();
        assert_eq!(told("ipko:undo").await, [row("38349123456", "vala"), row(SHOP, "ipko")]);
    })
    .await;
}

/// The job itself, as the server runs it: its link is used for phones of no route.
#[tokio::test(flavor = "multi_thread")]
async fn the_summary_of_a_day_goes_by_the_route_of_the_dealers_phone() {
    let summary = "[dealers]\nsummary_link = \"ipko\"\nsummary_sender = \"50001\"\nsummary_at = \"00:00:00\"\n";
    let links = "[links.ipko]\nkind = \"http\"\nsecret = \"t\"\nurl = \"http://127.0.0.1:9/\"\n";
    let routes = ROUTES.replace("38349123", SHOP).replace("[[routes]]", "[[routes]]\nshort_code = \"50001\"");
    let rules = RULES.replace("[dealers]\n", &format!("{links}{routes}{summary}"));
    on_both(&rules, async |node| {
        stock(&node, "shpija", 3_000).await;
        text(&node, SHOP, &format!("049123456 12 {PIN}")).await;
        let config = Config::from_toml(&rules).unwrap();
        let templates = Arc::new(Templates::builtin().unwrap());
        let job = DealerDays::new(node.store.clone(), config.dealers, config.rules, templates, node.clock.clone());
        let stop = CancellationToken::new();
        let running = tokio::spawn(job.run(stop.clone()));
        let day = mbush::domain::calendar::day_of(node.clock.now());
        // The distributor has earned a commission; its number is of no route.
        for (phone, link) in [(SHOP, "vala"), (DISTRIBUTOR, "ipko")] {
            let key = format!("dealer-day:{day}:{phone}");
            let told = within("the summary", async {
                loop {
                    let rows = node.store.outbox_of(&key).await.unwrap();
                    if !rows.is_empty() {
                        break rows;
                    }
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            });
            let told = told.await;
            let sent: Vec<_> = told.iter().map(|row| [&row.sms.link, &row.sms.from, &row.sms.to]).collect();
            assert_eq!(sent, [[link, "50001", phone]]);
        }
        stop.cancel();
        running.await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dealer_is_told_when_stock_runs_low_and_in_the_evening_what_was_sold() {
    on_both(RULES, async |node| {
        stock(&node, "shpija", 3_000).await;
        let mut alerts = Vec::new();
        for (number, euros) in [("049123451", 5), ("049123452", 10), ("049123453", 1)] {
            text(&node, SHOP, &format!("{number} {euros} {PIN}")).await;
            let key: AccountKey = format!("subscriber:383{}", &number[1..]).parse().unwrap();
            let entries = node.store.statement(&key, 1).await.unwrap();
            let outbox = node.store.outbox_of(entries[0].cause.message().unwrap()).await.unwrap();
            alerts
                .push(outbox.iter().filter(|sms| sms.sms.to == SHOP && sms.sms.text.contains("stock is low")).count());
        }
        assert_eq!(alerts, [0, 1, 0], "by the sale that takes it below 20.00, and no other");
        let templates = Arc::new(Templates::builtin().unwrap());
        let clock = node.clock.clone();
        let rules = Rules { language: Some(Language::EN), ..Config::default().rules };
        let days = DealerDays::new(node.store.clone(), Config::default().dealers, rules, templates, clock);
        let now = node.clock.now();
        let sold = mbush::jobs::dealers::day_of(&node.store, &name_of("shpija"), now).await.unwrap();
        assert_eq!((sold.count, sold.sold_minor, sold.commission_minor), (3, 1_600, 48));
        assert_eq!(
            (days.tell("ipko", now).await.unwrap(), days.tell("ipko", now).await.unwrap()),
            (2, 0),
            "once; the distributor has earned something too"
        );
        let key = format!("dealer-day:{}:{SHOP}", mbush::domain::calendar::day_of(now));
        let told = node.store.outbox_of(&key).await.unwrap();
        assert_eq!(told[0].sms.text, "Sales today: 3, 16.00 EUR, commission 0.48 EUR. Your stock: 14.48 EUR.");
    })
    .await;
}
