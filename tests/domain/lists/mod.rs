//! Lists of top-ups, on both databases: done together or not at all, answered once, and each item a top-up of its own
//! afterwards.

mod audited;
mod done;
mod refused;
mod reversed;

use std::sync::atomic::{AtomicU32, Ordering};

use mbush::config::Config;
use mbush::domain::{Applied, Outcome, Rules, UnknownSubscriber};
use mbush::processor::Answer;
use testkit::postgres::Postgres;

use crate::node::Node;

const PAYER: &str = "38349111222";
const FIRST: &str = "38349123456";
const SECOND: &str = "38344222333";
const THIRD: &str = "38345123456";

/// Customers send lists, a bank's machine does, and one form has a PIN.
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

[[form]]
name = "one"
text = "{msisdn} {amount}"

[[form]]
name = "several"
text = "<{msisdn} {amount}>"
example = "049123456 5, 044222333 10"

[[form]]
name = "meters"
text = "pay <{meter} {amount}>"
example = "pay 04123456784 5, 04000000002 5"

[[form]]
name = "machine"
text = "RB {reference} <{msisdn} {amount}>"
example = "RB A1 049123456 5, 044222333 10"
senders = ["MACHINE"]
"#;

const BONUS: &str = "[[bonus]]\nname = \"autumn\"\npercent = 10\namount_min = \"10.00\"\ncap = \"1.50\"\n\
                     from = \"2026-11-01\"\nuntil = \"2026-11-30\"\n";

/// Runs the test on SQLite, and on PostgreSQL if there is one, with this configuration.
async fn on_both<F: Future<Output = ()>>(rules: &str, test: impl Fn(Node) -> F) {
    let rules = format!("[subscribers]\nlanguage = \"en\"\n{rules}");
    let rules = Rules { unknown_subscriber: UnknownSubscriber::Create, ..Config::from_toml(&rules).unwrap().rules };
    test(Node::start_reading(BANK, |config| config.rules = rules.clone()).await).await;
    let Some(server) = Postgres::start() else { return };
    let node = Node::start_reading(BANK, |config| {
        config.rules = rules.clone();
        config.store.url = server.url.clone();
    });
    test(node.await).await;
}

/// One text of the payer under a key of its own.
async fn text(node: &Node, text: &str) -> Answer {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let key = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    node.text(&key, PAYER, "50001", text).await.unwrap()
}

/// Each top-up of an applied message.
fn each(answer: &Answer) -> Vec<Applied> {
    let Outcome::Applied(applied) = &answer.outcome else { panic!("{answer:?}") };
    applied.each().collect()
}

fn reply(answer: &Answer) -> &str {
    answer.reply.as_deref().unwrap_or_default()
}

/// Balances of the three numbers.
async fn balances(node: &Node) -> [i64; 3] {
    let mut balances = [0; 3];
    for (balance, digits) in balances.iter_mut().zip([FIRST, SECOND, THIRD]) {
        let key = format!("subscriber:{digits}").parse().unwrap();
        *balance = node.store.account(&key).await.unwrap().map_or(0, |account| account.balance_minor);
    }
    balances
}

async fn sound(node: &Node) {
    let audit = node.store.audit(&mut |_| {}).await.unwrap();
    assert_eq!(audit.offence, None);
}
