//! Accounts of kinds that a grammar declares, from the text to the statement: credited, known again, refused, reversed, held,
//! adjusted and suspended, and sound to the audit.

use std::sync::Arc;

use futures_util::future::join_all;
use mbush::domain::{
    AccountKey, AccountRules, ActionState, Amount, OtherAccount, Outcome, Reason, ReasonCode, Receipt,
    UnknownSubscriber,
};
use mbush::jobs::opening::{Opening, open};
use mbush::jobs::staff::{Action, Order, act};
use mbush::processor::{StaffOrders, StaffServices, Why};
use mbush::store::Span;
use mbush::text::templates::Templates;
use testkit::postgres::Postgres;

use crate::node::{Node, plan};

const PAYER: &str = "38349111222";
const BANK: &str = r#"
bank = "own"
name = "Own"
short_codes = ["50001"]
evidence = "assumed"

[fields.meter]
digits = 11
check = "luhn"
prefix = ["04"]
account = true

[fields.contract_number]
pattern = "[a-z]{2}[0-9]{2}"
example = "AB12"
account = "contract"

[[form]]
name = "meter"
text = "pay {meter} {amount}"

[[form]]
name = "contract"
text = "contract {contract_number} {amount}"
"#;

fn meter() -> AccountKey {
    OtherAccount::new("meter", "04123456784").key()
}

fn orders(node: &Node) -> StaffOrders {
    StaffOrders::new(StaffServices {
        store: node.store.clone(),
        plan: plan(),
        templates: Arc::new(Templates::builtin().unwrap()),
        rules: mbush::config::Config::default().rules,
        clock: node.clock.clone(),
        notify: None,
    })
}

fn why(by: &str) -> Why {
    Why { by: by.to_owned(), reason: ReasonCode::WrongNumber, note: String::new() }
}

async fn balance(node: &Node, key: &AccountKey) -> Option<(i64, i64)> {
    node.store.account(key).await.unwrap().map(|account| (account.balance_minor, account.held_minor))
}

async fn is_sound(node: &Node) {
    let audit = node.store.audit(&mut |_| {}).await.unwrap();
    assert_eq!(audit.offence, None);
}

async fn exercise(node: &Node) {
    let paid = node.text("1", PAYER, "50001", "pay 04123456784 5").await.unwrap();
    let Outcome::Applied(applied) = &paid.outcome else { panic!("{paid:?}") };
    assert_eq!((applied.beneficiary.to_string().as_str(), applied.own), ("meter:04123456784", false));
    let json = serde_json::to_value(&paid.outcome).unwrap();
    assert_eq!((json["account"].as_str(), json["valid_until"].as_str()), (Some("meter:04123456784"), None));
    let receipt = Receipt::of(applied.transfer);
    let words = format!("U paguan 5.00 EUR per meter 04123456784. Bilanci: 5.00 EUR. Nr. {receipt}. Faleminderit!");
    assert_eq!(paid.reply, Some(words));

    let again = node.text("2", PAYER, "50001", "PAY 04123456784 5,00").await.unwrap();
    assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "{again:?}");
    assert!(
        again.reply.as_deref().is_some_and(|reply| reply.starts_with("meter 04123456784: 5.00 EUR u paguan me ")),
        "{again:?}"
    );
    let other = node.text("3", PAYER, "50001", "pay 04000000002 5").await.unwrap();
    assert!(matches!(other.outcome, Outcome::Applied(_)), "{other:?}");
    let wrong = node.text("4", PAYER, "50001", "pay 04123456783 5").await.unwrap();
    assert_eq!(wrong.outcome.reason(), Some("field_invalid"));

    // Every spelling of a word is one account.
    for (key, text) in [("5", "contract ab12 5"), ("6", "contract AB12 6")] {
        let answer = node.text(key, PAYER, "50001", text).await.unwrap();
        assert!(matches!(answer.outcome, Outcome::Applied(_)), "{answer:?}");
    }
    assert_eq!(balance(node, &OtherAccount::new("contract", "ab12").key()).await, Some((1100, 0)));
    let account = node.store.account(&meter()).await.unwrap().unwrap();
    assert_eq!((account.balance_minor, account.valid_until), (500, None));
    is_sound(node).await;
    staffs(node, &receipt).await;
}

