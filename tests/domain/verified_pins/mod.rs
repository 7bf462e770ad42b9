//! PINs of top-ups and of questions: verified before anything is done, by this program or by the bank, on both databases.

mod bank;
pub(crate) mod leaks;
mod own;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use mbush::config::Config;
use mbush::domain::{AccountKey, Outcome, Reason, Rules, UnknownSubscriber};
use mbush::processor::{Answer, BankPins, VerifiesPins};
use testkit::postgres::Postgres;

use crate::node::{Node, grammars_and};

const ARTA: &str = "38349111222";
const BESIM: &str = "38349333444";
const PIN: &str = "83649217";

/// A bank whose customers have PINs with us, and two that verify them.
const OWN: &str = "bank = \"own\"\nname = \"Own\"\nshort_codes = [\"50771\"]\nevidence = \"assumed\"\npin = \"subscriber\"\n\
                   [[form]]\nname = \"top-up\"\ntext = \"up {msisdn} {amount} {pin}\"\n\
                   [[form]]\nname = \"several\"\ntext = \"all <{msisdn} {amount}> {pin}\"\n\
                   example = \"all 049123456 5, 044222333 10 4711\"\n\
                   [[form]]\nname = \"product\"\ntext = \"tv {username} {pin}\"\nservice = \"tv\"\n\
                   [[form]]\nname = \"balance\"\ntext = \"rest {pin}\"\naction = \"balance\"\n\
                   [[form]]\nname = \"language\"\ntext = \"srpski {pin}\"\naction = \"language\"\nlanguage = \"sr\"\n";
const ASKED: &str = "bank = \"asked\"\nname = \"Asked\"\nshort_codes = [\"50772\"]\nevidence = \"assumed\"\npin = \"bank\"\n\
                     [[form]]\nname = \"top-up\"\ntext = \"up {msisdn} {amount} {pin}\"\n\
                     [[form]]\nname = \"balance\"\ntext = \"rest {pin}\"\naction = \"balance\"\n\
                     [[form]]\nname = \"loan\"\ntext = \"loan {amount} {pin}\"\naction = \"forward\"\nforward = \"loan\"\n";

/// A node with these grammars and these banks, and the URL of its database.
async fn node(url: Option<&str>, banks: Vec<(&str, Arc<dyn VerifiesPins>, Duration)>) -> (Node, String) {
    let rules = Config::from_toml(
        "[subscribers]\nlanguage = \"en\"\n[products]\nunknown = \"create\"\n[products.tv]\nprice = \"9.99\"\n",
    );
    let rules = Rules { unknown_subscriber: UnknownSubscriber::Create, ..rules.unwrap().rules };
    let mut database = String::new();
    let banks: Vec<_> = banks.into_iter().map(|(name, bank, wait)| (name.to_owned(), bank, wait)).collect();
    let node = Node::start_changed(
        |config| {
            config.rules = rules;
            config.store.url = url.map_or_else(|| config.store.url.clone(), str::to_owned);
            database.clone_from(&config.store.url);
        },
        |parts| {
            let set = grammars_and(&[("own.toml", OWN), ("asked.toml", ASKED)]);
            parts.grammars = Arc::new(ArcSwap::from_pointee(set));
            parts.bank_pins = BankPins::new(banks);
        },
    )
    .await;
    (node, database)
}

/// The databases that there are on this machine, each with the server that it ends with.
fn databases() -> Vec<(Option<String>, Option<Postgres>)> {
    let postgres = Postgres::start().map(|server| (Some(server.url.clone()), Some(server)));
    std::iter::once((None, None)).chain(postgres).collect()
}

/// One text under a key of its own.
async fn text(node: &Node, from: &str, to: &str, text: &str) -> Answer {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let key = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
    node.text(&key, from, to, text).await.unwrap()
}

/// A number with so many euros, and this PIN.
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

fn is_applied(answer: &Answer) -> bool {
    matches!(answer.outcome, Outcome::Applied(_))
}

async fn balance(node: &Node, account: &str) -> i64 {
    let key: AccountKey = account.parse().unwrap();
    node.store.account(&key).await.unwrap().map_or(0, |account| account.balance_minor)
}

async fn sound(node: &Node) {
    let audit = node.store.audit(&mut |_| {}).await.unwrap();
    assert_eq!(audit.offence, None);
}
