//! Fields of a bank's own, from the text to the statement: stored with their message, concealed if they are secret, and
//! part of what makes two requests one.

use mbush::domain::{AccountKey, Body, FieldValue, Outcome};
use sqlx::Connection;
use testkit::postgres::Postgres;

use crate::node::Node;
use crate::verified_pins::leaks::found;

const PAYER: &str = "38349111222";
const BANK: &str = r#"
bank = "own"
name = "Own"
short_codes = ["50001"]
evidence = "assumed"

[fields.package]
words.weekly = { also = "w", price = 3 }
words.night = { price = 3 }

[fields.passcode]
digits = 6
secret = true

[[form]]
name = "package"
text = "{package} {msisdn} {passcode} {card:digits 4}[ {date}][ note {text}]"

[[form]]
name = "branch"
text = "pay {msisdn} {amount} {branch:word}"
"#;

async fn exercise(node: &Node) {
    let key = AccountKey::subscriber("38349123456".parse().unwrap());
    let text = "W 049123456 471147 0815 31.12.2026 note for 471147 Arben";
    let answer = node.text("1", PAYER, "50001", text).await.unwrap();
    assert!(matches!(answer.outcome, Outcome::Applied(_)), "{answer:?}");
    let [line] = &node.store.statement(&key, 9).await.unwrap()[..] else { panic!("one line") };
    let kept: Vec<String> = line.fields.iter().map(|field| format!("{}={}", field.name, field.value)).collect();
    assert_eq!(kept[..4], ["package=weekly", "passcode=****", "card=0815", "date=2026-12-31"]);
    assert!(matches!(line.fields.iter().next().unwrap().value, FieldValue::Text(_)));

    // Another remark or passcode, or other letters, are the same request; another package is not.
    let again = node.text("2", PAYER, "50001", "weekly 049123456 471148 0815 note soon").await.unwrap();
    assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "{again:?}");
    let other = node.text("3", PAYER, "50001", "night 049123456 471147 0815").await.unwrap();
    assert!(matches!(other.outcome, Outcome::Applied(_)), "{other:?}");
    let plain = node.store.statement(&key, 9).await.unwrap();
    assert_eq!(plain.iter().map(|line| line.fields.iter().count()).collect::<Vec<_>>(), [3, 5]);
}

#[tokio::test]
async fn fields_are_kept_and_secrets_are_not_on_sqlite() {
    let node = Node::start_reading(BANK, |_| {}).await;
    exercise(&node).await;
    let url = format!("sqlite://{}", node.folder().join("mbush.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let rows: Vec<(String,)> = sqlx::query_as("SELECT fields FROM message_fields UNION ALL SELECT body FROM inbox")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(rows.len(), 6, "{rows:?}");
    assert!(rows.iter().all(|(row,)| !row.contains("47114")), "{rows:?}");
    let bodies: Vec<Body> = rows.iter().filter_map(|(row,)| serde_json::from_str(row).ok()).collect();
    assert!(bodies.iter().all(|body| matches!(body, Body::Masked { .. })), "{bodies:?}");
}

#[tokio::test]
async fn fields_are_kept_on_postgres() {
    let Some(server) = Postgres::start() else { return };
    let node = Node::start_reading(BANK, |config| config.store.url = server.url.clone()).await;
    exercise(&node).await;
}

/// What reads ahead finds a row changed at the first attempt; the second one writes the fields too, once.
#[tokio::test]
async fn a_batch_with_fields_that_is_run_again_writes_them_once() {
    let node = Node::start_reading(BANK, |_| {}).await;
    let texts =
        (0..40).map(|number| (format!("c{number}"), format!("pay 049123456 {} branch{number}", 1 + number % 7)));
    let texts: Vec<(String, String)> = texts.collect();
    let answers =
        futures_util::future::join_all(texts.iter().map(|(key, text)| node.text(key, PAYER, "50001", text))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(answer) if matches!(answer.outcome, Outcome::Applied(_)))));
    let again = node.text("z", PAYER, "50001", "Pay 049123456 1 Branch0").await.unwrap();
    assert!(matches!(again.outcome, Outcome::Duplicate { .. }), "{again:?}");
    let key = AccountKey::subscriber("38349123456".parse().unwrap());
    assert!(node.store.statement(&key, 99).await.unwrap().iter().all(|line| line.fields.iter().count() == 1));
}

const DISCARDED: &str = r#"
bank = "own"
name = "Own"
short_codes = ["50001"]
evidence = "assumed"
languages = ["en"]

[fields.code]
digits = 8
secret = true

[[form]]
name = "balance"
text = "balance {code}"
action = "balance"
discard = ["code"]

[[form]]
name = "top-up"
text = "up {msisdn} {amount} {code}"
discard = ["code"]

[[form]]
name = "loan"
text = "loan {code} {text}"
action = "forward"
forward = "loan"
discard = ["code"]
reply = { en = "A loan for {{ text }}." }
"#;

/// Also not where the sender has repeated it, nor in the reply.
#[tokio::test]
async fn a_secret_that_is_discarded_is_stored_nowhere() {
    let servers = std::iter::once(None).chain(Postgres::start().map(Some));
    for server in servers {
        let mut url = String::new();
        let node = Node::start_reading(DISCARDED, |config| {
            config.store.url = server.as_ref().map_or_else(|| config.store.url.clone(), |server| server.url.clone());
            url.clone_from(&config.store.url);
        })
        .await;
        let up = node.text("1", PAYER, "50001", "up 049111222 5 83649217").await.unwrap();
        assert!(matches!(up.outcome, Outcome::Applied(_)), "{up:?}");
        let balance = node.text("2", PAYER, "50001", "balance 83649217").await.unwrap();
        assert!(matches!(balance.outcome, Outcome::Informed { .. }), "{balance:?}");
        node.text("3", PAYER, "50001", "loan 83649217 Asha 83649217").await.unwrap();
        assert_eq!(found(&url, "83649217").await, [] as [String; 0]);
        assert!(!found(&url, "A loan for Asha ********.").await.is_empty());
    }
}