/// Orders of staff hold for it as for a number.
async fn staffs(node: &Node, receipt: &Receipt) {
    let orders = orders(node);
    let until = node.clock.now() + chrono::TimeDelta::days(1);
    let hold = orders.place_hold(&meter(), Amount::from_minor(200).unwrap(), until, &why("arta")).await.unwrap();
    assert_eq!(balance(node, &meter()).await, Some((500, 200)));
    let spent = orders.reverse(receipt, &why("arta")).await.unwrap_err();
    assert!(spent.to_string().contains("3.00"), "{spent}");
    orders.void_hold(hold.action, &why("arta")).await.unwrap();
    let proposal = orders.propose(&meter(), 150, &why("arta")).await.unwrap();
    assert_eq!(proposal.state, ActionState::Proposed);
    orders.approve(proposal.id, "blerim").await.unwrap();
    orders.reverse(receipt, &why("arta")).await.unwrap();
    assert_eq!(balance(node, &meter()).await, Some((150, 0)));
    let mut statement = node.store.statement_of(&meter(), Span::default()).await.unwrap();
    let page = statement.next_page().await.unwrap();
    let lines: Vec<(String, i64)> = page.iter().map(|line| (line.kind.to_string(), line.minor)).collect();
    assert_eq!(
        lines.iter().map(|(kind, minor)| (kind.as_str(), *minor)).collect::<Vec<_>>(),
        [("top_up", 500), ("adjustment", 150), ("reversal", -500)]
    );
    let rules = mbush::config::Config::default().rules.validity;
    let order = |action| Order { action, by: "arta", reason: "a fault", now: node.clock.now() };
    act(&node.store, &rules, &meter(), order(Action::Suspend)).await.unwrap();
    let refused = node.text("7", PAYER, "50001", "pay 04123456784 7").await.unwrap();
    assert_eq!(refused.outcome.reason(), Some(Reason::AccountSuspended.as_str()));
    assert!(
        refused.reply.as_deref().is_some_and(|reply| reply.starts_with("meter 04123456784: e pezulluar")),
        "{refused:?}"
    );
    act(&node.store, &rules, &meter(), order(Action::Reactivate { days: 0 })).await.unwrap();
    let taken = node.text("8", PAYER, "50001", "pay 04123456784 7").await.unwrap();
    assert!(matches!(taken.outcome, Outcome::Applied(_)), "{taken:?}");
    is_sound(node).await;
}

#[tokio::test]
async fn an_account_of_a_grammars_kind_is_topped_up_on_sqlite() {
    exercise(&Node::start_reading(BANK, |_| {}).await).await;
}

#[tokio::test]
async fn an_account_of_a_grammars_kind_is_topped_up_on_postgres() {
    let Some(server) = Postgres::start() else { return };
    exercise(&Node::start_reading(BANK, |config| config.store.url = server.url.clone()).await).await;
}

#[tokio::test]
async fn unknown_identifiers_are_refused_until_staff_open_them_if_the_settings_say_so() {
    let refuse = AccountRules { unknown: UnknownSubscriber::Refuse };
    let node = Node::start_reading(BANK, |config| {
        config.rules.accounts.insert("meter".to_owned(), refuse);
    });
    let node = node.await;
    let refused = node.text("1", PAYER, "50001", "pay 04123456784 5").await.unwrap();
    assert_eq!(refused.outcome.reason(), Some(Reason::AccountUnknown.as_str()));
    assert!(
        refused.reply.as_deref().is_some_and(|reply| reply.starts_with("Nuk e njohim meter 04123456784.")),
        "{refused:?}"
    );
    let contract = node.text("2", PAYER, "50001", "contract ab12 5").await.unwrap();
    assert!(matches!(contract.outcome, Outcome::Applied(_)), "the setting is of meters only: {contract:?}");
    let opening = Opening { by: "arta", reason: "installed", now: node.clock.now() };
    assert_eq!(open(&node.store, &[meter()], opening).await.unwrap(), [meter()]);
    let paid = node.text("3", PAYER, "50001", "pay 04123456784 5").await.unwrap();
    assert!(matches!(paid.outcome, Outcome::Applied(_)), "{paid:?}");
    is_sound(&node).await;
}

#[tokio::test]
async fn a_limit_of_what_one_account_takes_counts_by_identifier() {
    let limits = mbush::config::Config::from_toml("[limits.target]\nday_count_max = 1").unwrap().rules.limits;
    let node = Node::start_reading(BANK, |config| config.rules.limits = limits).await;
    let end = async |key: &str, text: &str| {
        let answer = node.text(key, PAYER, "50001", text).await.unwrap();
        answer.outcome.reason().map(str::to_owned)
    };
    assert_eq!(end("1", "pay 04123456784 5").await, None);
    assert_eq!(end("2", "pay 04000000002 5").await, None);
    assert_eq!(end("3", "pay 04123456784 6").await.as_deref(), Some("target_day_count"));
}

/// Many messages about few accounts at once, by two nodes that share the database.
async fn shared(change: impl Fn(&mut mbush::config::Config)) {
    let nodes = [Node::start_reading(BANK, &change).await, Node::start_reading(BANK, &change).await];
    let [store, processors] = [&nodes, &nodes];
    let answers = (0..60).map(|index: usize| {
        let node = &processors[index % 2];
        let meter = ["04123456784", "04000000002"][index / 2 % 2];
        let (key, from) = (format!("m{index}"), format!("383491112{index:02}"));
        async move { node.text(&key, &from, "50001", &format!("pay {meter} 2")).await.unwrap() }
    });
    for answer in join_all(answers).await {
        assert!(matches!(answer.outcome, Outcome::Applied(_)), "{answer:?}");
    }
    let mut sum = 0;
    for meter in ["04123456784", "04000000002"] {
        sum += balance(&store[0], &OtherAccount::new("meter", meter).key()).await.unwrap().0;
    }
    assert_eq!(sum, 60 * 200);
    is_sound(&store[0]).await;
}

#[tokio::test]
async fn two_nodes_credit_the_same_accounts_on_postgres() {
    let Some(server) = Postgres::start() else { return };
    shared(|config| config.store.url = server.url.clone()).await;
}

#[tokio::test]
async fn two_nodes_credit_the_same_accounts_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("shared.db").display());
    shared(|config| config.store.url = url.clone()).await;
}
